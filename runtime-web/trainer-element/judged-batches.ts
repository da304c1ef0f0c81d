// The batches whose scores the element shows: real pictures and the wall's, each with its class, attributes or numbers where D takes them.
import { exampleRow } from '../format/example-rows.ts';
import type { GivenBatch, Trainer } from '../train/index.ts';
import type { TrainingImages } from '../training/images.ts';
import { bytesOf, gathered, spread } from './image-bytes.ts';

/** `count` real pictures, spread over the set. */
export async function realBatch(images: TrainingImages<Uint8Array>, count: number): Promise<GivenBatch> {
  const indices = Array.from({ length: count }, (_, i) => spread(images.count, count, i));
  const { labels, row } = images;
  return {
    images: await gathered(images, indices),
    labels: labels === null ? undefined : Int32Array.from(indices, (index) => labels[index]!),
    condition:
      row === null ? undefined : Float32Array.from(indices.flatMap((index) => Array.from(row(index)))),
  };
}

/** Pictures of seeds, as `sample()` makes them without wanted conditions. */
export function fakeBatch(
  images: readonly ImageData[],
  seeds: readonly number[],
  { channels, conditioning }: Trainer['package'],
): GivenBatch {
  const bytes = bytesOf(images, channels);
  if (conditioning === null || conditioning.kind === 'codes') return { images: bytes };
  if (conditioning.kind === 'classes') {
    const count = conditioning.names.length;
    return { images: bytes, labels: Int32Array.from(seeds, (seed) => seed % count) };
  }
  return {
    images: bytes,
    condition: Float32Array.from(seeds.flatMap((seed) => exampleRow(conditioning, [], seed))),
  };
}
