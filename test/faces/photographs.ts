// Photographs for tests: the astronaut, whose eyes were measured by hand, turned, shrunk and put anywhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { decodeWhole } from '../../trainer/data/image-file.ts';
import { distance, type Point } from '../../trainer/faces/geometry.ts';
import type { Face } from '../../trainer/faces/detections.ts';
import type { Photo } from '../../trainer/faces/resample-similarity.ts';
import { fixtures } from './expected.ts';

/** A photograph of the fixtures, by name. */
export function photograph(name: string): Promise<Photo> {
  return decodeWhole(readFileSync(join(fixtures, name)));
}

/** The middles of the astronaut's irises in `astronaut.jpg`, measured by hand in a view twelve times enlarged. */
export const astronautEyes = { right: [163.8, 101.5], left: [206.8, 103.5] } as const;

/** Eyes in a photo. */
export interface Eyes {
  readonly right: Point;
  readonly left: Point;
}

/** The face's part of the photo that is put elsewhere. */
const head = { left: 84, top: 0, width: 220, height: 230 };

/** The place of a head: centre of its cut-out at (x, y), scale, and clockwise rotation in degrees. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly degrees: number;
}

/** A grey photo with the astronaut's head in some places, and where her eyes are then. */
export async function composition(
  width: number,
  height: number,
  heads: readonly Placed[],
): Promise<{ photo: Photo; eyes: readonly Eyes[] }> {
  const layers: OverlayOptions[] = [];
  const eyes: Eyes[] = [];
  for (const { x, y, scale, degrees } of heads) {
    const [w, h] = [Math.round(head.width * scale), Math.round(head.height * scale)];
    const cut = await sharp(join(fixtures, 'astronaut.jpg')).extract(head).resize(w, h).png().toBuffer();
    const turned = sharp(cut).ensureAlpha().rotate(degrees, { background: '#00000000' });
    const { data, info } = await turned.png().toBuffer({ resolveWithObject: true });
    const [left, top] = [Math.round(x - info.width / 2), Math.round(y - info.height / 2)];
    // The part outside the photo is cropped first, because sharp refuses larger layers.
    const [cutLeft, cutTop] = [Math.max(0, -left), Math.max(0, -top)];
    const inside = {
      left: cutLeft,
      top: cutTop,
      width: Math.min(info.width, width - left) - cutLeft,
      height: Math.min(info.height, height - top) - cutTop,
    };
    layers.push({
      input: await sharp(data).extract(inside).png().toBuffer(),
      left: left + cutLeft,
      top: top + cutTop,
    });
    const radians = (degrees * Math.PI) / 180;
    const place = ([px, py]: Point): Point => {
      const dx = ((px - head.left) / head.width - 0.5) * w;
      const dy = ((py - head.top) / head.height - 0.5) * h;
      return [
        left + info.width / 2 + Math.cos(radians) * dx - Math.sin(radians) * dy,
        top + info.height / 2 + Math.sin(radians) * dx + Math.cos(radians) * dy,
      ];
    };
    eyes.push({ right: place(astronautEyes.right), left: place(astronautEyes.left) });
  }
  const canvas = sharp({ create: { width, height, channels: 3, background: '#7890a0' } });
  const pixels = await canvas.composite(layers).removeAlpha().raw().toBuffer();
  return { photo: { width, height, pixels }, eyes };
}

/** The larger error of a face's two eyes, as a fraction of the distance between them. */
export function eyeError({ points }: Pick<Face, 'points'>, { right, left }: Eyes): number {
  return Math.max(distance(points.rightEye, right), distance(points.leftEye, left)) / distance(right, left);
}

/** The face whose eyes are nearest to the given ones. */
export function nearest(faces: readonly Face[], eyes: Eyes): Face | undefined {
  return faces.toSorted((a, b) => eyeError(a, eyes) - eyeError(b, eyes))[0];
}
