// The scripts of the workers for training and for pictures, as a page finds them: the literal `new URL('…', import.meta.url)` is the form that all bundlers know.
import type { WorkerScript } from '../worker-link.ts';

/** The folder that a page names for the package's files; null without. */
export function assetsUrl(assets: URL | string | undefined): URL | null {
  const base = globalThis.document?.baseURI ?? location.href;
  return assets === undefined ? null : new URL(String(assets).replace(/\/?$/, '/'), base);
}

/** The address of the parts of the worker that are loaded on first use; `assets` is the folder that a page names, or null. */
export function laterUrl(assets: URL | null): string {
  if (assets !== null) return new URL('train-later.js', assets).href;
  return new URL(new URL('./train-later.js', import.meta.url).href, location.href).href;
}

/** The script that trains. */
export const trainWorker: WorkerScript = {
  name: 'train-worker.js',
  // Some bundlers' addresses lack the origin.
  bundledUrl: () => new URL(new URL('./train-worker.js', import.meta.url).href, location.href),
};

/** The script that reads pictures. */
export const picturesWorker: WorkerScript = {
  name: 'train-pictures.js',
  bundledUrl: () => new URL(new URL('./train-pictures.js', import.meta.url).href, location.href),
};
