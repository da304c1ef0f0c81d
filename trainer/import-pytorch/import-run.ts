// Makes a run of weights that were trained elsewhere: the run's state before its first step, with the optimiser reset. It has no
// training images until it is resumed with some.
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Origin } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/fields.ts';
import { findPreset, resolveOverDefault } from '../config/presets.ts';
import { Gathered } from '../run/gather.ts';
import { noData } from '../data/no-data.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { temporaryEnding } from '../files/atomic-file.ts';
import { describeFile } from '../files/describe-file.ts';
import { onDisk } from '../files/disk.ts';
import { slotNames } from '../training/state.ts';
import { planTraining } from '../training/plan.ts';
import { checkpointName, loadCheckpoint, saveCheckpoint, type Checkpoint } from '../run/checkpoint.ts';
import { runFolderAt, writeConfig, type RunFolder } from '../run/run-folder.ts';
import { runSeeds } from '../../runtime-web/format/training/seeds.ts';
import { readDiscriminator, readGenerator } from './dcgan-weights.ts';
import { openWeights } from './open-weights.ts';
import type { WeightFile } from './weight-file.ts';
import { held } from '../held.ts';

/** The state dicts that can be imported: names for `--architecture`. */
export const architectures = ['pytorch-dcgan'] as const;

/** The files to import, and the place of the run. */
export interface ImportOptions {
  readonly architecture: (typeof architectures)[number];
  readonly generator: string;
  /** Null: the discriminator is drawn at random. */
  readonly discriminator: string | null;
  /** The run folder; must be missing or empty. */
  readonly out: string;
}

/** A run at its beginning. */
export interface ImportedRun {
  readonly folder: RunFolder;
  readonly checkpoint: Checkpoint;
}

/** Imports weights into a new run folder. Throws UserError, with nothing written, for files that do not fit or a folder in use. */
export async function importRun(options: ImportOptions): Promise<ImportedRun> {
  const { architecture, generator: path, discriminator, out } = options;
  await checkEmpty(out);
  await using file = held(await openWeights(path));
  const { sizes, tensors } = await readGenerator({ path, tensors: file.tensors });
  const config = resolveOverDefault([
    { source: 'preset dcgan-64', values: findPreset('dcgan-64').values },
    { source: path, values: { ...sizes, data: noData } },
  ]);
  const imported = { ...tensors, ...(discriminator && (await discriminatorIn(discriminator, sizes))) };
  const origin: Origin = {
    format: file.format,
    files: await Promise.all([path, ...(discriminator === null ? [] : [discriminator])].map(describeFile)),
    producer: null,
    settings: { architecture },
  };
  return await writeRun(out, config, beginningOf(config, imported), origin);
}

async function discriminatorIn(
  path: string,
  sizes: Parameters<typeof readDiscriminator>[1],
): Promise<NamedHostTensors> {
  await using file: WeightFile & AsyncDisposable = held(await openWeights(path));
  return await readDiscriminator({ path, tensors: file.tensors }, sizes);
}

/** The state before the first step. The average of the generator's weights begins with the imported ones. */
function beginningOf(config: TrainConfig, imported: NamedHostTensors): NamedHostTensors {
  const initial = planTraining(config).initialState(new Random(runSeeds(config).weightSeed));
  const state = { ...initial, ...imported };
  for (const name of Object.keys(imported)) {
    const average = slotNames.average(name);
    if (average in initial) state[average] = imported[name]!;
  }
  return state;
}

/** Throws UserError unless the folder is missing or empty. */
async function checkEmpty(out: string): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new UserError(
      `--out ${out}: ${error.code === 'ENOTDIR' ? 'is a file' : `cannot be read (${error.code})`}; give a new folder`,
    );
  });
  if (entries.length > 0)
    throw new UserError(`--out ${out}: holds files already (${entries[0]}); give a new folder`);
}

/** Writes the run under a temporary name beside `out`, then renames it. */
async function writeRun(
  out: string,
  config: TrainConfig,
  state: NamedHostTensors,
  origin: Origin,
): Promise<ImportedRun> {
  const temporary = runFolderAt(`${out}.${process.pid}${temporaryEnding}`);
  const metadata = {
    ...{
      step: 0,
      images: 0,
      stepSeconds: 0,
      secondsElapsed: 0,
      rollbacks: 0,
      sampler: null,
      gathered: Gathered.from(undefined).saved,
    },
    random: new Random(runSeeds(config).noiseSeed).state,
    config,
    engine: {},
    dataset: {},
    origin,
  };
  await onDisk(
    `the run ${out}`,
    () => 'nothing was imported; give another --out',
    async () => {
      try {
        await mkdir(temporary.samples, { recursive: true });
        await mkdir(temporary.checkpoints);
        await writeConfig(temporary, config);
        await saveCheckpoint(temporary.checkpoints, state, metadata, config.keepCheckpoints);
        await mkdir(dirname(out), { recursive: true });
        await rmdir(out).catch(() => undefined);
        await rename(temporary.path, out);
      } finally {
        await rm(temporary.path, { recursive: true, force: true });
      }
    },
  );
  const folder = runFolderAt(out);
  return { folder, checkpoint: await loadCheckpoint(join(folder.checkpoints, checkpointName(0))) };
}
