// Options that several commands have.
import { oneOf, someText, wholeNumber } from '../config/rules.ts';
import { enlargingNames } from '../data/enlarge.ts';
import { engineNames } from '../engine/engine.ts';
import { option, toggle } from './options.ts';

const engines = oneOf('auto', ...engineNames);

/** `--engine`; 'auto' unless given. */
export const engineOption = option('--engine <name>', 'engine to compute on', engines, 'auto');

/** `--engine` of a command on a run; null for the engine that the run was trained on. */
export const runEngineOption = option(
  '--engine <name>',
  "engine to compute on; by default the run's",
  engines,
);

/** `--labels`: the labels of images with attributes; null for the run's, or those among the images. */
export const labelsOption = option(
  '--labels <file>',
  "attributes and numbers of the images of --data, or of the run's: a CSV or a dataset.json, as for train",
  someText,
);

/** `--checkpoint`, by name; null for the newest. */
export const checkpointOption = option(
  '--checkpoint <name>',
  'checkpoint of the run: best, or one such as step-000500; by default the newest',
  someText,
);

/** `--seed`; 0 unless given. */
export const seedOption = option(
  '--seed <n>',
  'random seed; the same seed gives the same result',
  wholeNumber(0, Number.MAX_SAFE_INTEGER),
  0,
);

/** `--scale`; 1 unless given. */
export const scaleOption = option('--scale <n>', 'enlarge images by this factor', wholeNumber(1, 64), 1);

/** `--resample`; nearest unless given. */
export const resampleOption = option(
  '--resample <name>',
  'enlarge with squares of one colour (nearest) or smoothly (lanczos)',
  oneOf(...enlargingNames),
  'nearest',
);

/** `--json`. */
export const jsonOption = toggle('--json', 'print one JSON line only');

/** `<model>`, for `--help`. */
export const modelArgument = 'a model package: its folder, the model.json in it, or the run that made it';

/** `<run>`, for `--help`. */
export const runArgument = 'a run folder, as made by train, or the model in it';
