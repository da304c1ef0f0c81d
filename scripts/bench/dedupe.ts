// `npm run bench -- dedupe --data PATH`: plants copies among images, runs `dedupe` on the folder, and counts the planted copies
// and the other pairs that it reports. Keeps the report.
import { square } from '../../runtime-web/format/image-shape.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import sharp, { type Sharp } from 'sharp';
import { option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { drawSheet, type Picture, type SheetRow } from '../../trainer/pictures/sheet.ts';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { openFolder } from '../../trainer/data/folder.ts';
import { openSource } from '../../trainer/data/open-source.ts';
import type { ImageSource } from '../../trainer/data/source.ts';
import type { DedupeFacts, DedupeLink } from '../../trainer/duplicates/dedupe-report.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';

const values = readFlags({
  data: option(text, 'avatars'),
  count: option(wholeNumber(), '60000'),
  planted: option(wholeNumber(), '5000'),
  seed: option(wholeNumber(0), '0'),
  hash: option(text, 'both'),
  threshold: option(text, '0.15'),
  keep: toggle,
});
const { count, planted: plantedCount } = values;
const random = new Random(values.seed);

/** The raw pixels of an image to copy. */
interface Original {
  readonly pixels: Uint8Array;
  readonly size: number;
  readonly channels: 1 | 3;
}

const open = ({ pixels, size, channels }: Original): Sharp =>
  sharp(pixels, { raw: { width: size, height: size, channels } });

/** Crops 1/16 of each side, at a random position. */
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

/** The kinds of planted copies. */
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
await measure(report);
if (!values.keep) await rm(folder, { recursive: true });
process.stdout.write(`the report is ${folder}-duplicates\n`);

/** Writes originals as PNG, and copies of some of them; resolves to the kind of each pair of file names. */
async function plant(): Promise<ReadonlyMap<string, string>> {
  const names = Object.keys(kinds);
  const source = await openAll();
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
    const pixels = await image.render({ ...square(size), channels, framing: defaultFraming });
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

/** The source; both parts of a folder with a train and a test part. */
async function openAll(): Promise<ImageSource> {
  const source = await openSource(values.data, { avatarCount: count });
  if (source.kind !== 'folder') return source;
  await source.close();
  return openFolder(values.data, undefined, { everyPart: true });
}

interface Report extends DedupeFacts {
  readonly links: readonly DedupeLink[];
}

async function dedupe(): Promise<Report> {
  const flags = ['--hash', values.hash, '--threshold', values.threshold];
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', 'dist/trainer/cli.js', 'dedupe', folder, '--json', ...flags],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`dedupe ended with ${code}`);
  const saved = await readFile(`${folder}-duplicates/finding.json`, 'utf8');
  return (JSON.parse(saved) as { data: Report }).data;
}

/** Counts reported pairs by kind and difference, and pairs that were not planted; writes a sheet of some of the latter. */
async function measure({ links, foundBy, seconds, images, compared }: Report): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const totals = new Map<string, number>();
  for (const kind of planted.values()) totals.set(kind, (totals.get(kind) ?? 0) + 1);
  const kindOf = ({ first, second }: DedupeLink): string | undefined =>
    planted.get([basename(first), basename(second)].sort().join(' '));
  const kinds = [...totals.keys()];
  say(['up to', ...kinds, 'all', 'other pairs'].map((text) => text.padEnd(14)).join(''));
  for (const limit of [0.1, 0.15, 0.2, 0.225, 0.25, 0.275, 0.3].filter(
    (x) => x <= Number(values.threshold),
  )) {
    const near = links.filter(({ difference }) => difference <= limit);
    const share = (found: number, of: number): string => `${((100 * found) / of).toFixed(1)}%`;
    const of = (kind: string): number => near.filter((link) => kindOf(link) === kind).length;
    const all = near.filter((link) => kindOf(link) !== undefined).length;
    const cells = [...kinds.map((kind) => share(of(kind), totals.get(kind)!)), share(all, planted.size)];
    say([String(limit), ...cells, String(near.length - all)].map((text) => text.padEnd(14)).join(''));
  }
  say(`found by ${JSON.stringify(foundBy)}; ${compared} pairs were compared`);
  say(`${images} images in ${seconds} s`);
  const others = links.filter((link) => kindOf(link) === undefined);
  const some = random.shuffle([...others]).slice(0, 120);
  some.sort((a, b) => b.difference - a.difference);
  await writeFile(`${folder}-duplicates/others.png`, await sheetOf(some));
  say(
    `${folder}-duplicates/others.png shows ${some.length} of the ${others.length} other pairs, to check by eye`,
  );
}

/** A sheet of the pairs, six a row. */
async function sheetOf(links: readonly DedupeLink[]): Promise<Uint8Array> {
  const rows: SheetRow[] = [];
  for (let i = 0; i < links.length; i += 6) {
    const some = links.slice(i, i + 6);
    rows.push({
      above: some.map(({ difference }) => difference.toFixed(2)),
      groups: await Promise.all(
        some.map(async ({ first, second }) => [await shown(first), await shown(second)]),
      ),
    });
  }
  return drawSheet(rows, 2);
}

async function shown(file: string): Promise<Picture> {
  const image = sharp(file).toColourspace('srgb').removeAlpha().resize(32, 32, { kernel: 'cubic' });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const channels = info.channels === 1 ? 1 : 3;
  return { width: 32, height: 32, channels, data: toFloats(data) };
}
