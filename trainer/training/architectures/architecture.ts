// Interface between the training step and a pair of networks: parameter specs, forward passes, extra (non-trained) state such as
// batch-norm statistics, and the sampling path, which uses averaged weights (EMA).
import type * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from '../../../runtime-web/format/image-shape.ts';
import type { InputDraw } from '../../../runtime-web/format/training/draws.ts';
import type { StateEntry } from '../../../runtime-web/format/training/initial-state.ts';
import type { StatisticNames } from '../../../runtime-web/format/training/statistics.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import type { LayerSummary, Normalise, ParameterSpecs } from '../../networks/network.ts';

/** Inputs of one pass of D. */
export interface DiscriminatorInputs {
  readonly images: tf.Tensor;
  /** Classes, attributes or numbers [b, columns] for a projection discriminator; maps of them are channels of the images. */
  readonly labels: tf.Tensor | null;
  /** Dropout masks of the pass, by block name. */
  readonly masks: NamedTensors;
  /** All inputs of the step. */
  readonly inputs: NamedTensors;
}

/** The networks of one configuration, at one stage of growing. */
export interface Architecture {
  readonly generator: ParameterSpecs;
  readonly discriminator: ParameterSpecs;
  summarise(): { readonly generator: LayerSummary[]; readonly discriminator: LayerSummary[] };
  /** Names of the parameters that a step updates. */
  readonly trained: { readonly generator: readonly string[]; readonly discriminator: readonly string[] };
  /** D's layers that `freezeD` counts, from the image on: the names of the parameters of each. */
  readonly layersOfD: readonly (readonly string[])[];
  /** Size of the images in a step. */
  readonly size: ImageSize;
  /** D's blocks that take dropout masks, with their widths. */
  readonly dropped: readonly { readonly name: string; readonly to: number }[];
  /** Width of D's last activation, [b, base height, base width, width]. */
  readonly lastWidth: number;
  readonly normaliseD: Normalise<tf.Tensor>;

  /** Inputs of the step that only these networks take; they are drawn last. */
  readonly draws: readonly InputDraw[];
  /** Adam's count of updates at a step; 1 at the first step and after a reset of the optimiser. */
  updateAt(stepNumber: number): number;
  /** The step's `real` images at the resolution of this stage. */
  realImages(inputs: NamedTensors): tf.Tensor;
  /** z joined with its condition, and the step's inputs → images [b, height, width, channels]. */
  generate(parameters: NamedTensors, z: tf.Tensor, inputs: NamedTensors): tf.Tensor;
  /** Logits [b] and D's last activation. */
  discriminate(
    parameters: NamedTensors,
    inputs: DiscriminatorInputs,
  ): { readonly logits: tf.Tensor; readonly last: tf.Tensor };
  /**
   * A penalty of G (`PenaltyOfG` in `step.ts`) that `--path-length` weighs: z joined with its condition, and the step's
   * inputs. Absent without one.
   */
  penaltyOfG?(
    parameters: NamedTensors,
    state: NamedTensors,
    z: tf.Tensor,
    inputs: NamedTensors,
  ): { readonly penalty: tf.Scalar; readonly next: NamedTensors };

  /** All state entries besides parameters, their moments and averages. */
  readonly statisticsEntries: readonly StateEntry[];
  /** Non-trained state entries that each step sets, e.g. the current resolution and fade-in factor. */
  bookkeeping(inputs: NamedTensors): NamedTensors;
  /** z joined with its condition → images [b, height, width, channels] in [-1, 1], by the averaged weights and the statistics. */
  sample(state: NamedTensors, z: tf.Tensor): tf.Tensor;
  /** z joined with its condition → styles [b, latent], by the averaged weights; absent without styles. */
  map?(state: NamedTensors, z: tf.Tensor): tf.Tensor;
  /** Measures the averaged generator's statistics, batch by batch. */
  readonly statistics: {
    /** Minimum number of latents; 0 for a generator without statistics. */
    readonly latents: number;
    measure(state: NamedTensors, z: tf.Tensor): NamedTensors;
    /** The outputs of `measure`. */
    readonly names: StatisticNames;
  };
}
