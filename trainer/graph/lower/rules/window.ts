// Windows that slide over images: tfjs's conventions translated to ONNX's. Pads are always explicit, and no larger
// than what the windows read, so that both agree on the number of windows.
import type { backend_util } from '@tensorflow/tfjs-core';

/** Pads of height and width: before the image, and behind it (negative where the windows leave some of it over). */
export interface WindowPads {
  readonly before: readonly [number, number];
  readonly behind: readonly [number, number];
}

/** Rows (or columns) that the windows of an axis reach past the input: behind it; negative where they end before. */
function behind(out: number, stride: number, reach: number, size: number, before: number): number {
  return (out - 1) * stride + reach - size - before;
}

/** The pads that the windows really reach into: before, and behind (negative where input is left over). */
export function windowPads(info: backend_util.Conv2DInfo): WindowPads {
  const { top, left } = info.padInfo;
  const { outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth } = info;
  return {
    before: [top, left],
    behind: [
      behind(outHeight, strideHeight, info.effectiveFilterHeight, inHeight, top),
      behind(outWidth, strideWidth, info.effectiveFilterWidth, inWidth, left),
    ],
  };
}

/** ONNX's attributes of a convolution or pooling with this window. */
export function windowAttributes(info: backend_util.Conv2DInfo, pads: readonly number[], group = 1) {
  return {
    strides: { ints: [info.strideHeight, info.strideWidth] },
    dilations: { ints: [info.dilationHeight, info.dilationWidth] },
    pads: { ints: pads },
    kernel_shape: { ints: [info.filterHeight, info.filterWidth] },
    ...(group > 1 && { group: { i: group } }),
  };
}
