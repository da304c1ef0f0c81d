// The hidden layers of a network family: everything that the analyses and the files about them need.
import type * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import type { Alteration, FrozenDiscriminator } from '../../frozen/frozen-networks.ts';
import type { Window } from '../../networks/receptive-field.ts';

/** A hidden layer with output [...size, filters]. */
export interface HiddenLayer {
  readonly name: string;
  /** Rows and columns. */
  readonly size: readonly [number, number];
  readonly filters: number;
}

/** The two networks of a family, open to see. */
export interface Inside {
  /** G's layers between z and the image, from the smallest up, and D's from the image on; both without labels. */
  layers(config: TrainConfig): {
    readonly generator: readonly HiddenLayer[];
    readonly discriminator: readonly HiddenLayer[];
  };
  /** A state and z joined with its condition → images, nothing folded; `alter` replaces the activation of each hidden layer. */
  generate(
    config: TrainConfig,
    conditioning: Conditioning,
    state: NamedTensors,
    z: tf.Tensor,
    alter: Alteration,
  ): tf.Tensor;
  /**
   * A state and images → each hidden layer's output and `logits`, nothing folded; `given` holds D's statistics on real images, and the
   * images' labels under the name of that input (`labelsName`).
   */
  discriminate(
    config: TrainConfig,
    conditioning: Conditioning,
    state: NamedTensors,
    images: tf.Tensor,
    given: NamedTensors,
  ): NamedTensors;
  /** D for inference. Throws RangeError for a state or statistics that lack an entry. */
  freezeDiscriminator(
    config: TrainConfig,
    state: NamedHostTensors,
    statistics: NamedHostTensors,
    conditioning?: Conditioning,
  ): FrozenDiscriminator;
  /** The convolutions between the image and a layer of D, from the image on; null if each unit sees the whole image (attention). */
  windowsTo(config: TrainConfig, layer: string): readonly Window[] | null;
  /** State names of the kernels next to the image in D and in G; null for kernels of one pixel. */
  readonly kernels: { readonly seeing: string; readonly drawing: string } | null;
}
