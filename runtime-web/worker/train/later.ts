// The parts of the training worker that are loaded on first use, in one file of their own. It is also the script of the worker that draws
// the faces: pages serve no file more for it.
import { drawFaces, isDrawing } from './draw-faces.ts';

export { facesOf } from './faces.ts';
export { pointsOf, slopesAt } from './points.ts';
export { restore } from './restore.ts';
export * from '../../training/loop-parts.ts';
export { batchOf } from './given-batch.ts';
export { sha256Of } from '../../training/sha256.ts';
export { packageZip, runZip } from './leave.ts';
export { startLoop } from './start.ts';

if (isDrawing()) drawFaces();
