// The parts of a training that only some packages need: drawing augmentations' numbers, and rows of conditions.
export { augmentationDraws } from '../format/training/augmentation/draws.ts';
export { conditionFor } from '../format/condition.ts';
