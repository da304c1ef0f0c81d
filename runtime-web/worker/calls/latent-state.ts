// Latents that are being optimised, as they travel between page and worker: the worker itself keeps no state of an optimisation.

/** Latents with Adam's moments, [count, dim] each. */
export interface LatentState {
  readonly z: Float32Array<ArrayBuffer>;
  readonly first: Float32Array<ArrayBuffer>;
  readonly second: Float32Array<ArrayBuffer>;
}
