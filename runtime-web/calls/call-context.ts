// What the parts of a generator that few pages use are given by it, so that they bring along no code of their own for it. Each is
// a chunk that is fetched when a page asks for it the first time.
import type { Wanted } from '../format/condition.ts';
import type { Latent, LatentSource } from '../format/latents.ts';
import type { Model } from '../format/model.ts';
import type { ExtraName, ExtraRequest, ExtraResult, LoadedRole } from '../protocol.ts';

/** See above. */
export interface Surroundings {
  readonly model: Model;
  /** Aborts when the request's own signal does, or the generator is disposed of. */
  readonly signal: AbortSignal;
  /** The latent of a seed, or the one given. Throws RangeError or TypeError for what is neither. */
  latentOf(source: LatentSource): Latent;
  /** What the generator takes beside the z of pictures with these turns; null where it takes nothing. */
  condition(wanted: Wanted, turns: readonly number[]): Promise<Float32Array<ArrayBuffer> | null>;
  /** Loads one of the package's files before it is asked. */
  load(role: LoadedRole): Promise<unknown>;
  /**
   * Asks the worker that holds one of the package's files, which is loaded when it is first needed; it is refused there, with the
   * flag that adds it, where the package has none.
   */
  ask<K extends ExtraName>(
    role: LoadedRole,
    name: K,
    request: Omit<ExtraRequest<K>, 'id'>,
  ): Promise<ExtraResult<K>>;
}
