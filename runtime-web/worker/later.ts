// The parts of the worker that are loaded on first use, in one file of their own. The page gives its address, because bundlers find
// files from a page and not from a worker that is only copied.
export { masksFor } from './calls/masks.ts';
export { partOf } from './part-of.ts';
export { workerCalls } from './calls/index.ts';
export { fasterDevice } from './trial.ts';
