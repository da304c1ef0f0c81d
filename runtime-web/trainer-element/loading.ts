// Loads the training of an element, with progress on its wall. A chunk of its own, fetched when a person presses Play.
import type { Choices } from './choices.ts';
import type { Display } from './display.ts';
import { Learning, type Watcher } from './learning.ts';
import { memoryFor } from './memory-question.ts';
import type { Prepared } from './packages.ts';
import type { Surface } from './surface.ts';

/** The parts of an element that loading uses. */
export interface LoadingHost {
  readonly surface: Surface;
  readonly choices: Choices;
  readonly display: Display;
}

/** The training, watched at the wall's seeds. Throws what `loadTrainer` throws, and MemoryQuestion. */
export async function loadLearning(
  { choices, display, surface }: LoadingHost,
  prepared: Prepared,
  signal: AbortSignal,
  watcher: Watcher,
): Promise<Learning> {
  const maxBytes = memoryFor(prepared, choices.allowedBytes);
  const { loadTrainer } = await import('../train/index.ts');
  const { url, data, images } = prepared;
  const state = choices.resumed?.state;
  const trainer = await loadTrainer(url, {
    ...{ data, state, signal, maxBytes, device: surface.read('device') },
    assets: surface.read('assets') || undefined,
    ...choices.start,
    ...(state === undefined && { seed: surface.read('seed') }),
    onProgress: (loaded) => {
      if (signal.aborted) return;
      display.showProgress(loaded.total === 0 ? 0 : loaded.loaded / loaded.total);
      surface.emit('progress', loaded);
    },
  });
  const seeds = Array.from({ length: surface.read('width') * surface.read('height') }, (_, i) => i);
  return new Learning(trainer, images, seeds, watcher);
}
