// Inputs of parts that need the run's training images: the discriminator's batch-norm statistics and calibration, and an attribute
// classifier.
import { resolve } from 'node:path';
import { trainClassifier } from '../analysis/attributes/attribute-classifier.ts';
import type { Engine, NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { discriminatorStatistics } from '../frozen/discriminator-statistics.ts';
import { readLabelled } from '../frozen/read-labelled.ts';
import type { Job } from '../job.ts';
import {
  calibrateDiscriminator,
  generatedImages,
  type CalibrationResult,
  type RunNetworks,
} from '../run/calibrate-discriminator.ts';
import { openRunData, resolveData } from '../run/run-data.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import { readClassifier } from '../steering/open-steering.ts';
import type { SteeringNetworks } from '../steering/steering-step.ts';
import { freezeGenerator, insideOf } from '../training/architectures/table.ts';
import { held } from '../held.ts';

/** All inputs that parts may need from training images. */
export interface ImageInputs {
  readonly discriminator: DiscriminatorInputs;
  readonly classifier: SteeringNetworks['classifier'];
}

/** The inputs of a file that contains the discriminator. */
export interface DiscriminatorInputs extends CalibrationResult {
  /** Batch-norm statistics on real images: `LAYER/mean` and `LAYER/variance` [channels]. */
  readonly statistics: NamedHostTensors;
  /** `images` and their labels, real ones if possible, on which the file is compared with the checkpoint: its inputs by name. */
  readonly compared: NamedHostTensors;
}

/** A run and the place of its images. */
export interface ImageSource {
  readonly run: Pick<TrainedRun, 'config' | 'checkpoint' | 'conditioning'>;
  /** Path of the images, relative to the job's folder; null for the run's own. */
  readonly data: string | null;
  /** Path of the labels of its images for the classifier, relative to the job's folder; null for the run's own. */
  readonly labels: string | null;
  readonly job: Pick<Job, 'cwd' | 'warn' | 'progress' | 'signal'>;
}

/** Number of real images for the comparison of the discriminator's file. */
const comparedImages = 16;

/**
 * Measures the discriminator's statistics on `engine` and, with `isCalibrated`, its calibration. If the run's own images are not at hand,
 * a discriminator without batch norm stays uncalibrated. Throws UserError for other images that are missing or of another kind.
 */
export async function discriminatorInputs(
  { run, data, job: { cwd, warn, progress: progressIn, signal } }: ImageSource,
  engine: Engine,
  { isCalibrated }: { readonly isCalibrated: boolean },
): Promise<DiscriminatorInputs> {
  await using progress = held(progressIn('images'));
  const { config, conditioning, checkpoint } = run;
  const networksWith = (statistics: NamedHostTensors): RunNetworks => ({
    ...{ config, conditioning },
    generator: freezeGenerator(config, checkpoint.state, conditioning),
    discriminator: insideOf(config).freezeDiscriminator(config, checkpoint.state, statistics, conditioning),
  });
  const path = data === null ? null : resolveData({ cwd, warn }, data);
  const opened = await openRunData(run, {
    data: path,
    signal,
    warn,
    onProgress: ({ done, total }) => progress.show('decoding', done, total),
  }).catch((error: unknown) => {
    const isNeeded = data !== null || config.discriminatorNorm === 'batch';
    if (isNeeded || !(error instanceof UserError)) throw error;
    return error;
  });
  if (opened instanceof UserError) {
    const compared = await generatedImages(engine, networksWith({}), comparedImages);
    return { statistics: {}, compared, calibration: null, complaint: opened.message };
  }
  await using dataset = held(opened.dataset);
  if (opened.difference !== null) {
    const what = isCalibrated ? 'statistics and calibration' : 'statistics';
    warn(`warning: ${opened.difference}; the discriminator's ${what} come from these images`);
  }
  const statistics = await discriminatorStatistics(engine, run, dataset);
  const indices = Array.from({ length: comparedImages }, (_, i) => i % dataset.count);
  const compared = await readLabelled(dataset, indices, { config, conditioning });
  if (!isCalibrated) return { statistics, compared, calibration: null, complaint: null };
  const calibrated = await calibrateDiscriminator({
    ...{ engine, dataset, signal },
    networks: networksWith(statistics),
    data: path ?? config.data,
    onProgress: (done, total) => progress.show('calibrating', done, total),
  });
  return { statistics, compared, ...calibrated };
}

/**
 * Trains a classifier of the images' attributes for `steps` updates on `engine`, which holds its parameters afterwards. Throws
 * UserError for images that are missing or have no attributes.
 */
export async function attributeClassifier(
  { run, data, labels, job: { cwd, warn, progress: progressIn, signal } }: ImageSource,
  engine: Engine,
  steps: number,
): Promise<ImageInputs['classifier']> {
  await using progress = held(progressIn('updates'));
  const { dataset: images, difference } = await openRunData(run, {
    data: data === null ? null : resolveData({ cwd, warn }, data),
    labels: labels === null ? null : resolve(cwd, labels),
    signal,
    warn,
  });
  await using dataset = held(images);
  if (difference !== null) warn(`warning: ${difference}; the classifier is trained on these images`);
  const classifier = await trainClassifier({
    engine,
    dataset,
    seed: 0,
    steps,
    signal,
    hasCategories: true,
    onProgress: (done, total) => progress.show('a classifier', done, total),
  });
  return await readClassifier(classifier, engine);
}
