// The sizes that the networks make: a small base, doubled a few times. 64x96 is 4x6 doubled four times.
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';

/** The base of a size, and the number of doublings from it to the image. */
export interface Stages {
  readonly base: ImageSize;
  readonly count: number;
}

/** Limits of an image's sides, in pixels. */
const sides = { least: 16, most: 512 } as const;
/** Limits of the base's sides. */
const baseSides = { least: 4, most: 16 } as const;
/** A generator has at least one block between the base and the image. */
const leastStages = 2;

/** The stages of an image's size: as many doublings as leave a base of at least 4 pixels a side. Null for a size without. */
export function findStages({ width, height }: ImageSize): Stages | null {
  const isSide = (side: number): boolean =>
    Number.isInteger(side) && side >= sides.least && side <= sides.most;
  if (!isSide(width) || !isSide(height)) return null;
  let count = 0;
  const base = { width, height };
  while (Object.values(base).every((side) => side % 2 === 0 && side / 2 >= baseSides.least)) {
    base.width /= 2;
    base.height /= 2;
    count += 1;
  }
  const isBase = Math.max(base.width, base.height) <= baseSides.most;
  return isBase && count >= leastStages ? { base, count } : null;
}

/** {@link findStages}. Throws RangeError for a size without. */
export function stagesOf(size: ImageSize): Stages {
  const stages = findStages(size);
  if (stages !== null) return stages;
  throw new RangeError(
    `image size ${sizeText(size)}: got ${sizeText(size)}, expected a small base doubled a few times`,
  );
}

/** The size that the networks make which is nearest to another, in pixels of both sides. */
export function nearestSize({ width, height }: ImageSize): ImageSize {
  let nearest: ImageSize = { width: sides.least, height: sides.least };
  let least = Infinity;
  for (let w = sides.least; w <= sides.most; w += 4) {
    for (let h = sides.least; h <= sides.most; h += 4) {
      const distance = Math.abs(w - width) + Math.abs(h - height);
      if (distance < least && findStages({ width: w, height: h }) !== null) {
        nearest = { width: w, height: h };
        least = distance;
      }
    }
  }
  return nearest;
}

/** The sizes from the base to the image, each twice the one before. */
export function levels(size: ImageSize): readonly ImageSize[] {
  const { base, count } = stagesOf(size);
  return Array.from({ length: count + 1 }, (_, i) => ({
    width: base.width * 2 ** i,
    height: base.height * 2 ** i,
  }));
}

/** The shorter side of an image: the resolution of a stage of growing. */
export function shorterSide({ width, height }: ImageSize): number {
  return Math.min(width, height);
}
