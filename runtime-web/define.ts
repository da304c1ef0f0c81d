// The script of the two-line embed: registers <dcgan-viewer>.
import { defineViewer } from './viewer/viewer.ts';

defineViewer();
export * from './index.ts';
