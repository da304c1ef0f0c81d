// `npm run bench -- reading`: reads JPEG photographs of 12 megapixels into the cache, side by side with Pillow in two processes that
// makes the same cut. Prints the ratio and the peak of memory.
import { square } from '../../runtime-web/format/image-shape.ts';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { lastLine } from './last-line.ts';
import { median } from './median.ts';

const values = readFlags({
  photos: option(wholeNumber(), '100'),
  size: option(wholeNumber(16, 256), '64'),
  rounds: option(wholeNumber(), '3'),
  read: option(text),
  make: option(text),
  json: toggle,
});
const { photos, size, rounds } = values;
const [width, height] = [4000, 3000];

/** Result of one reading. */
interface Reading {
  readonly seconds: number;
  /** Peak resident memory in bytes. */
  readonly memory: number;
}

// The work is in processes of its own, so that each has its own peak of memory.
if (values.make !== undefined) {
  await makePhotos(values.make);
} else if (values.read !== undefined) {
  console.log(JSON.stringify(await readOnce(values.read)));
} else {
  await compare();
}

async function compare(): Promise<void> {
  const python = process.env['DCGAN_PYTHON'] ?? 'python3';
  if (spawnSync(python, ['-c', 'import PIL'], { stdio: 'ignore' }).status !== 0) {
    console.log(`skipped: ${python} has no Pillow; name a Python that has it in DCGAN_PYTHON`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'dcgan-photos-'));
  const self = (...args: readonly string[]): Promise<string> =>
    lastLine(process.execPath, [fileURLToPath(import.meta.url), ...args], 'bench reading');
  try {
    await self('--make', folder, '--photos', String(photos));
    const ratios: number[] = [];
    const memories: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = JSON.parse(await self('--read', folder, '--size', String(size))) as Reading;
      const script = join('scripts', 'bench', 'pillow_reading.py');
      const theirs = JSON.parse(await lastLine(python, [script, folder, String(size)], 'Pillow')) as Pick<
        Reading,
        'seconds'
      >;
      ratios.push(ours.seconds / theirs.seconds);
      memories.push(ours.memory);
      if (!values.json) {
        console.log(
          `ours ${ours.seconds.toFixed(1)} s, Pillow in two processes ${theirs.seconds.toFixed(1)} s`,
        );
      }
    }
    const found = { photos, size, ratio: median(ratios), memoryMiB: Math.max(...memories) / 2 ** 20 };
    if (values.json) console.log(JSON.stringify(found));
    else {
      console.log(
        `${photos} photographs of 12 megapixels: ${found.ratio.toFixed(2)} times Pillow's time, ` +
          `peak memory ${found.memoryMiB.toFixed(0)} MiB`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Photographs with detail at every scale, each turned by another angle. */
async function makePhotos(folder: string): Promise<void> {
  const noise = Uint8Array.from({ length: 300 * 400 * 3 }, (_, i) => (i * 7919 + (i >> 7) * 104729) % 256);
  for (let i = 0; i < photos; i++) {
    const jpeg = await sharp(noise, { raw: { width: 400, height: 300, channels: 3 } })
      .rotate(i % 90)
      .resize(width, height, { fit: 'cover', kernel: 'cubic' })
      .jpeg({ quality: 88 })
      .toBuffer();
    await writeFile(join(folder, `${String(i).padStart(5, '0')}.jpg`), jpeg);
  }
}

async function readOnce(folder: string): Promise<Reading> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'dcgan-cache-'));
  try {
    const began = performance.now();
    const dataset = await openDataset({ data: folder, ...square(size), channels: 3, cacheFolder });
    const seconds = (performance.now() - began) / 1000;
    await dataset.close();
    return { seconds, memory: process.resourceUsage().maxRSS * 1024 };
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}
