// The modes of a viewer: one image, a grid of seeds, or a point of a walk between two seeds.
import { latentOf, mix, usualPath, type Latent } from '../format/latents.ts';
import type { Model } from '../format/model.ts';
import type { Generator } from '../generator-calls.ts';
import type { AttributeName, AttributeValue } from './attributes.ts';

/** A grid of images, row by row, and the seeds they come from. */
export interface DrawnScene {
  readonly images: readonly ImageData[];
  readonly seeds: readonly number[];
  readonly columns: number;
  readonly rows: number;
}

/** Generates the images that the attributes ask for; `walked` is the progress to the next seed, from 0 to 1. */
export async function drawScene(
  generator: Generator,
  read: <K extends AttributeName>(name: K) => AttributeValue<K>,
  walked: number,
): Promise<DrawnScene> {
  const { model } = generator;
  const [mode, seed] = [read('mode'), read('seed')];
  const [columns, rows] = mode === 'grid' ? [read('columns'), read('rows')] : [1, 1];
  const seeds = Array.from({ length: mode === 'walk' ? 2 : columns * rows }, (_, i) => seed + i);
  const options = {
    labels: read('label') || undefined,
    condition: read('condition') || undefined,
    truncation: read('truncation'),
  };
  const images = await generator.generate(
    mode === 'walk'
      ? { z: [walkedLatent(model, seeds, walked)], conditionIndices: [seed], ...options }
      : { seeds, ...options },
  );
  return { images, seeds, columns, rows };
}

function walkedLatent(model: Model, [from, to]: readonly number[], walked: number): Latent {
  return mix(latentOf(model, from!), latentOf(model, to!), walked, usualPath(model.latent.distribution));
}

/** Shows a scene on a canvas, resized to the scene's pixels. */
export function showScene(canvas: HTMLCanvasElement, { images, columns, rows }: DrawnScene): void {
  const { width, height } = images[0]!;
  if (canvas.width !== columns * width || canvas.height !== rows * height) {
    canvas.width = columns * width;
    canvas.height = rows * height;
  }
  const context = canvas.getContext('2d')!;
  images.forEach((image, i) => {
    context.putImageData(image, (i % columns) * width, Math.floor(i / columns) * height);
  });
}
