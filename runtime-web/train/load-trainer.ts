// Loads networks to train: checks the options, and opens a training in a worker.
import { WorkerError } from '../errors.ts';
import { orAborted } from '../or-aborted.ts';
import { keyOf } from './kept.ts';
import type { KnownOptions } from './known-options.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';
import { WorkerTrainer } from './worker-trainer.ts';

const usualMaxBytes = 512 * 2 ** 20;
const maxTimeout = 86_400;

/**
 * Loads the networks to train whose `model.json` is at `url`, as `dcgan export --trainable` makes them. Throws ModelLoadError for files that
 * cannot be fetched or differ from the published ones; ModelFormatError for an invalid `model.json` or state; RangeError for images
 * that do not fit, a training above `maxBytes`, and invalid options; DeviceUnavailableError where WebGPU was asked for and is missing;
 * WorkerError where no worker can be started; the signal's reason.
 */
export async function loadTrainer(url: string | URL, options: TrainerOptions = {}): Promise<Trainer> {
  const { device = 'auto', data = 'avatars', timeout = 60, maxBytes = usualMaxBytes } = options;
  if (!['auto', 'webgpu', 'wasm'].includes(device))
    throw new TypeError(`device: got ${device}, expected auto, webgpu or wasm`);
  if (!(timeout >= 1 && timeout <= maxTimeout))
    throw new RangeError(`timeout: got ${timeout}, expected a number from 1 to ${maxTimeout}`);
  if (!(maxBytes > 0)) throw new RangeError(`maxBytes: got ${maxBytes}, expected a number above 0`);
  if (data !== 'avatars' && !('avatars' in data) && !(data.images instanceof Uint8Array))
    throw new TypeError("data: expected 'avatars', { avatars: count } or { images: Uint8Array }");
  if (options.from !== undefined && options.state !== undefined)
    throw new TypeError(
      'from, state: got both, expected one: a training starts from weights, or goes on from a state',
    );
  if (options.freezeD !== undefined && options.from === undefined)
    throw new TypeError(`freezeD: got ${options.freezeD} without from, expected weights to start from`);
  return openTrainer(url, { ...options, device, data, timeout, maxBytes });
}

/** Opens a training of options that have been checked. Throws as {@link loadTrainer} does. */
export async function openTrainer(url: string | URL, options: KnownOptions): Promise<WorkerTrainer> {
  const { signal } = options;
  if (typeof Worker === 'undefined') throw new WorkerError('this browser has no workers');
  signal?.throwIfAborted();
  const trainer = new WorkerTrainer(keyOf(url), options);
  const opening = trainer.open();
  return orAborted(opening, signal, () => trainer.dispose());
}
