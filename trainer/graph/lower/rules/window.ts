// Windows that slide over images: tfjs's conventions translated to ONNX's. Pads are always explicit, and no larger
// than the windows reach, so that both agree on the number of windows.
import type { backend_util } from '@tensorflow/tfjs-core';

/** Pads of height and width before and after the image; negative if the windows leave pixels unused. */
export interface WindowPads {
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

/** Number of rows (or columns) that the last window reaches past the input; negative if it ends before. */
function padAfter(out: number, stride: number, reach: number, size: number, before: number): number {
  return (out - 1) * stride + reach - size - before;
}

/** The pads that the windows reach into; the ones after the image may be negative. */
export function windowPads(info: backend_util.Conv2DInfo): WindowPads {
  const { top, left } = info.padInfo;
  const { outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth } = info;
  return {
    before: [top, left],
    after: [
      padAfter(outHeight, strideHeight, info.effectiveFilterHeight, inHeight, top),
      padAfter(outWidth, strideWidth, info.effectiveFilterWidth, inWidth, left),
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
