// Networks with nothing left to train: what a method hands to the exporter, and what is asked what it has learned.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';

/** What becomes of a layer's activation [n, h, w, c] before the next layer gets it; the shape must stay. */
export type Alteration = (layer: string, activation: Tensor) => Tensor;

/** The two halves of a style-based generator. */
export interface FrozenStyles {
  /** Numbers in a style w. */
  readonly dim: number;
  /** The size of each layer that takes a style, in order. */
  readonly layers: readonly number[];
  /** The mean style [dim], which truncation goes towards. */
  readonly mean: readonly number[];
  /** z [n, latent], its condition behind it where it has one → w [n, dim]. */
  readonly map: (parameters: NamedTensors, z: Tensor) => Tensor;
  /** A style for each layer, [n, layers, dim] → images [n, size, size, channels] in [-1, 1]. */
  readonly synthesise: (parameters: NamedTensors, styles: Tensor) => Tensor;
}

/** Parameters by path-like name, and a pure function of them. */
export interface FrozenGenerator {
  readonly parameters: NamedHostTensors;
  /** z [n, latent], its condition behind it where it has one → images [n, size, size, channels] in [-1, 1]. Names no parameter but those above. */
  readonly generate: (parameters: NamedTensors, z: Tensor) => Tensor;
  /**
   * The same with what each layer gives, [n, h, w, c] by the layer's name, from the smallest up; `images` come last.
   * With `alter`, layers give what it makes of them.
   */
  readonly layers: (parameters: NamedTensors, z: Tensor, alter?: Alteration) => NamedTensors;
  /** Where it has styles. */
  readonly styles?: FrozenStyles;
}

/** Parameters by path-like name, and a pure function of them. */
export interface FrozenDiscriminator {
  readonly parameters: NamedHostTensors;
  /**
   * Images [n, size, size, channels] in [-1, 1] → what each block gives, [n, h, w, c] by its name, and `logits` [n].
   * `rectify` stands in the place of the rectifiers.
   */
  readonly layers: (
    parameters: NamedTensors,
    images: Tensor,
    rectify?: (x: Tensor) => Tensor,
  ) => NamedTensors;
}
