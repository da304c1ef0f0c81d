// `stats.jsonl`: one line for each report of a run. A resumed run first removes the lines after its checkpoint and a half-written
// last line, so that no step appears twice.
import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../files/atomic-file.ts';

/** One report. Losses and D's outputs are means since the previous report; null if not read or not finite. */
export interface StatsLine {
  /** Updates done. */
  readonly step: number;
  /** Real images shown. */
  readonly images: number;
  /** Rate since the previous report, over the time of the steps alone. */
  readonly imagesPerSecond: number;
  readonly dLoss: number | null;
  readonly gLoss: number | null;
  /** D's mean output for real images: a probability in [0, 1], or a score, by the objective's `logit`. */
  readonly dReal: number | null;
  /** The same for generated images. */
  readonly dFake: number | null;
  /** Probability of augmentation after the step; null if ADA does not move it, as the next one. */
  readonly augmentProbability: number | null;
  /** Mean sign of D's outputs for real images (ADA's r_t) since the previous report. */
  readonly dSign: number | null;
  /** Seconds of training, over all sessions of the run. */
  readonly secondsElapsed: number;
  /** Diversity of the newest samples divided by the real images'; null without new samples. */
  readonly diversity: number | null;
  /** Fréchet distance of samples from the real images; null if not measured, as the next four. */
  readonly frechet: number | null;
  /** Kernel distance. */
  readonly kid: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** The feature network of these figures. */
  readonly network: string | null;
  /** The sign of collapse in words, or null. */
  readonly collapse: string | null;
}

/** Adds one line. */
export async function appendStats(path: string, line: StatsLine): Promise<void> {
  await appendFile(path, `${JSON.stringify(line)}\n`);
}

/** All complete lines, in order; none if the file does not exist. */
export async function readStats(path: string): Promise<readonly StatsLine[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .map(parseLine)
    .filter((line) => line !== null);
}

/** Rewrites the file atomically with the lines up to `step`; resolves to them. */
export async function truncateStats(path: string, step: number): Promise<readonly StatsLine[]> {
  const kept = (await readStats(path)).filter((line) => line.step <= step);
  const text = kept.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFileAtomically(path, text);
  return kept;
}

function parseLine(text: string): StatsLine | null {
  try {
    const value = JSON.parse(text) as Partial<StatsLine> | null;
    const isWhole = typeof value?.step === 'number' && typeof value.images === 'number';
    return isWhole ? (value as StatsLine) : null;
  } catch {
    return null;
  }
}
