// What the parts of a generator that few pages use are given by it, so that they bring along no code of their own for it. Each is
// a chunk that is fetched when a page asks for it the first time.
import type { Remote } from 'comlink';
import type { Latent, LatentSource } from './format/latents.ts';
import type { Model } from './format/model.ts';
import type { LoadedRole, WorkerApi } from './protocol.ts';

/** See above. */
export interface Surroundings {
  readonly model: Model;
  /** Aborts when the request's own signal does, or the generator is disposed of. */
  readonly signal: AbortSignal;
  /** The latent of a seed, or the one given. Throws RangeError or TypeError for what is neither. */
  latentOf(source: LatentSource): Latent;
  /** Asks the worker that holds one of the package's files, which is loaded when it is first needed. */
  ask<T>(role: LoadedRole, question: (api: Remote<WorkerApi>, id: number) => Promise<T>): Promise<T>;
}
