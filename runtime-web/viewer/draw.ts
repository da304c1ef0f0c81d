// The modes of a viewer: one image, a grid of seeds, or a point of a walk between two seeds.
import type { Label } from '../format/condition.ts';
import { latentOf, mix, usualPath, type Latent } from '../format/latents.ts';
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
  const [mode, seed, truncation] = [read('mode'), read('seed'), read('truncation')];
  const [columns, rows] = mode === 'grid' ? [read('columns'), read('rows')] : [1, 1];
  const seeds = Array.from({ length: mode === 'walk' ? 2 : columns * rows }, (_, i) => seed + i);
  const latents = seeds.map((each): Latent => latentOf(model, each).map((value) => value * truncation));
  const z =
    mode === 'walk' ? [mix(latents[0]!, latents[1]!, walked, usualPath(model.latent.distribution))] : latents;
  const images = await generator.generate({ z, labels: labelOf(read('label')) });
  return { images, seeds, columns, rows };
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

/** The class of a `label` attribute; digits are a class number. */
function labelOf(text: string): Label | undefined {
  if (text === '') return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}
