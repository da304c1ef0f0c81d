// The discriminator's logits of real images, for every network family. One that has learned its training images by heart gives them higher
// logits than other images of the kind (LOGAN, Hayes 2019).
import * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../data/dataset.ts';
import type { Engine, NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { readLabelled } from '../frozen/read-labelled.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { held } from '../held.ts';
import { growthName, stageOf } from '../networks/growth.ts';
import { besideImages } from '../networks/label-maps.ts';
import { networkOptions } from '../networks/options.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import { freezeDiscriminator } from '../training/architectures/freeze-discriminator.ts';
import { growthInput } from '../training/architectures/stylegan.ts';
import { networkFamilies } from '../training/architectures/table.ts';
import { shownLabels } from '../training/conditioning.ts';

/** Images of a dataset, by index. */
export interface Chosen {
  readonly dataset: Dataset;
  readonly indices: readonly number[];
}

/** The reason why a run has no discriminator that was trained with its generator; null if it has one. */
export function discriminatorMissing({ checkpoint: { state, metadata } }: TrainedRun): string | null {
  if (!Object.keys(state).some((name) => name.startsWith('discriminator/'))) {
    return 'the run has no discriminator';
  }
  const { origin, images } = metadata;
  return origin !== undefined && images === 0 && origin.files.length < 2
    ? 'the run was imported without its discriminator (import --discriminator takes the file of its weights)'
    : null;
}

/**
 * D's logits of `training` and of `heldOut` images. Its batch-norm statistics, if it has any, are those of the training images. A
 * style-based D compares the images of a batch, so each real image is scored beside the same three generated ones, `beside` [3, h, w, c] bytes in
 * [-1, 1]. Throws UserError for images without the labels that D receives, the signal's reason when aborted.
 */
export async function discriminatorScores(
  engine: Engine,
  run: TrainedRun,
  {
    training,
    heldOut,
    beside,
    signal,
    onProgress,
  }: {
    readonly training: Chosen;
    readonly heldOut: Chosen;
    readonly beside: HostTensor;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number) => void;
  },
): Promise<{ readonly training: Float32Array; readonly heldOut: Float32Array }> {
  const { config, conditioning } = run;
  const { parameters, logits, batch } = await scorerOf(engine, run, training.dataset, beside);
  await engine.writeState(parameters);
  const inputsAt = ({ dataset, indices }: Chosen, first: number): Promise<NamedHostTensors> =>
    readLabelled(
      dataset,
      Array.from({ length: batch }, (_, i) => indices[Math.min(first + i, indices.length - 1)]!),
      { config, conditioning },
    );
  await using compiled = held(
    await engine.compile(
      (state, { images, ...given }) => ({
        outputs: { logits: logits(state, images!, shownLabels(conditioning, given)) },
      }),
      await inputsAt(training, 0),
    ),
  );
  let done = 0;
  const scoresOf = async (chosen: Chosen): Promise<Float32Array> => {
    const count = chosen.indices.length;
    const scores = new Float32Array(count);
    for (let first = 0; first < count; first += batch) {
      signal.throwIfAborted();
      const found = (await compiled.run(await inputsAt(chosen, first)))['logits']!.data as Float32Array;
      scores.set(found.subarray(0, Math.min(batch, count - first)), first);
      done += Math.min(batch, count - first);
      onProgress(done);
    }
    if (!scores.every(Number.isFinite)) {
      throw new UserError("the discriminator's logits are not finite numbers; give an earlier --checkpoint");
    }
    return scores;
  };
  return { training: await scoresOf(training), heldOut: await scoresOf(heldOut) };
}

interface Scorer {
  readonly parameters: NamedHostTensors;
  /** Number of images that it takes at once. */
  readonly batch: number;
  readonly logits: (state: NamedTensors, images: tf.Tensor, labels: tf.Tensor | null) => tf.Tensor;
}

async function scorerOf(
  engine: Engine,
  run: TrainedRun,
  dataset: Dataset,
  beside: HostTensor,
): Promise<Scorer> {
  const { config, conditioning, checkpoint } = run;
  const family = networkFamilies[config.network];
  if (family.inside !== null) {
    const { parameters, layers } = await freezeDiscriminator(engine, run, dataset);
    const logits: Scorer['logits'] = (state, images, labels) => layers(state, images, { labels })['logits']!;
    return { parameters, batch: 20, logits };
  }
  const networks = family.architecture(config, conditioning, stageOf(checkpoint.state, config));
  const names = networks.trained.discriminator;
  const { discriminator: options } = networkOptions(config, conditioning);
  const growth = checkpoint.state[growthName];
  const besideName = 'audit/beside';
  const parameters = {
    ...Object.fromEntries(names.map((name) => [name, checkpoint.state[name]!])),
    ...(growth !== undefined && { [growthName]: growth }),
    [besideName]: beside,
  };
  return {
    parameters,
    batch: 1,
    logits(state, images, labels) {
      const inputs = {
        real: tf.concat([images, state[besideName]!]),
        ...(growth !== undefined && { [growthInput]: state[growthName]! }),
      };
      // The generated images get the labels of the real one.
      const all = labels === null ? null : tf.tile(labels, [1 + beside.shape[0]!, 1]);
      const group = {
        images: besideImages(options, networks.realImages(inputs), all),
        labels: all,
        masks: {},
        inputs,
      };
      const D = Object.fromEntries(names.map((name) => [name, state[name]!]));
      return tf.slice(networks.discriminate(D, group).logits, [0], [1]);
    },
  };
}
