// Replacements for some kernels of tfjs-node-gpu: with fewer ops, or for arguments that only tfjs's other backends accept. A
// substitute that returns null leaves the call to tfjs-node-gpu.
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/trace/graph.ts';
import { convolutionInfo } from '../../graph/trace/kernels/products.ts';
import type { Substitute } from '../../graph/trace/replay.ts';
import type { TensorflowBackend } from './binding.ts';

type Named = Parameters<Substitute>[0];

/**
 * 1 for positive x, else alpha, computed as clip(3.4e38 x, alpha, 1) in 3 ops instead of tfjs-node-gpu's 7. NaN stays NaN.
 * Positive x below 3e-39 (denormal) give values between alpha and 1.
 */
const step: Substitute = ({ x }, { attrs }) => {
  const alpha = typeof attrs['alpha'] === 'number' ? attrs['alpha'] : 0;
  if (x!.dtype !== 'float32') {
    return tf.cast(call('Step', { x: tf.cast(x!, 'float32') }, attrs), x!.dtype);
  }
  if (alpha < 0 || alpha > 1) return null;
  return tf.clipByValue(tf.mul(x!, 3.4e38), alpha, 1);
};

/** Runs a kernel of the backend by name. */
function call(kernel: string, inputs: Named, attrs: Node['attrs']): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as unknown as tf.NamedAttrMap);
}

/** Runs the same kernel on inputs cast to `to`, if an input has type `from`. */
function onCast(from: 'int32' | 'bool', to: 'int32' | 'float32'): Substitute {
  return (inputs, { kernel, attrs }) => {
    if (!Object.values(inputs).some(({ dtype }) => dtype === from)) return null;
    const cast = Object.entries(inputs).map(([name, tensor]) => [name, tf.cast(tensor, to)] as const);
    return call(kernel, Object.fromEntries(cast), attrs);
  };
}

/** Bounds of int32 are limited to its range, because infinite bounds fail. */
const clipByValue: Substitute = (inputs, { attrs, kernel }) => {
  if (inputs['x']!.dtype !== 'int32') return null;
  const inRange = (bound: unknown): number => Math.max(-2147483648, Math.min(2147483647, Number(bound)));
  const [clipValueMin, clipValueMax] = [inRange(attrs['clipValueMin']), inRange(attrs['clipValueMax'])];
  if (clipValueMin === attrs['clipValueMin'] && clipValueMax === attrs['clipValueMax']) return null;
  return call(kernel, inputs, { clipValueMin, clipValueMax });
};

/** Division of int32, rounded down; via float32 and so exact up to 2^24, as in the lowering to ONNX. */
const floorDiv: Substitute = ({ a, b }) =>
  tf.cast(tf.floor(tf.div(tf.cast(a!, 'float32'), tf.cast(b!, 'float32'))), 'int32');

/** Remainder of int32 with the sign of the divisor. */
const mod: Substitute = ({ a, b }, node) =>
  a!.dtype === 'int32' ? tf.sub(a!, tf.mul(b!, floorDiv({ a: a!, b: b! }, node)!)) : null;

/** Without tfjs-node-gpu's check of the indices, which reads their values; TensorFlow checks them itself. */
const gather: Substitute = ({ x, indices }, { attrs }) => {
  const { binding } = tf.backend() as unknown as TensorflowBackend;
  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
  const rank = x!.shape.length;
  const axis = tf.scalar((Number(attrs['axis']) + rank) % rank, 'int32');
  const types = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL };
  const attributes = [
    { name: 'batch_dims', type: binding.TF_ATTR_INT, value: Number(attrs['batchDims'] ?? 0) },
    type('Tparams', types[x!.dtype as keyof typeof types]),
    type('Tindices', binding.TF_INT32),
    type('Taxis', binding.TF_INT32),
  ];
  const backend = tf.backend() as unknown as {
    executeSingleOutput(op: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
  };
  return backend.executeSingleOutput('GatherV2', attributes, [x!, indices!, axis]);
};

/** True for pads and strides that TensorFlow computes correctly: SAME or VALID, and equal strides (others gave wrong results). */
function isPlain({ padInfo, strideHeight, strideWidth }: tf.backend_util.Conv2DInfo): boolean {
  return (padInfo.type === 'SAME' || padInfo.type === 'VALID') && strideHeight === strideWidth;
}

/** A convolution with other pads or strides: stride 1 on padded images, then every `strideHeight`-th row and `strideWidth`-th column. */
const convolution: Substitute = ({ x, filter, ...others }, { kernel, attrs }) => {
  const shapes = [x!.shape as number[], filter!.shape as number[]] as const;
  const info = convolutionInfo(...shapes, attrs);
  if (isPlain(info) || Object.keys(others).length > 0) return null;
  const { strideHeight: down, strideWidth: across, outHeight, outWidth } = info;
  const every = call(
    kernel,
    { x: padded(x!, info), filter: filter! },
    { ...attrs, strides: [1, 1], pad: 'valid' },
  );
  const ends: [number, number, number, number] = [
    x!.shape[0]!,
    (outHeight - 1) * down + 1,
    (outWidth - 1) * across + 1,
    filter!.shape[3]!,
  ];
  return tf.stridedSlice(every, [0, 0, 0, 0], ends, [1, down, across, 1]);
};

/** The input gradient of {@link convolution}: the gradient at the padded images, cropped to the images. */
const inputGradient: Substitute = ({ dy, filter }, { kernel, attrs }) => {
  const shape = attrs['inputShape'] as unknown as [number, number, number, number];
  const info = convolutionInfo([...shape], filter!.shape as number[], attrs);
  if (isPlain(info)) return null;
  const [batch, height, width, channels] = shape;
  const { top, bottom, left, right } = info.padInfo;
  const whole: [number, number, number, number] = [
    batch,
    height + top + bottom,
    width + left + right,
    channels,
  ];
  const spread = withZerosBetween(dy!, info, whole);
  const wide = call(
    kernel,
    { dy: spread, filter: filter! },
    { ...attrs, inputShape: whole, pad: 'valid', strides: [1, 1] },
  );
  return tf.slice(wide, [0, top, left, 0], [batch, height, width, channels]);
};

/** The filter gradient of {@link convolution}, from padded images. */
const filterGradient: Substitute = ({ x, dy }, { kernel, attrs }) => {
  const info = convolutionInfo(x!.shape as number[], attrs['filterShape'] as unknown as number[], attrs);
  if (isPlain(info)) return null;
  const wide = padded(x!, info);
  const spread = withZerosBetween(dy!, info, wide.shape as [number, number, number, number]);
  return call(kernel, { x: wide, dy: spread }, { ...attrs, pad: 'valid', strides: [1, 1] });
};

/** Images with zeros as padding. */
function padded(
  x: tf.Tensor,
  { padInfo: { top, bottom, left, right } }: tf.backend_util.Conv2DInfo,
): tf.Tensor {
  return tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}

/** Turns dy of a strided convolution into dy of one with stride 1, with zeros in between. */
function withZerosBetween(
  dy: tf.Tensor,
  info: tf.backend_util.Conv2DInfo,
  [, height, width]: readonly [number, number, number, number],
): tf.Tensor {
  const [batch, rows, columns, channels] = dy.shape as [number, number, number, number];
  const { strideHeight: down, strideWidth: across } = info;
  const cells = tf.pad(tf.reshape(dy, [batch, rows, 1, columns, 1, channels]) as tf.Tensor<tf.Rank.R6>, [
    [0, 0],
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const spread = tf.reshape(cells, [batch, rows * down, columns * across, channels]);
  const full = [height - info.filterHeight + 1, width - info.filterWidth + 1] as const;
  const cut = tf.slice(
    spread,
    [0, 0, 0, 0],
    [batch, Math.min(full[0], rows * down), Math.min(full[1], columns * across), channels],
  );
  return tf.pad(cut, [
    [0, 0],
    [0, full[0] - cut.shape[1]!],
    [0, full[1] - cut.shape[2]!],
    [0, 0],
  ]);
}

const onFloats = onCast('int32', 'float32');
const onWholeNumbers = onCast('bool', 'int32');

/** Substitutes by tfjs's kernel name. */
const all: Readonly<Record<string, Substitute>> = {
  Step: step,
  LeakyRelu: onFloats,
  IsNan: onFloats,
  IsInf: onFloats,
  IsFinite: onFloats,
  Greater: onWholeNumbers,
  GreaterEqual: onWholeNumbers,
  Less: onWholeNumbers,
  LessEqual: onWholeNumbers,
  Cumsum: onWholeNumbers,
  ClipByValue: clipByValue,
  FloorDiv: floorDiv,
  Mod: mod,
  GatherV2: gather,
  Conv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
};

/** Substitutes by tfjs's kernel name; their intermediate tensors are freed. */
export const substitutes: Readonly<Record<string, Substitute>> = Object.fromEntries(
  Object.entries(all).map(([kernel, compute]): [string, Substitute] => [kernel, tidied(compute)]),
);

function tidied(compute: Substitute): Substitute {
  return (inputs, node) => {
    const engine = tf.engine();
    engine.startScope('substitute');
    let made: tf.Tensor | null = null;
    try {
      made = compute(inputs, node);
      return made;
    } finally {
      engine.endScope(made ?? undefined);
    }
  };
}
