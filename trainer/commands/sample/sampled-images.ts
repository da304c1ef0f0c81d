// The images of seeds as single PNGs, generated one after another, whatever their number.
import { drawSeeds } from '../../model-package/draw-seeds.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { enlarged } from '../../data/enlarge.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';
import { imageName, imagePng } from '../../pictures/grid.ts';
import type { MadeBy } from './dataset-json.ts';

/** The images to write. */
export interface SampledImages {
  readonly opened: ModelPackage;
  /** Each once, in ascending order, by file name. */
  readonly images: ReadonlyMap<string, number>;
  readonly madeBy: MadeBy;
}

/** The images of seeds by file name; seeds that are listed twice give one. */
export function imagesBySeed(seeds: readonly number[]): ReadonlyMap<string, number> {
  const sorted = [...new Set(seeds)].sort((a, b) => a - b);
  return new Map(sorted.map((seed) => [imageName(seed, sorted.at(-1)!), seed]));
}

/** Generates the images in order and shows progress. Throws as {@link drawSeeds} does. */
export async function* sampledPngs(
  { opened, madeBy }: SampledImages,
  images: ReadonlyMap<string, number>,
  job: Job,
): AsyncGenerator<{ readonly name: string; readonly png: Uint8Array }> {
  await using progress = held(job.progress('images'));
  const names = [...images.keys()];
  const { wanted, truncation } = madeBy;
  let drawn = 0;
  for await (const image of drawSeeds(opened, [...images.values()], job.signal, wanted, truncation)) {
    yield { name: names[drawn++]!, png: await imagePng(enlarged(image, madeBy)) };
    progress.show('generating', drawn, names.length);
  }
}
