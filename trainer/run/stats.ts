// `stats.jsonl`: a line per report, the record of one run. A resumed run first cuts away what lies past its
// checkpoint, and a line that a crash left half-written, so that no step is told twice.
import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../files/atomic-file.ts';

/** One report. Losses and probabilities are means since the report before, null where none was read or it is not finite. */
export interface StatsLine {
  /** Updates done. */
  readonly step: number;
  /** Real images shown. */
  readonly images: number;
  /** Since the report before, over the time of the steps alone. */
  readonly imagesPerSecond: number;
  readonly dLoss: number | null;
  readonly gLoss: number | null;
  /** What D takes real and fake images for: mean probability of being real, in [0, 1]. */
  readonly dReal: number | null;
  readonly dFake: number | null;
  /** Seconds of training in all, over all sessions of the run. */
  readonly secondsElapsed: number;
  /** How varied the newest samples are, as a share of the real images' variety; null without new samples. */
  readonly diversity: number | null;
  /** Fréchet distance of samples from the real images; null where it was not measured. */
  readonly frechet: number | null;
  /** Why the run looks lost, or null. */
  readonly collapse: string | null;
}

/** Adds one line. */
export async function appendStats(path: string, line: StatsLine): Promise<void> {
  await appendFile(path, `${JSON.stringify(line)}\n`);
}

/** All whole lines of the record, in order; none where the file is not there. */
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

/** Keeps the lines up to `step`, rewriting the file atomically; resolves to them. */
export async function truncateStats(path: string, step: number): Promise<readonly StatsLine[]> {
  const kept = (await readStats(path)).filter((line) => line.step <= step);
  const text = kept.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFileAtomically(path, text);
  return kept;
}

function parseLine(text: string): StatsLine | null {
  try {
    const value = JSON.parse(text) as Partial<StatsLine> | null;
    return typeof value?.step === 'number' ? (value as StatsLine) : null;
  } catch {
    return null;
  }
}
