// Masks that switch filters off, as inputs of the package's `masked` file. They are checked here, where the layers and their widths
// are known.
import type { Masks } from '../../protocol.ts';
import { inputShapes } from '../input-shapes.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { Feeds } from '../feeds.ts';

const prefix = 'mask/';

/**
 * The masks as inputs, for a given number of images; a layer without a mask keeps all its filters. Throws RangeError for an unknown
 * layer, a wrong number of filters or a value that is not finite, TypeError for anything but lists.
 */
export function masksFor(loaded: Pick<LoadedModel, 'inputs'>, masks: Masks): (size: number) => Feeds {
  const widths = Object.fromEntries(
    Object.entries(inputShapes(loaded.inputs))
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, shape]) => [name.slice(prefix.length), Number(shape.at(-1))]),
  );
  if (typeof masks !== 'object' || masks === null) {
    throw new TypeError(`masks: got ${String(masks)}, expected lists of numbers by the name of their layer`);
  }
  for (const [layer, mask] of Object.entries(masks)) check(layer, mask, widths);
  return (size) =>
    Object.fromEntries(
      Object.entries(widths).map(([layer, width]) => {
        const one = masks[layer] ?? new Array<number>(width).fill(1);
        const all = Float32Array.from({ length: size * width }, (_, i) => one[i % width]!);
        return [`${prefix}${layer}`, [all, [size, width]] as const];
      }),
    );
}

function check(layer: string, mask: ArrayLike<number>, widths: Readonly<Record<string, number>>): void {
  const width = widths[layer];
  if (width === undefined) {
    throw new RangeError(`masks: got the layer ${layer}, expected one of ${Object.keys(widths).join(', ')}`);
  }
  if (!Array.isArray(mask) && !ArrayBuffer.isView(mask)) {
    throw new TypeError(`masks of ${layer}: got ${String(mask)}, expected a list of ${width} numbers`);
  }
  if (mask.length !== width) {
    throw new RangeError(
      `masks of ${layer}: got ${mask.length} numbers, expected ${width}, one for each filter`,
    );
  }
  const bad = Array.from(mask).findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`masks of ${layer}[${bad}]: got ${mask[bad]}, expected a number`);
}
