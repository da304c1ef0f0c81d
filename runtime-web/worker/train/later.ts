// The parts of the training worker that are loaded on first use, in one file of their own.
export { avatarImages } from '../../training/avatars.ts';
export { pointsOf, slopesAt } from './points.ts';
export { packageZip, runZip } from './leave.ts';
