// Converts a convolutional network from a TensorFlow Lite file to an ONNX model for images of any size: images
// [n, 3, h, w], with h and w multiples of the network's own stride, and outputs flattened cell by cell, as in the file.
// Convolutions work at any size, so a network trained on small squares runs on a whole photograph.
import {
  elementType,
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
} from '../../trainer/graph/lower/onnx-schema.ts';
import { halfBytes, halfRounded, isWorthHalving } from '../../trainer/graph/lower/half.ts';
import type { LiteGraph, LiteOperator, LiteTensor } from './lite-file.ts';

/** True if the values are many enough to store in half precision, and lose nothing by it. */
function isHalfExactly(values: Float32Array): boolean {
  if (!isWorthHalving(values)) return false;
  const rounded = halfRounded(values);
  return values.every((value, i) => value === rounded[i]);
}

const bytesOf = (values: Float32Array | BigInt64Array): Uint8Array => new Uint8Array(values.buffer);

/**
 * The bytes of the ONNX model: input `images` [n, 3, h, w], outputs `output0`, `output1`, … [n, cells, values].
 * Weights that half precision represents exactly are stored in it and cast to float32 before use.
 * Throws RangeError if the graph uses an operator, or an option of one, that is not supported here.
 */
export function liteToOnnx(
  { tensors, operators, inputs, outputs }: LiteGraph,
  name: string,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const nodes: OnnxNode[] = [];
  const initialisers: OnnxTensor[] = [];
  /** Constants by tensor index. */
  const constants = new Map<number, LiteTensor>();
  tensors.forEach((tensor, i) => tensor.values !== null && constants.set(i, tensor));
  /** Names of ONNX values by tensor index. */
  const names = new Map<number, string>();

  const add = (
    op_type: string,
    input: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void => void nodes.push({ op_type, name: output, input, output: [output], attributes });
  const constant = (label: string, dims: readonly number[], values: Float32Array | BigInt64Array): string => {
    if (values instanceof Float32Array && isHalfExactly(values)) {
      const half = {
        name: `${label}/half`,
        dims,
        data_type: elementType.float16,
        raw_data: halfBytes(values),
      };
      initialisers.push(half);
      add('Cast', [half.name], label, { to: { i: elementType.float32 } });
      return label;
    }
    const data_type = values instanceof Float32Array ? elementType.float32 : elementType.int64;
    initialisers.push({ name: label, dims, data_type, raw_data: bytesOf(values) });
    return label;
  };
  const constantAt = (index: number): LiteTensor & { values: Float32Array | Int32Array } => {
    const found = constants.get(index);
    if (found === undefined) throw new RangeError(`tensor ${tensors[index]!.name}: expected a constant`);
    return found as LiteTensor & { values: Float32Array | Int32Array };
  };
  const shapeOf = (index: number): readonly [number, number, number, number] =>
    tensors[index]!.shape as unknown as readonly [number, number, number, number];

  /** `SAME` padding follows from the output's size, with the odd pixel at the end; `VALID` has no padding. */
  const pads = (
    operator: LiteOperator,
    window: readonly [number, number],
    strides: readonly [number, number],
  ): number[] => {
    const [, height, width] = shapeOf(operator.inputs[0]!);
    const [, outHeight, outWidth] = shapeOf(operator.outputs[0]!);
    const isSame = operator.option(0, 'byte') === 0;
    const total = (size: number, out: number, axis: 0 | 1): number =>
      isSame ? Math.max(0, (out - 1) * strides[axis] + window[axis] - size) : 0;
    const [down, across] = [total(height, outHeight, 0), total(width, outWidth, 1)];
    return [down >> 1, across >> 1, down - (down >> 1), across - (across >> 1)];
  };
  const refuseActivation = (operator: LiteOperator, field: number): void => {
    if (operator.option(field, 'byte') !== 0) {
      throw new RangeError(`${operator.kind}: an activation inside an operator is not supported here`);
    }
  };

  const convolution = (operator: LiteOperator, output: string): void => {
    const isDepthwise = operator.kind === 'depthwise-conv-2d';
    refuseActivation(operator, isDepthwise ? 4 : 3);
    const [x, filterAt, biasAt] = operator.inputs as [number, number, number];
    const filter = constantAt(filterAt);
    const [outer, height, width, inner] = shapeOf(filterAt);
    const strides = [operator.option(2, 'int'), operator.option(1, 'int')] as const;
    // A filter is [o, h, w, i] in the file, a depthwise one [1, h, w, o]; ONNX takes [o, i, h, w].
    const [rows, columns] = isDepthwise ? [inner, 1] : [outer, inner];
    const values = new Float32Array(filter.values.length);
    let k = 0;
    for (let o = 0; o < rows; o++) {
      for (let i = 0; i < columns; i++) {
        for (let place = 0; place < height * width; place++) {
          const from = isDepthwise ? place * inner + o : (o * height * width + place) * inner + i;
          values[k++] = filter.values[from]!;
        }
      }
    }
    const weights = constant(`${output}/filter`, [rows, columns, height, width], values);
    const bias = constant(`${output}/bias`, [rows], Float32Array.from(constantAt(biasAt).values));
    add('Conv', [names.get(x)!, weights, bias], output, {
      kernel_shape: { ints: [height, width] },
      strides: { ints: strides },
      pads: { ints: pads(operator, [height, width], strides) },
      group: { i: isDepthwise ? rows : 1 },
    });
  };

  const convert = (operator: LiteOperator): void => {
    const [result] = operator.outputs as [number];
    const [first] = operator.inputs as [number];
    if (operator.kind === 'dequantize') {
      constants.set(result, { ...constantAt(first), name: tensors[result]!.name });
      return;
    }
    const output = `value${result}`;
    const x = names.get(first);
    const given = (): string[] => operator.inputs.map((index) => names.get(index)!);
    names.set(result, output);
    switch (operator.kind) {
      case 'conv-2d':
      case 'depthwise-conv-2d':
        return convolution(operator, output);
      case 'relu':
        return add('Relu', given(), output);
      case 'add':
        refuseActivation(operator, 0);
        return add('Add', given(), output);
      case 'max-pool-2d': {
        const strides = [operator.option(2, 'int'), operator.option(1, 'int')] as const;
        const window = [operator.option(4, 'int'), operator.option(3, 'int')] as const;
        return add('MaxPool', [x!], output, {
          kernel_shape: { ints: window },
          strides: { ints: strides },
          pads: { ints: pads(operator, window, strides) },
        });
      }
      case 'pad': {
        const [n0, n1, top, bottom, left, right, c0, c1] = constantAt(operator.inputs[1]!).values;
        const amounts = [n0, c0, top, left, n1, c1, bottom, right].map((amount) => BigInt(amount!));
        const label = constant(`${output}/pads`, [8], BigInt64Array.from(amounts));
        return add('Pad', [x!, label], output);
      }
      case 'resize-bilinear': {
        const [, height, width] = shapeOf(first);
        const [, outHeight, outWidth] = shapeOf(result);
        const scales = Float32Array.of(1, 1, outHeight / height, outWidth / width);
        const isHalfPixel = operator.option(3, 'byte') !== 0;
        if (operator.option(2, 'byte') !== 0) throw new RangeError('resize-bilinear by corners');
        return add('Resize', [x!, '', constant(`${output}/scales`, [4], scales)], output, {
          mode: { s: 'linear' },
          coordinate_transformation_mode: { s: isHalfPixel ? 'half_pixel' : 'asymmetric' },
        });
      }
      case 'reshape': {
        // [n, c, h, w] → [n, cells, values], the values of a cell side by side.
        const values = shapeOf(result).at(-1)!;
        const shape = BigInt64Array.of(0n, -1n, BigInt(values));
        add('Transpose', [x!], `${output}/last`, { perm: { ints: [0, 2, 3, 1] } });
        return add('Reshape', [`${output}/last`, constant(`${output}/shape`, [3], shape)], output);
      }
    }
  };

  names.set(inputs[0]!, 'images');
  for (const operator of operators) convert(operator);
  outputs.forEach((index, i) => add('Identity', [names.get(index)!], `output${i}`));
  return encodeModel({
    name,
    nodes,
    initialisers,
    inputs: [{ name: 'images', elementType: elementType.float32, dims: ['n', 3, 'h', 'w'] }],
    outputs: outputs.map((index, i) => ({
      name: `output${i}`,
      elementType: elementType.float32,
      dims: ['n', 'cells', tensors[index]!.shape.at(-1)!],
    })),
    metadata,
  });
}
