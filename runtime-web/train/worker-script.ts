// The training worker's script, as a page finds it: the literal `new URL('…', import.meta.url)` is the form that all bundlers know.
import type { WorkerScript } from '../worker-link.ts';

/** The script. */
export const trainWorker: WorkerScript = {
  name: 'train-worker.js',
  // Some bundlers' addresses lack the origin.
  bundledUrl: () => new URL(new URL('./train-worker.js', import.meta.url).href, location.href),
};
