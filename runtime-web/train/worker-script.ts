// The training worker's script, as a page finds it: the literal `new URL('…', import.meta.url)` is the form that all bundlers know.
import type { WorkerScript } from '../worker-link.ts';

/** The address of the parts of the worker that are loaded on first use; `assets` is the folder that a page names, or null. */
export function laterUrl(assets: URL | null): string {
  if (assets !== null) return new URL('train-later.js', assets).href;
  return new URL(new URL('./train-later.js', import.meta.url).href, location.href).href;
}

/** The script. */
export const trainWorker: WorkerScript = {
  name: 'train-worker.js',
  // Some bundlers' addresses lack the origin.
  bundledUrl: () => new URL(new URL('./train-worker.js', import.meta.url).href, location.href),
};
