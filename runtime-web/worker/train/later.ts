// The parts of the training worker that are loaded on first use, in one file of their own.
export { avatarImages } from '../../training/avatars.ts';
export { pointsOf, slopesAt } from './points.ts';
export { restore } from './restore.ts';
export * from '../../training/loop-parts.ts';
export { batchOf } from './given-batch.ts';
export { sha256Of } from '../../training/sha256.ts';
export { packageZip, runZip } from './leave.ts';
export { startLoop } from './start.ts';
