// Trains a recipe of this program: the command line, stopped at each point of time and resumed, so that a checkpoint is kept there. The
// run counts its own seconds, and starting again is not among them.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { lookAtImages, openImageSet } from '../../../trainer/metrics/image-set.ts';
import { checkpointName, readCheckpointMetadata } from '../../../trainer/run/checkpoint.ts';
import { runFolderAt } from '../../../trainer/run/run-folder.ts';
import { childLines } from './child-lines.ts';
import { flagsOf, wordsOf, type OwnRecipe } from './table.ts';
import {
  imagesIn,
  pointSeconds,
  type RateJob,
  type Trained,
  type TrainedPoint,
  type TrainingJob,
} from './trained.ts';

/** The part of a job that determines its configuration. */
type Job = Pick<TrainingJob, 'set' | 'settings' | 'seed' | 'threads' | 'folder' | 'signal'>;

const program = join('dist', 'trainer', 'cli.js');

/** The last line of `train --json`. */
interface Ending {
  readonly event: 'done' | 'interrupted' | 'failed';
  readonly step: number;
  readonly images: number;
  readonly imagesPerSecond: number;
  readonly message?: string;
}

/** Trains and resolves to the points. Throws Error with the program's own words if it ends before the first point. */
export async function trainOwn(recipe: OwnRecipe, job: TrainingJob): Promise<Trained> {
  const { set, settings, rate, folder, signal, onProgress } = job;
  const length =
    rate === null ? {} : { minutes: null, images: imagesIn(rate, settings.minutes * 60), steps: null };
  const config = await writeConfig(recipe, job, length);
  const start = ['--config', config, '--out', folder, '--json'];
  let runDir: string | null = null;
  const steps: number[] = [];
  let ending: Ending | null = null;
  let failure: string | null = null;
  for (const [i, until] of pointSeconds(settings).entries()) {
    const isLast = i === settings.points - 1;
    const flags: readonly string[] = runDir === null ? start : ['--resume', runDir, '--json'];
    let timer: NodeJS.Timeout | null = null;
    let last = null as Ending | null;
    const { code, lastError } = await childLines(
      process.execPath,
      [program, 'train', ...flags],
      signal,
      (line, interrupt) => {
        if (line['event'] === 'started') runDir = line['runDir'] as string;
        else if (line['event'] === 'report') {
          const images = line['images'] as number;
          const seconds = rate === null ? (line['secondsElapsed'] as number) : images / rate;
          onProgress(seconds);
          if (isLast) return;
          if (rate === null) timer ??= setTimeout(interrupt, Math.max(0, until - seconds) * 1000);
          else if (seconds >= until) interrupt();
        } else if (['done', 'interrupted', 'failed'].includes(line['event'] as string)) {
          last = line as unknown as Ending;
        }
      },
    ).finally(() => clearTimeout(timer ?? undefined));
    if (last === null || last.event === 'failed' || (code !== 0 && last.event === 'done')) {
      failure = last?.message ?? (lastError || `train ended with ${code}`);
      break;
    }
    ending = last;
    if (steps.at(-1) !== ending.step) steps.push(ending.step);
    if (ending.event === 'done') break;
  }
  if (runDir === null || ending === null) throw new Error(failure ?? 'train was interrupted');
  const run = runFolderAt(runDir);
  const pointAt = async (step: number): Promise<TrainedPoint> => {
    const { secondsElapsed, images } = await readCheckpointMetadata(
      join(run.checkpoints, checkpointName(step)),
    );
    return {
      seconds: rate === null ? secondsElapsed : images / rate,
      images,
      async open() {
        const out = join(folder, 'models', String(step));
        const name = checkpointName(step).replace('.safetensors', '');
        const args = [program, 'export', run.path, '--checkpoint', name, '--out', out, '--json'];
        const { code, lastError } = await childLines(process.execPath, args, signal, () => undefined);
        if (code !== 0) throw new Error(`export of step ${step}: ${lastError}`);
        return openImageSet(await lookAtImages(out, signal), { ...set.shape, signal });
      },
    };
  };
  return {
    points: await Promise.all(steps.map(pointAt)),
    imagesPerSecond: rate ?? ending.imagesPerSecond,
    failure,
    facts: {
      run: run.path,
      flags: wordsOf(flagsOf(recipe, set.row, settings.width)).join(' '),
      config: JSON.parse(await readFile(run.config, 'utf8')) as unknown,
    },
    async clean() {
      await rm(join(folder, 'models'), { recursive: true, force: true });
      for (const step of steps.slice(0, -1)) await rm(join(run.checkpoints, checkpointName(step)));
    },
  };
}

/** Trains for some seconds and resolves to the images per second. Throws Error with the program's own words if it fails. */
export async function rateOfOwn(recipe: OwnRecipe, job: RateJob): Promise<number> {
  const config = await writeConfig(recipe, job, { minutes: job.seconds / 60 });
  let [images, seconds] = [0, 0];
  const args = [program, 'train', '--config', config, '--out', job.folder, '--json'];
  const { code, lastError } = await childLines(process.execPath, args, job.signal, (line) => {
    if (line['event'] !== 'report') return;
    [images, seconds] = [line['images'] as number, line['secondsElapsed'] as number];
  });
  if (code !== 0 || seconds === 0)
    throw new Error(lastError || `train ended with ${code} after ${job.seconds} s`);
  return images / seconds;
}

/**
 * Writes the complete configuration of a run and resolves to its path: what `train` makes of the recipe's flags and the minutes, with
 * `changed` values. Throws Error with the program's own words if it refuses the flags.
 */
async function writeConfig(recipe: OwnRecipe, job: Job, changed: Partial<TrainConfig>): Promise<string> {
  const { set, settings, seed, threads, folder, signal } = job;
  const flags = [
    ...wordsOf(flagsOf(recipe, set.row, settings.width)),
    ...['--data', set.data, '--minutes', String(settings.minutes), '--seed', String(seed)],
    ...['--engine', settings.engine, '--threads', String(threads)],
    ...['--evaluate-every', 'none', '--report-every', '5', '--sample-every', '1000000'],
    ...['--checkpoint-every', '1000000', '--keep-checkpoints', '1000', '--dry-run', '--json'],
  ];
  let config = null as TrainConfig | null;
  const { code, lastError } = await childLines(
    process.execPath,
    [program, 'train', ...flags],
    signal,
    (line) => {
      if (line['event'] === 'plan') config = line['config'] as TrainConfig;
    },
  );
  if (config === null) throw new Error(lastError || `train --dry-run ended with ${code}`);
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ ...(config as TrainConfig), ...changed }));
  return path;
}
