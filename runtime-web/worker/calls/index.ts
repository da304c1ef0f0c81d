// Worker functions that only some pages use, in one lazily loaded chunk: it is fetched with the first request for any of them.
import { discriminate } from './discriminate.ts';
import { layers } from './layers.ts';
import { mapStyles, synthesise } from './mix-styles.ts';
import { restoreStep } from './restore.ts';
import { steerStep } from './steer.ts';
export { masksFor } from './masks.ts';

/** Functions of a loaded model and a request, by the name that `CallContext.ask` uses. */
export const workerCalls = { discriminate, layers, mapStyles, restoreStep, steerStep, synthesise };
