// The rate of a recipe on a set, in images per second: measured in a short training on an idle machine and kept in a file, so that long
// trainings can be as long as their minutes would be, whatever else the machine does meanwhile.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../trainer/files/atomic-file.ts';
import { busyFraction, type Load } from './load.ts';
import type { Recipe } from './table.ts';
import { rateOfOwn } from './train-own.ts';
import { rateOfPeer } from './train-peer.ts';
import type { RateJob, Settings } from './trained.ts';

/** The settings that decide a rate. */
const keys = ['minutes', 'width', 'threads', 'engine'] as const satisfies readonly (keyof Settings)[];

/** A measured rate. */
export interface Rate {
  readonly imagesPerSecond: number;
  /** Seconds of training that it was measured over. */
  readonly seconds: number;
  readonly settings: Pick<Settings, (typeof keys)[number]>;
  readonly load: Load;
}

const rateFile = 'rate.json';

/** The rate in a recipe's folder; null for none, or one of other settings. */
export function readRate(folder: string, settings: Settings): Rate | null {
  const file = join(folder, rateFile);
  if (!existsSync(file)) return null;
  const rate = JSON.parse(readFileSync(file, 'utf8')) as Rate;
  return keys.every((key) => rate.settings[key] === settings[key]) ? rate : null;
}

/** Measures the rate and writes it into `folder`. Throws Error if the recipe cannot be trained, the signal's reason when aborted. */
export async function measureRate(
  recipe: Recipe,
  python: string | null,
  folder: string,
  job: Omit<RateJob, 'folder' | 'seed' | 'threads'>,
): Promise<Rate> {
  const { seconds, settings, set, signal } = job;
  const trial = join(folder, 'rate');
  rmSync(trial, { recursive: true, force: true });
  mkdirSync(trial, { recursive: true });
  try {
    if (recipe.kind === 'peer') await set.rawImages();
    const busyBefore = await busyFraction(signal);
    const before = loadavg()[0]!;
    const inTrial = { ...job, folder: trial, seed: 1, threads: settings.threads };
    const imagesPerSecond = await rateIn(recipe, python, inTrial);
    const after = loadavg()[0]!;
    const { minutes, width, threads, engine } = settings;
    const rate = {
      ...{ imagesPerSecond, seconds, settings: { minutes, width, threads, engine } },
      load: { busyBefore, before, most: Math.max(before, after), after },
    };
    await writeFileAtomically(join(folder, rateFile), `${JSON.stringify(rate, null, 2)}\n`);
    return rate;
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

function rateIn(recipe: Recipe, python: string | null, job: RateJob): Promise<number> {
  if (recipe.kind === 'own') return rateOfOwn(recipe, job);
  if (python !== null) return rateOfPeer(recipe, python, job);
  throw new Error(noPytorch);
}

/** The message where the peer cannot run. */
export const noPytorch =
  'no Python with PyTorch 2.5 or later; give --python FILE, or --with-pytorch to install it';
