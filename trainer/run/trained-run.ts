// The networks of a run, frozen, as pure functions: what a generator and a discriminator have learned is asked of these.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { Permutation } from '../data/permutation.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../engine/engine.ts';
import { conditioningOf } from '../training/conditioning.ts';
import { UserError } from '../errors.ts';
import { classNamesOf, findCheckpoint } from '../export/export-run.ts';
import { foldDiscriminator } from '../frozen/fold.ts';
import { freezeGenerator } from '../frozen/freeze.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../frozen/frozen-networks.ts';
import { batchMoments, batchNorm } from '../networks/batch-norm.ts';
import { discriminate, discriminatorBlocks } from '../networks/discriminator.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openRunFolder, runFolderAt, type RunFolder } from './run-folder.ts';
import { LayerMoments } from '../networks/layer-moments.ts';
import { named } from '../training/step.ts';

/** A run's checkpoint. */
export interface TrainedRun {
  readonly folder: RunFolder;
  readonly checkpoint: Checkpoint;
  readonly config: TrainConfig;
  /** What its generator takes beside z. */
  readonly conditioning: Conditioning;
  readonly generator: FrozenGenerator;
  /** Newer checkpoints that could not be read, one complaint each. */
  readonly complaints: readonly string[];
}

/**
 * Opens the run at `path` (its folder, or the `model` in it) at a checkpoint (`step-000500`), or the newest. Throws
 * UserError where there is none, CheckpointError where it cannot be read.
 */
export async function openTrainedRun(
  path: string,
  checkpointName: string | null = null,
): Promise<TrainedRun> {
  const isInside = await isThere(runFolderAt(dirname(path)).config);
  const { folder } = await openRunFolder(
    isInside && !(await isThere(runFolderAt(path).config)) ? dirname(path) : path,
  );
  const { checkpoint, complaints } = await findCheckpoint(folder, checkpointName);
  const { config } = checkpoint.metadata;
  const conditioning = conditioningOf(config, classNamesOf(checkpoint.metadata));
  const generator = freezeGenerator(config, checkpoint.state, conditioning);
  return { folder, checkpoint, config, conditioning, generator, complaints };
}

type RunConditioning = Pick<TrainedRun, 'folder' | 'conditioning'>;

/** Throws UserError for a run whose generator takes labels or codes, in the words of what cannot be done with one. */
export function refuseConditionalRun({ folder, conditioning }: RunConditioning, what: string): void {
  if (conditioning === null) return;
  throw new UserError(
    `${folder.path}: its generator takes ${conditioning.kind} beside z, and ${what} only works without; ` +
      'give a run that was trained with --condition none',
  );
}

/** Throws UserError for a run whose discriminator judges images by their labels, which a picture alone does not have. */
export function refuseLabelJudge({ folder, conditioning }: RunConditioning, what: string): void {
  if (conditioning?.kind !== 'classes') return;
  throw new UserError(
    `${folder.path}: its discriminator is given labels beside images, and ${what} only works without; ` +
      'give a run that was not trained with --condition label',
  );
}

/** Throws UserError for a run whose networks are not DCGAN's, in the words of what cannot be done with others. */
export function refuseStyleRun(
  { folder, config }: Pick<TrainedRun, 'folder' | 'config'>,
  what: string,
): void {
  if (config.network === 'dcgan') return;
  throw new UserError(
    `${folder.path}: its networks are those of ${config.network}, and ${what} only works with DCGAN's; ` +
      'give a run that was trained with --network dcgan',
  );
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** What of a run its networks are made of. */
type RunState = Pick<TrainedRun, 'config'> & { readonly checkpoint: Pick<Checkpoint, 'state'> };

/** Batches of real images that D's statistics are taken of. */
const statisticsBatches = 16;
const batch = 64;

/**
 * D of a run, its batch norm fixed to {@link discriminatorStatistics} (in training it goes by each batch). Throws RangeError
 * for a dataset of another size or kind of image.
 */
export async function freezeDiscriminator(
  engine: Engine,
  run: RunState,
  dataset: Dataset,
): Promise<FrozenDiscriminator> {
  const statistics = await discriminatorStatistics(engine, run, dataset);
  return foldDiscriminator(run.config, run.checkpoint.state, statistics);
}

/**
 * The mean and variance that each of D's normalised layers has over a thousand of the data's images, drawn from all of them (a
 * folder begins with one class alone): `LAYER/mean` and `LAYER/variance` [channels]. Throws RangeError for a dataset of another
 * size or kind of image.
 */
export async function discriminatorStatistics(
  engine: Engine,
  { config, checkpoint }: RunState,
  dataset: Dataset,
): Promise<NamedHostTensors> {
  const { imageSize, channels } = config;
  if (dataset.imageSize !== imageSize || dataset.channels !== channels) {
    throw new RangeError(
      `images: got ${dataset.imageSize} pixels and ${dataset.channels} channels, expected ${imageSize} and ${channels}`,
    );
  }
  const spec = { shape: [batch, imageSize, imageSize, channels], dtype: 'float32' } as const;
  if (config.discriminatorNorm !== 'batch') return {};
  const blocks = discriminatorBlocks(config).filter(({ isNormalised }) => isNormalised);
  const moments: StateFunction = (state, { images }) => {
    const outputs: Record<string, ReturnType<typeof batchNorm>> = {};
    discriminate(config, named(state, 'discriminator/'), images!, (layer, x, scale, offset) => {
      const { mean, variance } = batchMoments(x);
      outputs[`${layer}/mean`] = mean;
      outputs[`${layer}/variance`] = variance;
      return batchNorm(x, scale, offset);
    });
    return { outputs };
  };
  await engine.writeState(
    Object.fromEntries(
      Object.entries(checkpoint.state).filter(([name]) => name.startsWith('discriminator/')),
    ),
  );
  const compiled = await engine.compile(moments, { images: spec });
  const sums = new LayerMoments(
    blocks.map(({ name, to }) => ({ name, channels: to })),
    { mean: (layer) => `${layer}/mean`, variance: (layer) => `${layer}/variance` },
  );
  try {
    const pixels = new Uint8Array(batch * imageSize * imageSize * channels);
    const order = new Permutation(dataset.count, [0, 0]);
    for (let i = 0; i < statisticsBatches; i++) {
      const indices = Array.from({ length: batch }, (_, k) => order.at((i * batch + k) % dataset.count));
      await dataset.readInto(indices, pixels);
      const images = { ...spec, data: Float32Array.from(pixels, (value) => value / 127.5 - 1) };
      sums.add(await compiled.run({ images }));
    }
  } finally {
    await compiled.dispose();
  }
  return sums.all;
}
