// Exports a run's checkpoint as a model package: derives the package's name and the training record of its model.json.
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../config/image-size.ts';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { TrainingRecord } from '../../runtime-web/format/model.ts';
import { classNamesOf, conditioningAt } from '../run/find-checkpoint.ts';
import type { Checkpoint, CheckpointMetadata } from '../run/checkpoint.ts';
import { configText, type RunFolder } from '../run/run-folder.ts';
import { methodName } from '../config/method-name.ts';
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import { growthPhases, levelOf, stageOf, type Stage } from '../networks/growth.ts';
import { planTraining } from '../training/plan.ts';
import { refuseUntrainable } from './trainable-record.ts';
import { exportModel, type ExportedModel, type ExportOptions } from './export-model.ts';

/** Options of {@link exportRun}. */
export interface ExportRunOptions extends Pick<
  ExportOptions,
  'engine' | 'add' | 'fromImages' | 'signal' | 'onProgress'
> {
  readonly folder: RunFolder;
  readonly checkpoint: Checkpoint;
  /** The files of networks to train on: none, those for a state from a seed, or with the checkpoint too. Default: none. */
  readonly trainable?: 'none' | 'seed' | 'state';
  /** The package's folder. Default: `model` in the run folder. */
  readonly out?: string;
}

/**
 * Makes the model package of one checkpoint, with a warning if its networks have not grown to their full size. Throws as
 * {@link exportModel} does.
 */
export async function exportRun(options: ExportRunOptions): Promise<ExportedModel> {
  const { folder, checkpoint, out = folder.model, trainable = 'none', ...rest } = options;
  const { config, origin = null } = checkpoint.metadata;
  if (trainable !== 'none') refuseUntrainable(config);
  const stage = stageOf(checkpoint.state, config);
  const exported = await exportModel({
    ...rest,
    config,
    plan: planTraining(config, conditioningAt(checkpoint.metadata), stage),
    state: checkpoint.state,
    name: basename(folder.path).replace(/^\d{5,}-/, ''),
    training: checkpoint.metadata.step === 0 && origin !== null ? null : trainingRecord(checkpoint.metadata),
    origin,
    ...(trainable !== 'none' && {
      trainable: { checkpoint: trainable === 'state' ? checkpoint.metadata : null },
    }),
    out,
  });
  const small = notGrown(stage, config);
  return small === null ? exported : { ...exported, warnings: [small, ...exported.warnings] };
}

/** The warning for networks that have not reached their full size; null if they have. */
function notGrown({ resolution, isFading }: Stage, config: TrainConfig): string | null {
  const full = imageShape(config);
  const now = sizeText(levelOf(config, resolution));
  if (now === sizeText(full) && !isFading) return null;
  const images = (growthPhases(config).at(-1)!.firstStep - 1) * imagesPerStep(config);
  return (
    `the networks have not grown to ${sizeText(full)} yet: ` +
    (isFading ? `layers for ${now} are fading in` : `the model's images are ${now}, enlarged`) +
    `; they have full size after ${images.toLocaleString('en')} images: train on with --resume, or again with a lower --grow-images`
  );
}

function trainingRecord({ config, dataset, engine, ...position }: CheckpointMetadata): TrainingRecord {
  const { name, count } = dataset;
  const classNames = classNamesOf({ dataset });
  return {
    method: methodName(config),
    dataset: {
      name: String(name ?? 'unknown'),
      images: Number.isSafeInteger(count) ? Number(count) : null,
      classes: classNames,
    },
    images: position.images,
    steps: position.step,
    seconds: Number(position.secondsElapsed.toFixed(3)),
    seed: config.seed,
    engine:
      [engine['engine'], engine['version']].filter((part) => part !== undefined).join(' on ') || 'unknown',
    configHash: createHash('sha256').update(configText(config)).digest('hex'),
  };
}
