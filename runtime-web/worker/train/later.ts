// The parts of the training worker that are loaded on first use, in one file of their own.
export { avatarImages } from '../../training/avatars.ts';
export { trainingPoints } from '../../training/points.ts';
export { packageZip, runZip } from './leave.ts';
