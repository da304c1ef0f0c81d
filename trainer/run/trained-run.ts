// Loads a run's checkpoint as inference-only networks for analysis.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import { networkNames } from '../config/networks.ts';
import { UserError } from '../errors.ts';
import { conditioningAt, findCheckpoint } from './find-checkpoint.ts';
import { instead } from '../model-package/draw-latents.ts';
import { freezeGenerator, networkFamilies, type Capability } from '../training/architectures/table.ts';
import type { FrozenGenerator } from '../frozen/frozen-networks.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openRunFolder, runFolderAt, type RunFolder } from './run-folder.ts';

/** A run at one checkpoint. */
export interface TrainedRun {
  readonly folder: RunFolder;
  readonly checkpoint: Checkpoint;
  readonly config: TrainConfig;
  /** The generator's inputs beside z. */
  readonly conditioning: Conditioning;
  readonly generator: FrozenGenerator;
  /** One complaint for each newer checkpoint that is unreadable. */
  readonly complaints: readonly string[];
}

/**
 * Opens the run at `path` (its folder, or the `model` folder in it) at a checkpoint (`step-000500`), or at the newest readable one.
 * Throws UserError if there is none, CheckpointError if it is unreadable.
 */
export async function openTrainedRun(
  path: string,
  checkpointName: string | null = null,
): Promise<TrainedRun> {
  const isInside = await exists(runFolderAt(dirname(path)).config);
  const { folder } = await openRunFolder(
    isInside && !(await exists(runFolderAt(path).config)) ? dirname(path) : path,
  );
  const { checkpoint, complaints } = await findCheckpoint(folder, checkpointName);
  const { config } = checkpoint.metadata;
  const conditioning = conditioningAt(checkpoint.metadata);
  const generator = freezeGenerator(config, checkpoint.state, conditioning);
  return { folder, checkpoint, config, conditioning, generator, complaints };
}

type RunConditioning = Pick<TrainedRun, 'folder' | 'conditioning'>;

/** Throws UserError for a run with a conditional generator; `what` names the feature that needs an unconditional one. */
export function refuseConditionalRun({ folder, conditioning }: RunConditioning, what: string): void {
  if (conditioning === null) return;
  throw new UserError(
    `${folder.path}: its generator takes ${conditioning.kind} beside z, and ${what} only works without; ` +
      `give a run that was trained with --condition none${instead(conditioning)}`,
  );
}

/** Throws UserError for a run whose discriminator receives labels, attributes or numbers; `what` names the feature that needs one without. */
export function refuseLabelDiscriminator({ folder, conditioning }: RunConditioning, what: string): void {
  if (conditioning === null || conditioning.kind === 'codes') return;
  throw new UserError(
    `${folder.path}: its discriminator is given ${conditioning.kind === 'classes' ? 'labels' : conditioning.kind} beside images, and ${what} only works without; ` +
      `give a run that was not trained with --condition ${conditioning.kind === 'classes' ? 'label' : conditioning.kind}`,
  );
}

/** Throws UserError for a run whose network family lacks `capability`; `what` names the feature that needs it. */
export function refuseWithout(
  capability: Capability,
  { folder, config }: Pick<TrainedRun, 'folder' | 'config'>,
  what: string,
): void {
  const able = networkNames.filter((name) => networkFamilies[name].capabilities.includes(capability));
  if (able.includes(config.network)) return;
  const titles = able.map((name) => networkFamilies[name].title).join(' or ');
  throw new UserError(
    `${folder.path}: its networks are those of ${config.network}, and ${what} only works with ${titles}'s; ` +
      `give a run that was trained with --network ${able.join(' or ')}`,
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
