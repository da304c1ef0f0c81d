// The parts of a training that are loaded on first use: drawing augmentations' numbers, samples, D's verdicts, half steps, and the
// watch for a collapse, which begins with the first step.
export { augmentationDraws } from '../format/training/augmentation/draws.ts';
export { AveragedGenerator } from './averaged-generator.ts';
export { CollapseWatch } from './collapse-watch.ts';
export { entriesOf } from './entries-of.ts';
export { judged } from './judged.ts';
