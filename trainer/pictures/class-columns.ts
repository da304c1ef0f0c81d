// Images of several classes side by side, with the name of each above its column.
import type { Model } from '../../runtime-web/format/model.ts';
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { pictureAt, type Picture, type SheetRow } from './sheet.ts';

/** Max number of classes that get a column each. */
export const maxClassColumns = 32;

/**
 * The class of each column if a grid with a column for each class shows one class a column; null for a model without classes or with
 * too many, and for seeds that do not alternate between all classes.
 */
export function columnClasses(
  { conditioning }: Pick<Model, 'conditioning'>,
  seeds: readonly number[],
): readonly string[] | null {
  if (conditioning?.kind !== 'classes') return null;
  const { names } = conditioning;
  const { length } = names;
  if (length > maxClassColumns || seeds.length < length) return null;
  const classOf = (i: number): number => seeds[i]! % length;
  if (seeds.some((_, i) => classOf(i) !== classOf(i % length))) return null;
  const columns = names.map((_, i) => names[classOf(i)]!);
  return new Set(columns).size === length ? columns : null;
}

/** Rows of one image of each class, with the classes above the first. */
export function classRows(images: readonly Picture[], classes: readonly string[]): readonly SheetRow[] {
  return Array.from({ length: Math.ceil(images.length / classes.length) }, (_, row) => ({
    ...(row === 0 && { above: classes }),
    groups: images.slice(row * classes.length, (row + 1) * classes.length).map((image) => [image]),
  }));
}

/** The images of a tensor [n, h, w, c] in [-1, 1]. */
export function picturesOf({ shape, data }: HostTensor): readonly Picture[] {
  const [n, height, width, channels] = shape as [number, number, number, Channels];
  return Array.from({ length: n }, (_, i) => pictureAt(data as Float32Array, i, { width, height, channels }));
}
