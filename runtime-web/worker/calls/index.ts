// Worker functions that only some pages use; loaded with the first request for any of them (see later.ts).
import { discriminate } from './discriminate.ts';
import { layers } from './layers.ts';
import { mapStyles, synthesise } from './mix-styles.ts';
import { restoreStep } from './restore.ts';
import { steerStep } from './steer.ts';

/** Functions of a loaded model and a request, by the name that `CallContext.ask` uses. */
export const workerCalls = { discriminate, layers, mapStyles, restoreStep, steerStep, synthesise };
