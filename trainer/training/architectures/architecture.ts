// What training needs to know of a pair of networks: their parameters, how they compute in a step, what of them the state holds
// beside, and how the pictures are drawn that people see.
import type * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import type { LayerSummary, Normalise, ParameterSpecs } from '../../networks/network.ts';
import type { TensorSpec } from '../../graph/trace/graph.ts';

/** Images for D, with what a pass is given beside them. */
export interface Judged {
  readonly images: tf.Tensor;
  /** One-hot [b, classes], where D projects them; label maps are in the images. */
  readonly labels: tf.Tensor | null;
  /** The pass's dropout masks, by the block's name. */
  readonly masks: NamedTensors;
  /** The step's. */
  readonly inputs: NamedTensors;
}

/** Networks of one configuration, at one stage of growing. */
export interface Architecture {
  readonly generator: ParameterSpecs;
  readonly discriminator: ParameterSpecs;
  summarise(): { readonly generator: LayerSummary[]; readonly discriminator: LayerSummary[] };
  /** Parameters that a step moves, by name. */
  readonly trained: { readonly generator: readonly string[]; readonly discriminator: readonly string[] };
  /** Side of the images in a step. */
  readonly resolution: number;
  /** D's blocks that dropout masks go to. */
  readonly dropped: readonly { readonly name: string; readonly to: number }[];
  /** Width of D's last activation, [b, 4, 4, width]. */
  readonly lastWidth: number;
  readonly normaliseD: Normalise<tf.Tensor>;

  /** Inputs of a step that these networks alone have. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  drawInputs(random: Random, stepNumber: number): NamedHostTensors;
  /** Adam's count of updates at a step: 1 where it begins. */
  updateAt(stepNumber: number): number;
  /** The step's `real` as D is to see them. */
  realImages(inputs: NamedTensors): tf.Tensor;
  /** z with its condition, and the step's inputs → images [b, resolution, resolution, channels]. */
  generate(parameters: NamedTensors, z: tf.Tensor, inputs: NamedTensors): tf.Tensor;
  /** Logits [b] and D's last activation. */
  discriminate(
    parameters: NamedTensors,
    judged: Judged,
  ): { readonly logits: tf.Tensor; readonly last: tf.Tensor };

  /** What the state holds beside parameters, their moments and averages. */
  initialStatistics(random: Random): NamedHostTensors;
  /** Entries of the state that say where the networks stand, after a step with these inputs. */
  standing(inputs: NamedTensors): NamedTensors;
  /** z with its condition → images [b, size, size, channels] in [-1, 1], by the averaged weights and the statistics. */
  sample(state: NamedTensors, z: tf.Tensor): tf.Tensor;
  /** z with its condition → styles [b, latent], by the averaged weights; where there are styles. */
  map?(state: NamedTensors, z: tf.Tensor): tf.Tensor;
  /** How statistics are taken of the averaged generator, batch by batch, over so many latents at least. */
  readonly statistics: {
    readonly latents: number;
    measure(state: NamedTensors, z: tf.Tensor): NamedTensors;
    gather(): { add(outputs: NamedHostTensors): void; readonly all: NamedHostTensors };
  };
}
