// `npm run bench -- reading`: reads JPEG photographs of 12 megapixels into the cache, side by side with Pillow in two processes that
// makes the same cut. Prints the ratios of time and of the processors' time (which is fair on a busy machine too), and the peak of memory.
import { square } from '../../runtime-web/format/image-shape.ts';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

/** Photographs that differ; the others are copies of them. */
const maxMade = 100;

/** Times of one reading, in seconds. */
interface Times {
  readonly seconds: number;
  /** Seconds of all processors, user and system. */
  readonly processor: number;
}

/** Result of one reading. */
interface Reading extends Times {
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
    const pillow = async (...flags: readonly string[]): Promise<Times> => {
      const script = join('scripts', 'bench', 'pillow_reading.py');
      return JSON.parse(await lastLine(python, [script, folder, String(size), ...flags], 'Pillow')) as Times;
    };
    const ratios: Times[] = [];
    const memories: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = JSON.parse(await self('--read', folder, '--size', String(size))) as Reading;
      const theirs = await pillow();
      const draft = await pillow('--draft');
      ratios.push({
        seconds: ours.seconds / theirs.seconds,
        processor: ours.processor / theirs.processor,
      });
      memories.push(ours.memory);
      if (!values.json) {
        console.log(
          `ours ${timesText(ours)}, Pillow in two processes ${timesText(theirs)}; ` +
            `with draft(), which gives other pixels, ${timesText(draft)}`,
        );
      }
    }
    const found = {
      photos,
      size,
      ratio: median(ratios.map(({ seconds }) => seconds)),
      processorRatio: median(ratios.map(({ processor }) => processor)),
      memoryMiB: Math.max(...memories) / 2 ** 20,
    };
    if (values.json) console.log(JSON.stringify(found));
    else {
      console.log(
        `${photos} photographs of 12 megapixels: ${found.ratio.toFixed(2)} times Pillow's time, ` +
          `${found.processorRatio.toFixed(2)} times its processor time, peak memory ${found.memoryMiB.toFixed(0)} MiB`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function timesText({ seconds, processor }: Times): string {
  return `${seconds.toFixed(1)} s (processors ${processor.toFixed(1)} s)`;
}

/** Photographs with detail at every scale, each turned by another angle. */
async function makePhotos(folder: string): Promise<void> {
  const noise = Uint8Array.from({ length: 300 * 400 * 3 }, (_, i) => (i * 7919 + (i >> 7) * 104729) % 256);
  const path = (i: number): string => join(folder, `${String(i).padStart(5, '0')}.jpg`);
  for (let i = 0; i < photos; i++) {
    if (i >= maxMade) {
      await copyFile(path(i % maxMade), path(i));
      continue;
    }
    const jpeg = await sharp(noise, { raw: { width: 400, height: 300, channels: 3 } })
      .rotate(i % 90)
      .resize(width, height, { fit: 'cover', kernel: 'cubic' })
      .jpeg({ quality: 88 })
      .toBuffer();
    await writeFile(path(i), jpeg);
  }
}

async function readOnce(folder: string): Promise<Reading> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'dcgan-cache-'));
  try {
    const [began, used] = [performance.now(), process.cpuUsage()];
    const dataset = await openDataset({ data: folder, ...square(size), channels: 3, cacheFolder });
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(used);
    await dataset.close();
    return { seconds, processor: (user + system) / 1e6, memory: process.resourceUsage().maxRSS * 1024 };
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}
