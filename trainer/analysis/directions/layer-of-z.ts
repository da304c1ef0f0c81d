// The first layer of a generator from elsewhere: the operator with constant weights that z meets first, through operators that only
// change its shape, and the batch norm after it.
import type { ReadModel, ReadNode } from '../../graph/lower/read-model.ts';
import { weightOf } from '../../graph/lower/read-model.ts';

/** A linear layer of z. */
export interface LayerOfZ {
  readonly node: ReadNode;
  /** [latentDim, outputs], with the scale of a batch norm that follows. */
  readonly weights: Float32Array;
}

/** Operators that change the shape of a value alone. */
const shaping = ['Identity', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Transpose', 'Cast'];

/** Finds it. Throws Error, with the operator that is in the way. */
export function layerOfZ(model: ReadModel, latentDim: number): LayerOfZ {
  const { graph } = model;
  let value = 'z';
  for (;;) {
    const readers = graph.node.filter(({ input }) => input.includes(value));
    const [node] = readers;
    if (node === undefined || readers.length > 1) {
      throw new Error(`z goes into ${readers.length} operators, expected one`);
    }
    if (shaping.includes(node.op_type)) {
      value = node.output[0]!;
      continue;
    }
    const weights = node.input[0] === value ? matrixOf(model, node, latentDim) : null;
    if (weights === null) {
      throw new Error(
        `z goes into operator ${node.op_type}, expected Gemm, MatMul, Conv or ConvTranspose with ${latentDim} rows of float32 weights`,
      );
    }
    return { node, weights: scaled(model, node, weights, latentDim) };
  }
}

const whole = ({ attribute }: ReadNode, name: string): number =>
  attribute.find((candidate) => candidate.name === name)?.i ?? 0;
const list = ({ attribute }: ReadNode, name: string): readonly number[] =>
  attribute.find((candidate) => candidate.name === name)?.ints ?? [];

/** The layer's weights as [latentDim, outputs]; null for an operator that is no such layer. */
function matrixOf(model: ReadModel, node: ReadNode, latentDim: number): Float32Array | null {
  const found = weightOf(model, node.input[1] ?? '');
  if (found === null) return null;
  const { shape, data } = found;
  const hasRows = shape[0] === latentDim;
  switch (node.op_type) {
    case 'MatMul':
      return hasRows && shape.length === 2 ? data : null;
    case 'Gemm':
      if (whole(node, 'transA') === 1) return null;
      if (whole(node, 'transB') === 1) return shape[1] === latentDim ? transposed(data, latentDim) : null;
      return hasRows ? data : null;
    case 'ConvTranspose': {
      // On an image of one pixel, every output is one weight's product with z, unless it is cut off.
      const isWhole = list(node, 'pads').every((pad) => pad === 0) && whole(node, 'group') <= 1;
      return hasRows && isWhole ? data : null;
    }
    case 'Conv': {
      const isPoint = shape.slice(2).every((size) => size === 1) && whole(node, 'group') <= 1;
      return shape[1] === latentDim && isPoint ? transposed(data, latentDim) : null;
    }
    default:
      return null;
  }
}

/** [outputs, columns] → [columns, outputs]. */
function transposed(data: Float32Array, columns: number): Float32Array {
  const rows = data.length / columns;
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** The weights times the scale of a batch norm that follows, as if it had been folded into them. */
function scaled(model: ReadModel, layer: ReadNode, weights: Float32Array, latentDim: number): Float32Array {
  const outputs = weights.length / latentDim;
  let value = layer.output[0]!;
  let isChannelLast = false;
  for (;;) {
    const readers = model.graph.node.filter(({ input }) => input.includes(value));
    const [next] = readers;
    if (next === undefined || readers.length > 1) return weights;
    if (next.op_type === 'BatchNormalization') {
      const [scale, variance] = [next.input[1]!, next.input[4]!].map((name) => weightOf(model, name)?.data);
      if (scale === undefined || variance === undefined) return weights;
      const epsilon = next.attribute.find(({ name }) => name === 'epsilon')?.f ?? 1e-5;
      const channels = scale.length;
      return weights.map((weight, i) => {
        const output = i % outputs;
        const channel = isChannelLast ? output % channels : Math.floor((output * channels) / outputs);
        return (weight * scale[channel]!) / Math.sqrt(variance[channel]! + epsilon);
      });
    }
    if (next.op_type === 'Transpose') isChannelLast = true;
    if (![...shaping, 'Add'].includes(next.op_type)) return weights;
    value = next.output[0]!;
  }
}
