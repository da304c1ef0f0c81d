// Dependencies that a generator injects into its lazily loaded calls (restore, steer, …), so that those chunks stay small.
import type { Wanted } from '../format/condition.ts';
import type { Latent, LatentSource } from '../format/latents.ts';
import type { Model } from '../format/model.ts';
import type { LoadedRole } from '../protocol.ts';
import type { workerCalls } from '../worker/calls/index.ts';

type WorkerCalls = typeof workerCalls;
/** The name of a function that a call runs in the worker. */
export type WorkerCallName = keyof WorkerCalls;
/** The request of a worker function. */
export type WorkerCallRequest<K extends WorkerCallName> = Parameters<WorkerCalls[K]>[1];
/** The result of a worker function. */
export type WorkerCallResult<K extends WorkerCallName> = Awaited<ReturnType<WorkerCalls[K]>>;

/** Dependencies of one call, made anew for every request. */
export interface CallContext {
  readonly model: Model;
  /** Aborts when the request's own signal does, or when the generator is disposed of. */
  readonly signal: AbortSignal;
  /** The latent of a seed, or the given latent. Throws RangeError or TypeError for an invalid source. */
  latentOf(source: LatentSource): Latent;
  /**
   * The generator's second input, a row for each source: see `conditionFor`. The conditioning index is the source's seed, or 0 for
   * a latent. Null for a model without conditioning.
   */
  condition(wanted: Wanted, sources: readonly LatentSource[]): Promise<Float32Array<ArrayBuffer> | null>;
  /** Loads one of the package's files ahead of {@link ask}. Throws ModelLoadError where the package lacks it. */
  load(role: LoadedRole): Promise<unknown>;
  /**
   * Runs a function of worker/calls on one of the package's files, which is loaded on first use. Throws ModelLoadError, with the
   * export flag that adds the file, where the package lacks it.
   */
  ask<K extends WorkerCallName>(
    role: LoadedRole,
    name: K,
    request: WorkerCallRequest<K>,
  ): Promise<WorkerCallResult<K>>;
}
