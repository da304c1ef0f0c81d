// `--from`: the checkpoint whose weights a new run starts from. A run saves its path and sha256, so that its configuration repeats it from
// the same weights or not at all; a run that has begun needs it no more.
import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import type { Conditioning, Origin } from '../../runtime-web/format/model.ts';
import type { ConfigLayer } from '../config/config.ts';
import { configKeys, fieldOf, type ConfigKey, type TrainConfig } from '../config/fields.ts';
import { methodName } from '../config/method-name.ts';
import { CheckpointError, UserError } from '../errors.ts';
import { describeFile } from '../files/describe-file.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { takeWeights, type TakenLayers } from '../../runtime-web/format/training/take-weights.ts';
import { loadCheckpoint, type Checkpoint } from './checkpoint.ts';
import { conditioningAt, findExported } from './find-checkpoint.ts';
import { modelWithoutRun } from './model-without-run.ts';
import { openRunFolder, runFolderAt } from './run-folder.ts';

/** A checkpoint to start from, found at a path that the user gave. */
export interface FoundStart {
  readonly checkpoint: Checkpoint;
  readonly sha256: string;
  /** One complaint for each checkpoint that would have been taken and is unreadable. */
  readonly complaints: readonly string[];
}

/** The state that a run starts with, and its source. */
export interface Start extends TakenLayers {
  readonly state: NamedHostTensors;
  /** `00001-avatars-dcgan-relativistic, step 900 (best)`. */
  readonly source: string;
  readonly origin: Origin;
}

/**
 * The checkpoint at `path`: that file, or of a run (its folder, or the model in it) the best one where there is one, else the newest.
 * Throws UserError for anything else, with the way to make a run of it where there is one, and CheckpointError for a damaged file.
 */
export async function findStart(path: string, hash: string | null): Promise<FoundStart> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) {
    const expected = hash === null ? '' : `, with --from-hash ${hash} to be sure that it is the same`;
    throw new UserError(
      `--from ${path}: there is no such run or checkpoint; give --from with its present path${expected}`,
    );
  }
  const isModel = basename(path) === modelFileName;
  if (facts.isDirectory() || isModel) {
    const folder = await runAt(isModel ? dirname(path) : path);
    const { checkpoint, complaints } = await findExported(folder, 'best');
    return { checkpoint, complaints, sha256: (await describeFile(checkpoint.path)).sha256 };
  }
  const checkpoint = await loadCheckpoint(path).catch((error: unknown) => {
    if (!(error instanceof CheckpointError)) throw error;
    throw new UserError(`--from ${error.message}; ${adviceFor(path)}`);
  });
  return { checkpoint, complaints: [], sha256: (await describeFile(path)).sha256 };
}

/** The run with this folder, or with this folder as its model. Throws UserError if there is none. */
async function runAt(path: string) {
  for (const root of [path, dirname(path)]) {
    const facts = await stat(runFolderAt(root).config).catch(() => null);
    const isWhole = root === path || basename(path) === basename(runFolderAt(root).model);
    if (facts !== null && isWhole) return (await openRunFolder(root)).folder;
  }
  const reason = await modelWithoutRun(path);
  if (reason !== null) {
    throw new UserError(
      `--from ${path}: ${reason} (a package has averaged weights, with batch norm folded into them, from which training cannot go on)`,
    );
  }
  await openRunFolder(path).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(`--from ${error.message}`) : error;
  });
  throw new UserError(`--from ${path}: not a run folder; give a folder that training has made`);
}

function adviceFor(path: string): string {
  return ['.pth', '.pt', '.bin', '.safetensors'].includes(extname(path).toLowerCase())
    ? 'give a checkpoint of a run; import makes a run of the PyTorch weights of a DCGAN, and --from takes that run'
    : "give a run's folder, or a .safetensors file of its folder checkpoints";
}

/** Settings that say nothing about the networks or their training, or that the new images decide. */
const ownSettings: ReadonlySet<ConfigKey> = new Set([
  'from',
  'fromHash',
  'fromMoments',
  'freezeD',
  'condition',
  'labelDiscriminator',
  'codes',
  'growFrom',
  'schedule',
  'learningRateEnd',
  'burnIn',
  'warmup',
  'seed',
]);

/**
 * The settings that a run takes from its start unless `later` layers set them: size, channels, networks, and the optimiser's unless they
 * choose another objective.
 */
export function settingsOf(
  { checkpoint: { path, metadata } }: FoundStart,
  later: readonly ConfigLayer[],
): ConfigLayer {
  const { config } = metadata;
  const given = (key: ConfigKey): unknown =>
    later.findLast(({ values }) => values[key] !== undefined)?.values[key];
  const hasObjective = given('objective') !== undefined && given('objective') !== config.objective;
  const keys = configKeys.filter((key) => {
    const { group } = fieldOf(key);
    if (key === 'imageSize' || key === 'channels') return true;
    if (ownSettings.has(key)) return false;
    return group === 'Networks' || (group === 'Objective and optimiser' && !hasObjective);
  });
  return {
    source: path,
    values: Object.fromEntries(keys.map((key) => [key, config[key]])),
    hasImplied: false,
  };
}

/** Throws UserError for a run that cannot take anything from its start, or whose file is another than its configuration says. */
export function checkStart(found: FoundStart, config: TrainConfig): void {
  const { path, metadata } = found.checkpoint;
  const { fromHash, network, channels } = config;
  if (fromHash !== null && fromHash !== found.sha256) {
    throw new UserError(
      `--from ${path}: its sha256 is ${found.sha256}, and the configuration asks for ${fromHash}: its run has trained on, or it is ` +
        'another file; give --from the checkpoint that was meant, or --from-hash none to take this one',
    );
  }
  if (network !== metadata.config.network) {
    throw new UserError(
      `--from ${path}: its networks are those of ${metadata.config.network}, and this run asks for ${network}; ` +
        `leave --network out, or give a run that was trained with --network ${network}`,
    );
  }
  if (channels !== metadata.config.channels) {
    throw new UserError(
      `--from ${path}: its images have ${metadata.config.channels} channels, and this run asks for ${channels}; ` +
        `give --channels ${metadata.config.channels}, or a run that was trained with --channels ${channels}`,
    );
  }
}

/** The start of a new run whose random state is `initial`. Throws UserError as {@link checkStart} does, and if no layer fits. */
export async function startFrom(
  config: TrainConfig & { readonly from: string },
  initial: { readonly state: NamedHostTensors; readonly conditioning: Conditioning },
): Promise<Start> {
  const found = await findStart(config.from, config.fromHash);
  checkStart(found, config);
  const { path, metadata, state: before } = found.checkpoint;
  const source = {
    state: before,
    config: metadata.config,
    conditioning: conditioningAt(metadata),
  };
  const start = takeWeights({ ...initial, config }, source, { hasMoments: config.fromMoments });
  if (start.share === 0) {
    throw new UserError(
      `--from ${path}: no layer of its networks fits (base width ${metadata.config.baseWidth}, kernel ${metadata.config.kernel}, ` +
        `here ${config.baseWidth} and ${config.kernel}); leave out what changes them, or train without --from`,
    );
  }
  const { origin } = metadata;
  return {
    ...start,
    source: sourceText(found),
    origin: {
      format: 'checkpoint',
      files: [await describeFile(path)],
      producer: 'dcgan',
      settings: {
        method: methodName(metadata.config),
        steps: metadata.step,
        images: metadata.images,
        dataset: String(metadata.dataset['name'] ?? 'none'),
        taken: Number(start.share.toFixed(4)),
        ...(origin && { importedFrom: origin.files.map(({ file }) => file).join(', ') }),
      },
    },
  };
}

function sourceText({ checkpoint: { path, metadata } }: FoundStart): string {
  const run = basename(dirname(dirname(path)));
  return `${run}, step ${metadata.step}${metadata.evaluation === undefined ? '' : ' (its best)'}`;
}

/** The fate of the layers (taken or new), in words. */
export function takenText({ taken, partly, fresh, share }: TakenLayers): string {
  const percent = share === 1 ? '100' : Math.min(99, share * 100).toFixed(0);
  const parts = [`taken: ${taken.length} layers (${percent}% of the parameters)`];
  if (partly.length > 0) parts.push(`in part: ${partly.join(', ')} (what differs is new)`);
  if (fresh.length > 0) parts.push(`new: ${fresh.join(', ')} (other shape)`);
  return parts.join('; ');
}
