// Visualises the filters of a hidden layer of G: the image of a single active unit, and the change of whole images when a filter is
// switched off everywhere.
import { lengthOf, type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { GeneratorProbe } from './generator-probe.ts';
import { cropped, pictureAt, stretched, type Picture } from '../../pictures/sheet.ts';

/** The drawings of one filter. */
export interface ChannelDrawing {
  readonly filter: number;
  /** Mean absolute change of a pixel in [-1, 1] when the filter is switched off, over all latents. */
  readonly effect: number;
  /**
   * The image of one unit in the middle of an otherwise inactive layer, minus the image of the inactive layer; the
   * largest magnitude is 1.
   */
  readonly alone: Picture;
  /** The images that change most when the filter is switched off. */
  readonly examples: readonly {
    /** Index of the latent. */
    readonly latent: number;
    readonly before: Picture;
    readonly after: Picture;
    /** after - before; the largest magnitude is 1. */
    readonly difference: Picture;
  }[];
}

/** Settings of {@link drawChannels}. */
export interface ChannelOptions {
  /** Latents [count · latent]. */
  readonly z: Float32Array;
  /** Number of filters to draw, those with the largest effect first. */
  readonly filters: number;
  /** Images per filter; at most the number of latents. */
  readonly examples: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The effects [filters] of all the layer's filters, and drawings of those with the largest effects. */
export async function drawChannels(
  probe: GeneratorProbe,
  config: TrainConfig,
  { z, filters: wanted, examples, signal, onProgress }: ChannelOptions,
): Promise<{ readonly effects: Float64Array; readonly drawings: readonly ChannelDrawing[] }> {
  const { latent } = config;
  const shape = imageShape(config);
  const { filters, size } = probe.layer;
  const [rows, columns] = size;
  const count = z.length / latent;
  const length = lengthOf(shape);
  const without = (filter: number): Float32Array =>
    Float32Array.from({ length: filters }, (_, f) => (f === filter ? 0 : 1));
  const { images, activations } = await probe.draw(z, { withActivations: true, signal });

  const changes = new Float64Array(filters * count);
  for (let filter = 0; filter < filters; filter++) {
    const after = (await probe.draw(z, { mask: without(filter), signal })).images;
    for (let i = 0; i < after.length; i++) {
      changes[filter * count + Math.floor(i / length)]! += Math.abs(after[i]! - images[i]!) / length;
    }
    onProgress?.(filter + 1, filters);
  }
  const changesOf = (filter: number): Float64Array => changes.subarray(filter * count, (filter + 1) * count);
  const effects = Float64Array.from(
    { length: filters },
    (_, filter) => changesOf(filter).reduce((a, b) => a + b, 0) / count,
  );
  const chosen = largest(effects, wanted);

  // One unit at the filter's maximum in the middle of zeros, and all zeros for comparison.
  const layerLength = rows * columns * filters;
  const given = new Float32Array((chosen.length + 1) * layerLength);
  const middle = (Math.floor(rows / 2) * columns + Math.floor(columns / 2)) * filters;
  for (const [i, filter] of chosen.entries()) {
    let max = 0;
    for (let at = filter; at < activations.length; at += filters) max = Math.max(max, activations[at]!);
    given[(i + 1) * layerLength + middle + filter] = max;
  }
  const drawn = await probe.drawFrom(given);
  const added = chosen.map((_, i) =>
    drawn.slice((i + 1) * length, (i + 2) * length).map((value, p) => value - drawn[p]!),
  );
  const bounds = boundsOf(added, shape);

  const drawings: ChannelDrawing[] = [];
  for (const [i, filter] of chosen.entries()) {
    const best = largest(changesOf(filter), examples);
    const latents = new Float32Array(best.length * latent);
    best.forEach((from, k) => latents.set(z.subarray(from * latent, (from + 1) * latent), k * latent));
    const after = (await probe.draw(latents, { mask: without(filter), signal })).images;
    const whole = pictureAt(added[i]!, 0, shape);
    drawings.push({
      filter,
      effect: effects[filter]!,
      alone: stretched(cropped(whole, bounds.rows, bounds.columns)),
      examples: best.map((from, k) => {
        const was = pictureAt(images, from, shape);
        const is = pictureAt(after, k, shape);
        const change = is.data.map((value, p) => value - was.data[p]!);
        return { latent: from, before: was, after: is, difference: stretched({ ...was, data: change }) };
      }),
    });
  }
  return { effects, drawings };
}

/** Indices of the `count` largest values, largest first. */
export function largest(values: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: values.length }, (_, i) => i)
    .sort((i, j) => values[j]! - values[i]!)
    .slice(0, count);
}

/** The rows and columns that contain every pixel above 0.1% of its image's largest magnitude; the whole image if there is none. */
function boundsOf(pictures: readonly Float32Array[], { width, height, channels }: ImageShape) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (const picture of pictures) {
    const max = picture.reduce((a, value) => Math.max(a, Math.abs(value)), 0);
    for (let i = 0; i < picture.length; i++) {
      if (Math.abs(picture[i]!) <= max * 1e-3) continue;
      const pixel = Math.floor(i / channels);
      const [y, x] = [Math.floor(pixel / width), pixel % width];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
  }
  if (bottom < 0) [top, bottom, left, right] = [0, height - 1, 0, width - 1];
  return {
    rows: { first: top, size: bottom - top + 1 },
    columns: { first: left, size: right - left + 1 },
  };
}
