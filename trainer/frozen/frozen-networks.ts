// Inference-only networks (batch norm folded, averaged weights): the input of the exporter and of the analyses.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';

/** Replaces a layer's activation [n, h, w, c] before the next layer receives it; must keep its shape. */
export type Alteration = (layer: string, activation: Tensor) => Tensor;

/** The two halves of a style-based generator. */
export interface FrozenStyles {
  /** Size of a style w. */
  readonly dim: number;
  /** Resolution of each layer with a style, in order. */
  readonly layers: readonly number[];
  /** The mean style [dim], the target of truncation. */
  readonly mean: readonly number[];
  /** z [n, latent], joined with its condition → w [n, dim]. */
  readonly map: (parameters: NamedTensors, z: Tensor) => Tensor;
  /** One style for each layer, [n, layers, dim] → images [n, size, size, channels] in [-1, 1]. */
  readonly synthesise: (parameters: NamedTensors, styles: Tensor) => Tensor;
}

/** A generator: parameters by path-like name, and pure functions of them. */
export interface FrozenGenerator {
  readonly parameters: NamedHostTensors;
  /** z [n, latent], joined with its condition → images [n, size, size, channels] in [-1, 1]. */
  readonly generate: (parameters: NamedTensors, z: Tensor) => Tensor;
  /**
   * The same, with every layer's activation [n, h, w, c] by layer name, from the smallest up; `images` come last. `alter`
   * replaces activations on the way.
   */
  readonly layers: (parameters: NamedTensors, z: Tensor, alter?: Alteration) => NamedTensors;
  /** Only for style-based generators. */
  readonly styles?: FrozenStyles;
}

/** Options of a frozen discriminator's pass. */
export interface FrozenDiscriminatorOptions {
  /** Labels, attributes or numbers [n, columns], for a discriminator that receives them. */
  readonly labels?: Tensor | null;
  /** Replaces the activation functions. */
  readonly rectify?: ((x: Tensor) => Tensor) | undefined;
}

/** A discriminator: parameters by path-like name, and a pure function of them. */
export interface FrozenDiscriminator {
  readonly parameters: NamedHostTensors;
  /**
   * Images [n, size, size, channels] in [-1, 1] → each block's output [n, h, w, c] by block name, and `logits` [n]. Throws RangeError if
   * a discriminator that projects labels lacks them.
   */
  readonly layers: (
    parameters: NamedTensors,
    images: Tensor,
    options?: FrozenDiscriminatorOptions,
  ) => NamedTensors;
}
