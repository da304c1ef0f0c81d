// Writes the files of networks to train into a package's folder, compares them with the training engine, and makes their record.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../runtime-web/format/model.ts';
import {
  trainingFiles,
  trainingRoles,
  type Trainable,
  type TrainingRole,
} from '../../runtime-web/format/training/trainable.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Engine, NamedHostTensors } from '../engine/engine.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { writeCheckpoint, type CheckpointMetadata } from '../run/checkpoint.ts';
import { networkFamilies } from '../training/architectures/table.ts';
import type { TrainingPlan } from '../training/plan.ts';
import { gateTraining } from './gates/training-gate.ts';
import { trainableRecord, withoutFolders } from './trainable-record.ts';
import { encodeTraining } from './training-files.ts';

/** Options of {@link writeTrainable}. */
export interface TrainableOptions {
  readonly config: TrainConfig;
  readonly plan: TrainingPlan;
  /** Computes the reference; it holds `state` before and after. Null: nothing is compared. */
  readonly engine: Engine | null;
  readonly state: NamedHostTensors;
  /** Name of the graph in each file. */
  readonly name: string;
  /** The metadata of the checkpoint that the package gets a copy of; null for a state that readers draw from a seed. */
  readonly checkpoint: CheckpointMetadata | null;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** Writes into `folder`. Throws ExportError if a file differs from the engine; the signal's reason when aborted. */
export async function writeTrainable(folder: string, options: TrainableOptions): Promise<Trainable> {
  const { config, plan, engine, state, name, checkpoint, onProgress } = options;
  onProgress('recording the training step');
  const files = await writeGraphs(folder, encodeTraining(plan, name));
  const { steering: tolerance } = networkFamilies[config.network].tolerances;
  const parity = engine === null ? [] : await gateTraining({ ...options, engine, files, tolerance });
  if (checkpoint !== null) {
    const place = join(folder, trainingFiles.state);
    await writeCheckpoint(place, state, { ...checkpoint, config: withoutFolders(config) });
    files.set('state', place);
  }
  return { files: await describeTraining(files), ...trainableRecord(config, plan), parity };
}

/** Writes graphs under the names of their roles; returns their paths. */
export async function writeGraphs(
  folder: string,
  graphs: ReadonlyMap<TrainingRole, Uint8Array>,
): Promise<Map<TrainingRole, string>> {
  const files = new Map<TrainingRole, string>();
  for (const [role, bytes] of graphs) {
    const place = join(folder, trainingFiles[role]);
    await writeAtomically(place, (file) => writeFully(file, bytes));
    files.set(role, place);
  }
  return files;
}

/** Name, length and sha256 of files by role. */
export async function describeTraining(
  files: ReadonlyMap<TrainingRole, string>,
): Promise<Partial<Record<TrainingRole, ModelFile>>> {
  const described: Partial<Record<TrainingRole, ModelFile>> = {};
  for (const role of trainingRoles) {
    const path = files.get(role);
    if (path !== undefined) described[role] = await describe(path, trainingFiles[role]);
  }
  return described;
}

async function describe(path: string, file: string): Promise<ModelFile> {
  const content = await readFile(path);
  return { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
