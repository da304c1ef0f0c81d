// From a run folder to a model package: which checkpoint, and what its model.json says of how it came about.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { TrainingRecord } from '../../runtime-web/format/model.ts';
import type { Engine } from '../engine/engine.ts';
import { classNamesOf } from '../run/find-checkpoint.ts';
import type { Checkpoint, CheckpointMetadata } from '../run/checkpoint.ts';
import { configText, type RunFolder } from '../run/run-folder.ts';
import { conditioningOf } from '../config/conditioning.ts';
import { methodName } from '../config/method-name.ts';
import type { SteeringNetworks } from '../steering/steering-step.ts';
import { stageOf } from '../networks/growth.ts';
import { planTraining } from '../training/plan.ts';
import { exportModel, type ExportedModel } from './export-model.ts';
import type { DiscriminatorExtras } from './parts/masked.ts';

/** What {@link exportRun} takes. */
export interface ExportRunOptions {
  readonly folder: RunFolder;
  readonly checkpoint: Checkpoint;
  /** Draws the reference; is left holding the checkpoint's state. */
  readonly engine: Engine;
  /** The package's folder; default: `model` in the run folder. */
  readonly out?: string;
  readonly withActivations?: boolean;
  readonly withMasks?: boolean;
  readonly withDiscriminator?: boolean;
  readonly withRestoring?: boolean;
  readonly steering?: SteeringNetworks['classifier'] | null;
  readonly discriminator?: DiscriminatorExtras | null;
  readonly signal: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** Makes the model package of one checkpoint. Throws as {@link exportModel} does. */
export function exportRun(options: ExportRunOptions): Promise<ExportedModel> {
  const { folder, checkpoint, out = folder.model, ...rest } = options;
  const { config } = checkpoint.metadata;
  return exportModel({
    ...rest,
    config,
    plan: planTraining(
      config,
      conditioningOf(config, classNamesOf(checkpoint.metadata)),
      stageOf(checkpoint.state, config.imageSize),
    ),
    state: checkpoint.state,
    name: basename(folder.path).replace(/^\d{5,}-/, ''),
    training: trainingRecord(checkpoint.metadata),
    out,
  });
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
