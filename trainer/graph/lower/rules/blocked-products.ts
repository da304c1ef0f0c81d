// Convolutions of images with blocked channels, by ONNX Runtime's own blocked operator (MLAS's NCHWc). ONNX Runtime
// chooses it by itself only for constant filters, which training never has. On two AVX-512
// cores it is 1.1 to 1.25 times as fast as the plain convolution, and 1.3 to 2 times as fast as the transposed one.
import type { backend_util } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../trace/graph.ts';
import { blockedConvolution as operator, type LoweringContext } from '../context.ts';
import {
  blockedFilters,
  blockedFirstFilters,
  blockedImages,
  blockedTransposedFilters,
  nchw,
  physicalDims,
  toPhysical,
} from '../layout.ts';
import { windowPads } from './window.ts';

/** Whether images with these numbers of channels can be blocked. */
export function areBlocks(context: LoweringContext, ...channels: readonly number[]): boolean {
  return context.block !== null && channels.every((count) => count % context.block! === 0);
}

/** One blocked convolution; pads are [top, left, bottom, right]. The result lies as {@link blockedImages}. */
function convolve(
  context: LoweringContext,
  images: string,
  filter: string,
  window: {
    readonly size: readonly number[];
    readonly strides: readonly number[];
    readonly dilations: readonly number[];
    readonly pads: readonly number[];
  },
): string {
  return context.emit(operator, [images, filter], {
    kernel_shape: { ints: window.size },
    strides: { ints: window.strides },
    dilations: { ints: window.dilations },
    pads: { ints: window.pads },
    group: { i: 1 },
  });
}

/** The convolution of `x`, as {@link blockedImages}, or null where its channels are no multiple of the block. */
export function blockedConvolution(
  context: LoweringContext,
  x: ValueId,
  filter: ValueId,
  info: backend_util.Conv2DInfo,
): string | null {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  if (!areBlocks(context, outChannels)) return null;
  // Images with few channels (the training images) are read in NCHW.
  const isFirst = inChannels < context.block!;
  if (!isFirst && !areBlocks(context, inChannels)) return null;
  const { before, behind } = windowPads(info);
  const dims = context.dims(x);
  const images = isFirst
    ? context.read(x, nchw)
    : context.reshape(context.read(x, blockedImages), toPhysical(dims, nchw));
  const name = convolve(
    context,
    images,
    context.reshape(context.read(filter, isFirst ? blockedFirstFilters : blockedFilters), [
      outChannels,
      inChannels,
      filterHeight,
      filterWidth,
    ]),
    {
      size: [filterHeight, filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: [...before, ...behind.map((value) => Math.max(0, value))],
    },
  );
  const output = [dims[0]!, info.outHeight, info.outWidth, outChannels];
  return context.reshape(name, physicalDims(output, blockedImages, context.block));
}

/** Along one axis: the taps of the filter that make every `stride`-th place of the result, from place `phase` on. */
interface Phase {
  /** The last tap, from which they are taken backwards in steps of the stride. */
  readonly last: number;
  readonly count: number;
  /** Pads of dy, before and behind. */
  readonly pads: readonly [number, number];
}

/**
 * The phases of one axis, or null where they are not alike or would cut dy. Place s j + r of the result meets, for
 * each tap t of the filter with (r + before - t) = s i, place j + i of dy.
 */
function phasesOf(size: number, out: number, filter: number, stride: number, before: number): Phase[] | null {
  if (size % stride !== 0) return null;
  const phases = Array.from({ length: stride }, (_, r): Phase => {
    const first = (r + before) % stride;
    const count = Math.max(0, Math.ceil((filter - first) / stride));
    const pad = count - 1 - (r + before - first) / stride;
    return {
      last: first + stride * (count - 1),
      count,
      pads: [pad, size / stride - 1 + count - out - pad],
    };
  });
  const isPlain = phases.every(({ count, pads }) => count > 0 && pads[0] >= 0 && pads[1] >= 0);
  return isPlain ? phases : null;
}

/**
 * The transposed convolution of `dy`, as {@link blockedImages}: with stride s, s² small convolutions, one for the
 * result's every s-th row and column from each start, which are then interleaved.
 * Null where channels are no multiple of the block or the stride does not divide the result.
 */
export function blockedInputGradient(
  context: LoweringContext,
  dy: ValueId,
  filter: ValueId,
  info: backend_util.Conv2DInfo,
): string | null {
  const { inChannels, outChannels, inHeight, inWidth, strideHeight, strideWidth } = info;
  if (!areBlocks(context, inChannels, outChannels)) return null;
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1) return null;
  const [top, left] = windowPads(info).before;
  const rows = phasesOf(inHeight, info.outHeight, info.filterHeight, strideHeight, top);
  const columns = phasesOf(inWidth, info.outWidth, info.filterWidth, strideWidth, left);
  if (rows === null || columns === null) return null;

  const dims = context.dims(dy);
  const images = context.reshape(context.read(dy, blockedImages), toPhysical(dims, nchw));
  const taps = context.read(filter, blockedTransposedFilters);
  const { block } = context;
  const blocks = inChannels / block!;
  const [height, width] = [inHeight / strideHeight, inWidth / strideWidth];
  const lines = rows.map((row) => {
    const threads = columns.map((column) => {
      const some = context.emit('Slice', [
        taps,
        context.int64s([row.last, column.last]),
        context.int64s([-2147483648, -2147483648]),
        context.int64s([2, 3]),
        context.int64s([-strideHeight, -strideWidth]),
      ]);
      const filters = context.reshape(some, [inChannels, outChannels, row.count, column.count]);
      const name = convolve(context, images, filters, {
        size: [row.count, column.count],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [row.pads[0], column.pads[0], row.pads[1], column.pads[1]],
      });
      return context.reshape(name, [dims[0]!, blocks, height, width, block!]);
    });
    const line = threads.length === 1 ? threads[0]! : context.emit('Concat', threads, { axis: { i: 4 } });
    return context.reshape(line, [dims[0]!, blocks, height, inWidth * block!]);
  });
  const cloth = lines.length === 1 ? lines[0]! : context.emit('Concat', lines, { axis: { i: 3 } });
  return context.reshape(cloth, [dims[0]!, blocks, inHeight, inWidth, block!]);
}
