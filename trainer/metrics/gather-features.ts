// Extracts the features of a set in batches: moments over all images, and the features of the first ones for metrics that compare
// images. The result is cached by content, so that a reference set is measured once.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { cacheFolder } from '../files/cache-folder.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { held } from '../held.ts';
import type { FeatureNetwork } from './feature-network.ts';
import type { ImageSet } from './image-set.ts';
import { MomentSums, type FeatureMoments } from './moments.ts';
import { openProducts, type FeatureRows } from './products.ts';

/** The features of a set. */
export interface SetFeatures {
  readonly moments: FeatureMoments;
  /** Features of the first images, at most `kept`. */
  readonly rows: FeatureRows;
  /** [rows.count, classes]; null without logits. */
  readonly logits: Float32Array | null;
  /** A hash of each image's bytes: equal for equal images. */
  readonly digests: readonly string[];
}

/** Options of {@link gatherFeatures}. */
export interface GatherOptions {
  readonly network: FeatureNetwork;
  readonly set: ImageSet;
  /** Images `first` to `first + count` of the set. */
  readonly first: number;
  readonly count: number;
  /** Max number of images whose features are kept. Default 10,000. */
  readonly kept?: number;
  /** Use the cache. Default false. */
  readonly isCached?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const batch = 50;
/** Version of the cache: increase it if the same images and network yield other features. */
const gatherVersion = 2;

/** Extracts features. Throws UserError for features that are not finite, the signal's reason when aborted. */
export async function gatherFeatures(options: GatherOptions): Promise<SetFeatures> {
  if (options.isCached !== true) return gather(options);
  const { network, set, first, count, kept = 10_000 } = options;
  const key = createHash('sha256')
    .update(JSON.stringify([gatherVersion, network.sidecar, set.fingerprint, first, count, kept]))
    .digest('hex');
  const folder = join(cacheFolder(), 'features');
  const path = join(folder, `${set.name}-${key.slice(0, 24)}.features`);
  const held = await readCached(path, key);
  if (held !== null) {
    options.onProgress?.(count, count);
    return held;
  }
  const found = await gather(options);
  // An unwritable cache is not an error.
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(path, serialize({ key, ...found }));
  } catch {
    return found;
  }
  return found;
}

async function readCached(path: string, key: string): Promise<SetFeatures | null> {
  try {
    const held = deserialize(await readFile(path)) as SetFeatures & { readonly key: string };
    const { moments, rows, logits, digests } = held;
    return held.key === key ? { moments, rows, logits, digests } : null;
  } catch {
    return null;
  }
}

async function gather(options: GatherOptions): Promise<SetFeatures> {
  const { network, set, first, count, kept = 10_000, signal, onProgress } = options;
  const { dim, classes } = network;
  await using products = held(await openProducts());
  const sums = new MomentSums(products, dim);
  const keptCount = Math.min(kept, count);
  const rows = new Float32Array(keptCount * dim);
  const logits = classes === 0 ? null : new Float32Array(keptCount * classes);
  const digests: string[] = [];
  for (let done = 0; done < count; done += batch) {
    signal.throwIfAborted();
    const size = Math.min(batch, count - done);
    const pixels = await set.read(first + done, size);
    const { width, height, channels } = set;
    const shape = { count: size, width, height, channels };
    const length = pixels.length / size;
    for (let i = 0; i < size; i++) digests.push(digestOf(pixels.subarray(i * length, (i + 1) * length)));
    const found = await network.extract(pixels, shape);
    await sums.add(found.features);
    const fits = Math.min(size, keptCount - done);
    if (fits > 0) {
      rows.set(found.features.subarray(0, fits * dim), done * dim);
      if (found.logits !== null) logits?.set(found.logits.subarray(0, fits * classes), done * classes);
    }
    onProgress?.(done + size, count);
  }
  return { moments: await sums.finish(), rows: { count: keptCount, dim, data: rows }, logits, digests };
}

const digestOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64').slice(0, 16);
