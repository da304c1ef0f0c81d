// The scales of a photo for the detector. The network detects faces of about 20 to 150 pixels of its input, so each scale is half
// the one before, from the scale at which the smallest wanted face is large enough to the one at which the whole photo is as
// large as the network's training input. A face is then seen at two or three scales. Large scales are split into tiles.
import sharp from 'sharp';
import { inputMultiple, trainedSize } from './detector-network.ts';
import type { Photo } from './resample-similarity.ts';

/** Side of the smallest face that the network detects reliably, in pixels of its input. */
export const minFaceOnInput = 24;

/** Side of a tile in pixels. */
const tileSide = 1024;
/** Overlap of neighbouring tiles: more than the largest face that is detected at this scale only. */
const tileOverlap = 192;

/** The photo at one scale. One of its pixels is `step` pixels of the photo. */
export interface ScaledPhoto extends Photo {
  readonly step: number;
}

/** A part of a scaled photo for one run of the network; its sides are multiples of `inputMultiple`. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The steps of all scales, ascending: 1 is the photo's own size, a step below 1 enlarges it. Only a photo smaller than the
 * network's training images is enlarged.
 */
export function photoSteps(
  { width, height }: Pick<Photo, 'width' | 'height'>,
  smallestFace: number,
): number[] {
  const coarsest = Math.max(width, height) / trainedSize;
  const steps = [Math.min(coarsest, Math.max(1, smallestFace / minFaceOnInput))];
  while (steps.at(-1)! < coarsest) steps.push(steps.at(-1)! * 2);
  return steps;
}

/** Scales the photo by 1 / step. */
export async function scalePhoto(photo: Photo, step: number): Promise<ScaledPhoto> {
  const width = Math.max(1, Math.round(photo.width / step));
  const height = Math.max(1, Math.round(photo.height / step));
  if (width === photo.width && height === photo.height) return { ...photo, step: 1 };
  const pixels = await sharp(photo.pixels, {
    raw: { width: photo.width, height: photo.height, channels: 3 },
  })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { width, height, pixels, step };
}

/** Tiles that cover a scaled photo. The last ones may extend beyond its border. */
export function tilesOf({ width, height }: Pick<Photo, 'width' | 'height'>): Tile[] {
  const tiles: Tile[] = [];
  for (const [top, tall] of tilesAlong(height)) {
    for (const [left, wide] of tilesAlong(width)) tiles.push({ left, top, width: wide, height: tall });
  }
  return tiles;
}

function tilesAlong(length: number): (readonly [start: number, side: number])[] {
  const whole = Math.ceil(length / inputMultiple) * inputMultiple;
  if (whole <= tileSide) return [[0, whole]];
  const tiles: (readonly [number, number])[] = [];
  for (let start = 0; ; start += tileSide - tileOverlap) {
    tiles.push([start, Math.min(tileSide, whole - start)]);
    if (start + tileSide >= whole) return tiles;
  }
}

/** A tile's pixels, [height, width, 3] uint8; outside the photo 128, which is 0 for the network. */
export function cutTile({ width, height, pixels }: Photo, tile: Tile): Uint8Array {
  const cut = new Uint8Array(tile.width * tile.height * 3).fill(128);
  const right = Math.min(width, tile.left + tile.width);
  const bottom = Math.min(height, tile.top + tile.height);
  for (let y = tile.top; y < bottom; y++) {
    const row = pixels.subarray((y * width + tile.left) * 3, (y * width + right) * 3);
    cut.set(row, (y - tile.top) * tile.width * 3);
  }
  return cut;
}
