// The entry `dcgan-viewer/element`, the script of the two-line embed: registers <dcgan-viewer>. The bundle imports the built `index.js`
// and holds no copy of it.
import { defineViewer } from './index.ts';

defineViewer();
export * from './index.ts';
export type * from './viewer/elements.ts';
