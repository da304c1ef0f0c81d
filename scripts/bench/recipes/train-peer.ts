// Trains the peer: PyTorch's DCGAN example with averaged weights, in one process that writes samples at each point of time.
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lengthOf, type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import type { ImageSet } from '../../../trainer/metrics/image-set.ts';
import { modelLabels } from '../../../trainer/metrics/set-labels.ts';
import { childLines } from './child-lines.ts';
import type { PeerRecipe } from './table.ts';
import { imagesIn, pointSeconds, type RateJob, type Trained, type TrainingJob } from './trained.ts';

/** Images in a file of raw bytes. */
function rawImages(path: string, shape: ImageShape): ImageSet {
  const pixels = new Uint8Array(readFileSync(path));
  const length = lengthOf(shape);
  return {
    ...{ kind: 'model', name: path, ...shape, fingerprint: path, mix: null, openNamed: null },
    available: pixels.length / length,
    read: async (first, many) => pixels.slice(first * length, (first + many) * length),
    labels: modelLabels({ conditioning: null }, null, 0),
    close: async () => undefined,
  };
}

/** A point of the peer's script. */
interface PointLine {
  readonly seconds: number;
  readonly images: number;
  readonly layout: string;
  readonly version: string;
}

/** A length of training before a point, and the samples there. */
type AskedPoint = { readonly out: string; readonly samples: number } & (
  { readonly seconds: number } | { readonly images: number }
);

/** Trains and resolves to the points. Throws Error with Python's words if it fails. */
export async function trainPeer(recipe: PeerRecipe, python: string, job: TrainingJob): Promise<Trained> {
  const { settings, rate, folder, onProgress } = job;
  const { count, pointCount } = settings;
  const seconds = pointSeconds(settings);
  const outs = seconds.map((_, i) => join(folder, `${i}.bytes`));
  const asked = seconds.map((until, i) => ({
    ...(rate === null ? { seconds: until } : { images: imagesIn(rate, until) }),
    ...{ out: outs[i]!, samples: i === seconds.length - 1 ? Math.max(count, pointCount) : pointCount },
  }));
  const secondsOf = (line: Pick<PointLine, 'seconds' | 'images'>): number =>
    rate === null ? line.seconds : line.images / rate;
  const { facts, found } = await runPeer(recipe, python, job, asked, (line) => onProgress(secondsOf(line)));
  const end = found.at(-1)!;
  return {
    points: found.map((point, i) => ({
      ...{ seconds: secondsOf(point), images: point.images },
      open: async () => rawImages(outs[i]!, job.set.shape),
    })),
    imagesPerSecond: rate ?? end.images / end.seconds,
    failure: null,
    facts,
    async clean() {
      for (const out of outs) await rm(out, { force: true });
    },
  };
}

/** Trains for some seconds and resolves to the images per second. Throws Error with Python's words if it fails. */
export async function rateOfPeer(recipe: PeerRecipe, python: string, job: RateJob): Promise<number> {
  const asked = [{ seconds: job.seconds, out: join(job.folder, 'samples.bytes'), samples: 1 }];
  const { found } = await runPeer(recipe, python, job, asked, () => undefined);
  const { images, seconds } = found.at(-1)!;
  return images / seconds;
}

async function runPeer(
  recipe: PeerRecipe,
  python: string,
  { set, settings, seed, threads, signal }: Omit<RateJob, 'seconds'>,
  points: readonly AskedPoint[],
  onLine: (line: PointLine) => void,
) {
  const { width = settings.width } = recipe;
  const { path: data, count } = await set.rawImages();
  const facts = {
    ...{ size: set.row.size, channels: set.row.channels, width, latent: 100, batch: 64 },
    ...{ rate: recipe.rate, decay: set.row.averageDecay, threads, seed, fastest: true },
  };
  const script = join('scripts', 'bench', 'quality', 'pytorch_dcgan.py');
  const question = JSON.stringify({ ...facts, data, count, points });
  const found: PointLine[] = [];
  const { code, lastError } = await childLines(python, [script, question], signal, (line) => {
    onLine(line as unknown as PointLine);
    if (line['event'] === 'point') found.push(line as unknown as PointLine);
  });
  const end = found.at(-1);
  if (code !== 0 || end === undefined) throw new Error(`PyTorch: ${lastError || `ended with ${code}`}`);
  return { facts: { ...facts, layout: end.layout, version: end.version }, found };
}
