// `npm run bench -- run --before CHECKOUT`: the default run of this checkout and of another one, both built, by turns. Prints the ratio
// of their rates of steps, the ratio of all images in the same time, and the share of the time that evaluations took.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { option, readFlags, refuse, text, toggle, wholeNumber } from '../flags.ts';
import { lastLine } from './last-line.ts';
import { median } from './median.ts';

const { before, minutes, rounds, json } = readFlags({
  before: option(text),
  minutes: option(wholeNumber(), '6'),
  rounds: option(wholeNumber(), '3'),
  json: toggle,
});
if (before === undefined) refuse('--before: got nothing, expected the folder of another checkout, built');

/** The last line of `train --json`. */
interface Outcome {
  readonly images: number;
  readonly imagesPerSecond: number;
  /** Absent in earlier versions. */
  readonly evaluationShare?: number;
}

/** Trains the default model with the program of a checkout. */
async function trained(checkout: string): Promise<Outcome> {
  const out = await mkdtemp(join(tmpdir(), 'dcgan-run-'));
  try {
    const program = join(checkout, 'dist', 'trainer', 'cli.js');
    const args = [program, 'train', '--json', '--minutes', String(minutes), '--out', out];
    return JSON.parse(await lastLine(process.execPath, args, `train in ${checkout}`)) as Outcome;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

const steps: number[] = [];
const images: number[] = [];
const shares: number[] = [];
for (let round = 0; round < rounds; round++) {
  // The order changes, so that a machine that becomes slower favours neither.
  const order = round % 2 === 0 ? [resolve(before), process.cwd()] : [process.cwd(), resolve(before)];
  const outcomes = new Map<string, Outcome>();
  for (const checkout of order) {
    const outcome = await trained(checkout);
    outcomes.set(checkout, outcome);
    if (!json) {
      const { imagesPerSecond, evaluationShare = 0 } = outcome;
      console.log(
        `${checkout}: ${imagesPerSecond.toFixed(0)} images/s, ${outcome.images.toLocaleString('en')} images, ` +
          `evaluated in ${(evaluationShare * 100).toFixed(1)}% of the time`,
      );
    }
  }
  const [then, now] = [outcomes.get(resolve(before))!, outcomes.get(process.cwd())!];
  steps.push(now.imagesPerSecond / then.imagesPerSecond);
  images.push(now.images / then.images);
  shares.push(now.evaluationShare ?? 0);
}
const found = {
  minutes,
  rounds,
  stepRatio: median(steps),
  imageRatio: median(images),
  evaluationShare: median(shares),
};
if (json) console.log(JSON.stringify(found));
else {
  console.log(
    `${found.stepRatio.toFixed(3)} times the other's rate of steps, ${found.imageRatio.toFixed(3)} times its images in ${minutes} minutes, ` +
      `evaluated in ${(found.evaluationShare * 100).toFixed(1)}% of the time`,
  );
}
