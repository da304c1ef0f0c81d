// Kernels that this project computes otherwise than tfjs-node-gpu does: with fewer ops, or where its own refuse what
// tfjs's other backends take. A call that none of these is for goes to tfjs-node-gpu.
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/trace/graph.ts';
import { convolutionInfo } from '../../graph/trace/kernels/products.ts';
import type { Substitute } from '../../graph/trace/replay.ts';
import type { TensorflowBackend } from './binding.ts';

type Named = Parameters<Substitute>[0];

/**
 * 1 for positive x, else alpha, as x times the largest float, clipped: three ops for which tfjs-node-gpu takes seven,
 * with masks and a test for NaN (which passes through here as well). Positive x below 3e-39, denormal, fall between.
 */
const step: Substitute = ({ x }, { attrs }) => {
  const alpha = typeof attrs['alpha'] === 'number' ? attrs['alpha'] : 0;
  if (x!.dtype !== 'float32') {
    return tf.cast(call('Step', { x: tf.cast(x!, 'float32') }, attrs), x!.dtype);
  }
  if (alpha < 0 || alpha > 1) return null;
  return tf.clipByValue(tf.mul(x!, 3.4e38), alpha, 1);
};

/** The backend's kernel by name. */
function call(kernel: string, inputs: Named, attrs: Node['attrs']): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as unknown as tf.NamedAttrMap);
}

/** The same kernel on other types, where an input is of type `from`. */
function onCast(from: 'int32' | 'bool', to: 'int32' | 'float32'): Substitute {
  return (inputs, { kernel, attrs }) => {
    if (!Object.values(inputs).some(({ dtype }) => dtype === from)) return null;
    const cast = Object.entries(inputs).map(([name, tensor]) => [name, tf.cast(tensor, to)] as const);
    return call(kernel, Object.fromEntries(cast), attrs);
  };
}

/** An infinite bound of integers is the furthest integer. */
const clipByValue: Substitute = (inputs, { attrs, kernel }) => {
  if (inputs['x']!.dtype !== 'int32') return null;
  const near = (bound: unknown): number => Math.max(-2147483648, Math.min(2147483647, Number(bound)));
  const [clipValueMin, clipValueMax] = [near(attrs['clipValueMin']), near(attrs['clipValueMax'])];
  if (clipValueMin === attrs['clipValueMin'] && clipValueMax === attrs['clipValueMax']) return null;
  return call(kernel, inputs, { clipValueMin, clipValueMax });
};

/** Whole numbers divided, rounded down; through float32, exact up to 2^24, as in the lowering. */
const floorDiv: Substitute = ({ a, b }) =>
  tf.cast(tf.floor(tf.div(tf.cast(a!, 'float32'), tf.cast(b!, 'float32'))), 'int32');

/** The remainder with the divisor's sign. */
const mod: Substitute = ({ a, b }, node) =>
  a!.dtype === 'int32' ? tf.sub(a!, tf.mul(b!, floorDiv({ a: a!, b: b! }, node)!)) : null;

/** tfjs-node-gpu looks at the indices first, which a program cannot; TensorFlow checks them itself. */
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

/** Whether TensorFlow's convolutions take such pads, and steps alike both ways (it has erred with others). */
function isPlain({ padInfo, strideHeight, strideWidth }: tf.backend_util.Conv2DInfo): boolean {
  return (padInfo.type === 'SAME' || padInfo.type === 'VALID') && strideHeight === strideWidth;
}

/** A convolution of steps that differ: every place first, then those that the steps come to. */
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

/** The gradient at images that were padded by hand is cut back to the images. */
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
  const spread = atSteps(dy!, info, whole);
  const wide = call(
    kernel,
    { dy: spread, filter: filter! },
    { ...attrs, inputShape: whole, pad: 'valid', strides: [1, 1] },
  );
  return tf.slice(wide, [0, top, left, 0], [batch, height, width, channels]);
};

const filterGradient: Substitute = ({ x, dy }, { kernel, attrs }) => {
  const info = convolutionInfo(x!.shape as number[], attrs['filterShape'] as unknown as number[], attrs);
  if (isPlain(info)) return null;
  const wide = padded(x!, info);
  const spread = atSteps(dy!, info, wide.shape as [number, number, number, number]);
  return call(kernel, { x: wide, dy: spread }, { ...attrs, pad: 'valid', strides: [1, 1] });
};

/** Images with their pads as zeros. */
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

/** dy of a convolution with steps as that of one without: zeros at the places in between. */
function atSteps(
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

/** By tfjs's name of the kernel. */
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

/** The same; what a substitute makes on the way is freed. */
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
