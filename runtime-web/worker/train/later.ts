// The parts of the training worker that are loaded on first use, in one file of their own.
export { avatarImages } from '../../training/avatars.ts';
export { pointsOf, slopesAt } from './points.ts';
export { decodeCheckpoint } from '../../training/decode-checkpoint.ts';
export { augmentationDraws, conditionFor } from '../../training/loop-parts.ts';
export { sha256Of } from '../../training/sha256.ts';
export { packageZip, runZip } from './leave.ts';
export { keepFrozen, startLoop } from './start.ts';
