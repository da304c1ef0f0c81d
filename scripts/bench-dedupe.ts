// Measures `dedupe`: plants copies among images, runs the command on the folder, and counts which it finds and what else it
// reports. `npm run bench:dedupe -- --data PATH`; prints a line a kind of copy, and leaves the report to look at.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { Random } from '../runtime-web/format/random.ts';
import { openSource } from '../trainer/data/open-source.ts';
import type { SourceImage } from '../trainer/data/source.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'avatars' },
    count: { type: 'string', default: '60000' },
    planted: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '0' },
    hash: { type: 'string', default: 'both' },
    keep: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const plantedCount = Number(values.planted);
const random = new Random(Number(values.seed));

/** A picture to copy: raw pixels, and how to draw from the stream of random numbers. */
interface Original {
  readonly pixels: Uint8Array;
  readonly size: number;
  readonly channels: 1 | 3;
}

const open = ({ pixels, size, channels }: Original): Sharp =>
  sharp(pixels, { raw: { width: size, height: size, channels } });

/** A sixteenth of each side is cut off, anywhere. */
function cropped(original: Original): Sharp {
  const cut = Math.max(1, Math.round(original.size / 16));
  const side = original.size - cut;
  return open(original).extract({
    left: random.integer(cut + 1),
    top: random.integer(cut + 1),
    width: side,
    height: side,
  });
}

async function resized(image: Sharp, by: number): Promise<Sharp> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return sharp(data, { raw: { width, height, channels } }).resize(
    Math.round(width * by),
    Math.round(height * by),
  );
}

/** What is planted: each kind's file ending and how it comes about. */
const kinds: Readonly<Record<string, (original: Original) => Promise<Sharp>>> = {
  recompressed: async (original) => open(original).jpeg({ quality: 30 }),
  resized: async (original) => (await resized(open(original), random.uniform() < 0.5 ? 0.75 : 1.5)).png(),
  cropped: async (original) => cropped(original).png(),
  brightness: async (original) =>
    open(original)
      .linear(random.uniform() < 0.5 ? 0.7 : 1.3, 0)
      .png(),
  'all of these': async (original) => {
    const smaller = await resized(cropped(original), 0.75);
    return smaller.linear(random.uniform() < 0.5 ? 0.85 : 1.15, 0).jpeg({ quality: 50 });
  },
};

const folder = join(await mkdtemp(join(tmpdir(), 'dcgan-dedupe-')), 'images');
await mkdir(folder, { recursive: true });
const planted = await plant();
const report = await dedupe();
measure(report);
if (!values.keep) await rm(folder, { recursive: true });
process.stdout.write(`the report is ${folder}-duplicates\n`);

/** Writes originals as PNG, and copies of some of them; resolves to pairs of names with their kind. */
async function plant(): Promise<ReadonlyMap<string, string>> {
  const names = Object.keys(kinds);
  const source = await openSource(values.data, { avatarCount: count });
  const originals = Math.min(source.count, count - plantedCount);
  const chosen = new Set(
    random.shuffle(Array.from({ length: originals }, (_, i) => i)).slice(0, plantedCount),
  );
  const pairs = new Map<string, string>();
  const size = Math.min(source.naturalSize?.width ?? 64, source.naturalSize?.height ?? 64);
  const { channels } = source;
  let index = 0;
  let next = 0;
  const writes: Promise<unknown>[] = [];
  for await (const image of source.images()) {
    if (index === originals) break;
    const pixels = await (image as SourceImage).render(size, channels);
    const original: Original = { pixels, size, channels };
    const name = `${String(index).padStart(6, '0')}.png`;
    writes.push(open(original).png({ compressionLevel: 1 }).toFile(join(folder, name)));
    if (chosen.has(index)) {
      const kind = names[next++ % names.length]!;
      const { data, info } = await (await kinds[kind]!(original)).toBuffer({ resolveWithObject: true });
      const copy = `copy-${String(index).padStart(6, '0')}.${info.format}`;
      writes.push(writeFile(join(folder, copy), data));
      pairs.set([name, copy].sort().join(' '), kind);
    }
    index += 1;
    if (writes.length > 64) await Promise.all(writes.splice(0));
  }
  await Promise.all(writes);
  await source.close();
  process.stdout.write(`${index} images of ${values.data} and ${pairs.size} copies, ${size}x${size}\n`);
  return pairs;
}

interface Report {
  readonly images: number;
  readonly compared: number;
  readonly groups: readonly (readonly string[])[];
  readonly foundBy: Readonly<Record<string, number>>;
  readonly seconds: number;
}

async function dedupe(): Promise<Report> {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', 'dist/trainer/cli.js', 'dedupe', folder, '--json', '--hash', values.hash],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`dedupe ended with ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1)!) as Report;
}

/** Counts found pairs by kind, and the pairs of the groups that were not planted. */
function measure({ groups, foundBy, seconds, images, compared }: Report): void {
  const found = new Map<string, number>();
  let others = 0;
  for (const group of groups) {
    const members = group.map((path) => basename(path));
    for (const [i, one] of members.entries()) {
      for (const two of members.slice(i + 1)) {
        const kind = planted.get([one, two].sort().join(' '));
        if (kind === undefined) others += 1;
        else found.set(kind, (found.get(kind) ?? 0) + 1);
      }
    }
  }
  const totals = new Map<string, number>();
  for (const kind of planted.values()) totals.set(kind, (totals.get(kind) ?? 0) + 1);
  const share = (kind: string): string =>
    `${found.get(kind) ?? 0} of ${totals.get(kind)!} (${((100 * (found.get(kind) ?? 0)) / totals.get(kind)!).toFixed(1)}%)`;
  for (const kind of totals.keys()) process.stdout.write(`${kind.padEnd(14)} ${share(kind)}\n`);
  const all = [...found.values()].reduce((sum, value) => sum + value, 0);
  process.stdout.write(
    `found          ${all} of ${planted.size} (${((100 * all) / planted.size).toFixed(1)}%)\n`,
  );
  process.stdout.write(
    `other pairs    ${others}: ${((100 * all) / (all + others)).toFixed(1)}% of all are planted ones\n`,
  );
  process.stdout.write(`found by       ${JSON.stringify(foundBy)}; ${compared} pairs were compared\n`);
  process.stdout.write(`${images} images in ${seconds} s\n`);
}
