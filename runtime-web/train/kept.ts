// Trainings that the browser's storage keeps; the code for the storage is fetched with its first use.
import type { SavedTraining } from './saved-training.ts';

/** The address of a package as its key. */
export function keyOf(url: string | URL): string {
  return new URL(url, globalThis.document?.baseURI ?? location.href).href;
}

/**
 * The training of a package that this page's origin has kept; null if there is none, or the browser has no storage. With its `state` and
 * `data`, `loadTrainer` goes on where it stopped, up to ten seconds before the end.
 */
export async function savedTraining(url: string | URL): Promise<SavedTraining | null> {
  return (await import('./saved-training.ts')).readTraining(keyOf(url));
}

/** Forgets the training of a package. */
export async function forgetTraining(url: string | URL): Promise<void> {
  await (await import('./saved-training.ts')).removeTraining(keyOf(url));
}
