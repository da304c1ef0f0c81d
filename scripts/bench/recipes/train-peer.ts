// Trains the peer: PyTorch's DCGAN example with averaged weights, in one process that writes samples at each point of time.
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lengthOf, type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import type { ImageSet } from '../../../trainer/metrics/image-set.ts';
import { modelLabels } from '../../../trainer/metrics/set-labels.ts';
import { childLines } from './child-lines.ts';
import type { PeerRecipe } from './table.ts';
import { pointSeconds, type Trained, type TrainingJob } from './trained.ts';

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

/** Trains and resolves to the points. Throws Error with Python's words if it fails. */
export async function trainPeer(recipe: PeerRecipe, python: string, job: TrainingJob): Promise<Trained> {
  const { set, settings, seed, folder, signal, onProgress } = job;
  const { count, pointCount } = settings;
  const { width = settings.width } = recipe;
  const raw = await set.rawImages();
  const seconds = pointSeconds(settings);
  const outs = seconds.map((_, i) => join(folder, `${i}.bytes`));
  const facts = {
    ...{ size: set.row.size, channels: set.row.channels, width, latent: 100, batch: 64 },
    ...{ rate: recipe.rate, decay: set.row.averageDecay, threads: settings.threads, seed, fastest: true },
  };
  const points = seconds.map((until, i) => ({
    ...{ seconds: until, out: outs[i]! },
    samples: i === seconds.length - 1 ? Math.max(count, pointCount) : pointCount,
  }));
  const script = join('scripts', 'bench', 'quality', 'pytorch_dcgan.py');
  const question = JSON.stringify({ ...facts, data: raw.path, count: raw.count, points });
  const found: { seconds: number; images: number; layout: string; version: string }[] = [];
  const { code, lastError } = await childLines(python, [script, question], signal, (line) => {
    onProgress(line['seconds'] as number);
    if (line['event'] === 'point') found.push(line as unknown as (typeof found)[number]);
  });
  const end = found.at(-1);
  if (code !== 0 || end === undefined) throw new Error(`PyTorch: ${lastError || `ended with ${code}`}`);
  return {
    points: found.map((point, i) => ({
      ...{ seconds: point.seconds, images: point.images },
      open: async () => rawImages(outs[i]!, set.shape),
    })),
    imagesPerSecond: end.images / end.seconds,
    failure: null,
    facts: { ...facts, layout: end.layout, version: end.version },
    async clean() {
      for (const out of outs) await rm(out, { force: true });
    },
  };
}
