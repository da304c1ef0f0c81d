// `npm run bench -- audit`: the audit of a model that was trained to memorise 50 images, and of healthy models of 500 images, whose
// signs of memorisation are false alarms. Needs the built trainer.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { drawAvatar } from '../../runtime-web/format/avatars/draw-avatar.ts';
import { avatarAttributes } from '../../runtime-web/format/avatars/attributes.ts';
import { option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { dcgan } from './last-line.ts';

const flags = readFlags({
  out: option(text, 'runs/audit'),
  /** Healthy runs. */
  runs: option(wholeNumber(0, 100), '5'),
  /** Updates of each healthy run. */
  steps: option(wholeNumber(), '600'),
  /** Updates of the run that memorises; 0 leaves it out. */
  'memorise-steps': option(wholeNumber(0), '6000'),
  json: toggle,
});
const side = 32;
/** Images set aside in each run. */
const heldOut = 50;

/** A folder of avatars as PNG files; each `set` has others. */
async function avatarFolder(set: number, count: number): Promise<string> {
  const folder = join(resolve(flags.out), `avatars-${set}-${count}`);
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const pixels = drawAvatar(avatarAttributes(10_000 * set + i, 0), side);
    const file = join(folder, `${String(i).padStart(4, '0')}.png`);
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toFile(file);
  }
  return folder;
}

/** Trains on `images` avatars and audits the run; resolves to the last line of `audit --json`. */
async function trainAndAudit(
  set: number,
  images: number,
  steps: number,
): Promise<Readonly<Record<string, unknown>>> {
  const data = await avatarFolder(set, images + heldOut);
  const trained = JSON.parse(
    await dcgan(
      ...['train', '--data', data, '--out', resolve(flags.out), '--preset', 'default', '--json'],
      ...['--hold-out', String(heldOut), '--image-size', String(side), '--base-width', '16'],
      ...['--objective', 'relativistic', '--r1', '0.1', '--r2', '0.1', '--r1-every', '4', '--beta1', '0'],
      ...['--batch', '25', '--learning-rate', '0.002', '--steps', String(steps), '--seed', String(set)],
      ...['--engine', 'onnx-cpu', '--threads', '1', '--report-every', '100'],
      ...['--checkpoint-every', '100000', '--sample-every', '100000'],
    ),
  ) as { readonly runDir: string };
  return JSON.parse(await dcgan('audit', trained.runDir, '--json')) as Readonly<Record<string, unknown>>;
}

interface Row {
  readonly case: string;
  readonly verdict: unknown;
  readonly figures: unknown;
}
const rows: Row[] = [];
const add = (name: string, found: Readonly<Record<string, unknown>>): void => {
  rows.push({ case: name, verdict: found['verdict'], figures: found['figures'] });
  if (!flags.json) console.log(`${name}: ${JSON.stringify(rows.at(-1))}`);
};
if (flags['memorise-steps'] > 0) {
  add(`50 images, ${flags['memorise-steps']} updates`, await trainAndAudit(0, 50, flags['memorise-steps']));
}
for (let run = 1; run <= flags.runs; run++) {
  add(`500 images, ${flags.steps} updates, seed ${run}`, await trainAndAudit(run, 500, flags.steps));
}
if (flags.json) console.log(JSON.stringify(rows));
