// Inception v3's weights as an ONNX file: images [n, 3, h, w] with values from 0 to 255 → features [n, 2048], and logits [n, 1008]
// without the bias, as the inception score of torch-fidelity takes them. Batch norm is folded into the convolutions.
import { UserError } from '../errors.ts';
import { elementType, encodeModel, type OnnxAttribute } from '../graph/lower/onnx-schema.ts';
import type { OnnxNode, OnnxTensor } from '../graph/lower/onnx-schema.ts';
import {
  inceptionLayers,
  inceptionOutputs,
  inceptionSize,
  type Convolution,
  type Pool,
  type Step,
} from './inception-layers.ts';
import type { FileTensor } from './weight-file.ts';

/**
 * The ways to bring images to 299x299: that of TensorFlow 1 (Heusel 2017, torch-fidelity), that of PyTorch (pytorch-fid), both inside
 * the network and without a filter when shrinking; or Pillow's bicubic filter before it (clean-fid; Parmar 2022).
 */
export const inceptionResizes = ['tensorflow', 'pytorch', 'clean'] as const;
/** One of {@link inceptionResizes}. */
export type InceptionResize = (typeof inceptionResizes)[number];

/** ε of batch norm. */
const epsilon = 1e-3;

/** A value of the graph. */
interface Value {
  readonly name: string;
  readonly channels: number;
}

/** The weights, as a state dict with the path of its file. */
interface Weights {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

/** Encodes the network. Throws UserError, naming the layer, for weights that are not this network's, or not finite. */
export async function inceptionNetwork(weights: Weights, resize: InceptionResize): Promise<Uint8Array> {
  const nodes: OnnxNode[] = [];
  const initialisers: OnnxTensor[] = [];
  const add = (
    op_type: string,
    input: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string => {
    nodes.push({ op_type, name: output, input, output: [output], attributes });
    return output;
  };
  const constant = (name: string, dims: readonly number[], values: Float32Array | BigInt64Array): string => {
    const data_type = values instanceof Float32Array ? elementType.float32 : elementType.int64;
    const raw_data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    initialisers.push({ name, dims, data_type, raw_data });
    return name;
  };
  const scalar = (name: string, value: number): string => constant(name, [], Float32Array.of(value));
  const read = (name: string, shape: readonly number[]): Promise<Float32Array> =>
    readTensor(weights, name, shape);

  const convolve = async (x: Value, prefix: string, step: Convolution): Promise<Value> => {
    const { to, kernel, stride, isPadded } = step;
    const layer = `${prefix}${step.layer}`;
    const shape = [to, x.channels, ...kernel];
    const filter = await read(`${layer}.conv.weight`, shape);
    const [scale, offset, mean, variance] = await Promise.all(
      ['weight', 'bias', 'running_mean', 'running_var'].map((name) => read(`${layer}.bn.${name}`, [to])),
    );
    const bias = new Float32Array(to);
    const size = filter.length / to;
    for (let o = 0; o < to; o++) {
      if (variance![o]! < 0) throw refuse(weights, `${layer}.bn.running_var has a negative number`);
      const factor = scale![o]! / Math.sqrt(variance![o]! + epsilon);
      for (let i = o * size; i < (o + 1) * size; i++) filter[i]! *= factor;
      bias[o] = offset![o]! - mean![o]! * factor;
    }
    const inputs = [
      x.name,
      constant(`${layer}/filter`, shape, filter),
      constant(`${layer}/bias`, [to], bias),
    ];
    const pads = isPadded ? kernel.map((side) => side >> 1) : [0, 0];
    add('Conv', inputs, `${layer}/sum`, {
      kernel_shape: { ints: kernel },
      strides: { ints: [stride, stride] },
      pads: { ints: [...pads, ...pads] },
    });
    return { name: add('Relu', [`${layer}/sum`], layer), channels: to };
  };
  const pool = (x: Value, prefix: string, { kind }: Pool): Value => {
    const [stride, pad] = kind === 'halve' ? [2, 0] : [1, 1];
    const name = add(
      kind === 'average' ? 'AveragePool' : 'MaxPool',
      [x.name],
      `${prefix || x.name}/${kind}`,
      {
        kernel_shape: { ints: [3, 3] },
        strides: { ints: [stride, stride] },
        pads: { ints: [pad, pad, pad, pad] },
      },
    );
    return { name, channels: x.channels };
  };
  const apply = async (first: Value, prefix: string, steps: readonly Step[]): Promise<Value> => {
    let x = first;
    for (const step of steps) {
      if (step.kind === 'convolution') x = await convolve(x, prefix, step);
      else if (step.kind !== 'branches') x = pool(x, prefix, step);
      else {
        const inner = step.layer === '' ? prefix : `${step.layer}.`;
        const outputs: Value[] = [];
        for (const branch of step.branches) outputs.push(await apply(x, inner, branch));
        const names = outputs.map(({ name }) => name);
        x = {
          name: add('Concat', names, `${names[0]}/side-by-side`, { axis: { i: 1 } }),
          channels: outputs.reduce((sum, { channels }) => sum + channels, 0),
        };
      }
    }
    return x;
  };

  const { features, classes } = inceptionOutputs;
  const sized =
    resize === 'clean'
      ? 'images'
      : add(
          'Resize',
          [
            'images',
            '',
            '',
            constant('sizes', [2], BigInt64Array.of(BigInt(inceptionSize), BigInt(inceptionSize))),
          ],
          'sized',
          {
            mode: { s: 'linear' },
            axes: { ints: [2, 3] },
            coordinate_transformation_mode: { s: resize === 'tensorflow' ? 'asymmetric' : 'half_pixel' },
          },
        );
  // pytorch-fid maps 0 to 255 to -1 to 1, the others 0 to 256.
  const half = resize === 'pytorch' ? 127.5 : 128;
  add('Sub', [sized, scalar('half', half)], 'centred');
  add('Div', ['centred', 'half'], 'scaled');
  const last = await apply({ name: 'scaled', channels: 3 }, '', inceptionLayers);
  add('GlobalAveragePool', [last.name], 'average');
  add('Flatten', ['average'], 'features', { axis: { i: 1 } });
  const classWeights = await read('fc.weight', [classes, features]);
  add('Gemm', ['features', constant('fc/weight', [classes, features], classWeights)], 'logits', {
    transB: { i: 1 },
  });
  const side = resize === 'clean' ? [inceptionSize, inceptionSize] : ['height', 'width'];
  return encodeModel({
    name: `inception-v3-${resize}`,
    nodes,
    initialisers,
    inputs: [{ name: 'images', elementType: elementType.float32, dims: ['n', 3, ...side] }],
    outputs: [
      { name: 'features', elementType: elementType.float32, dims: ['n', features] },
      { name: 'logits', elementType: elementType.float32, dims: ['n', classes] },
    ],
    metadata: {},
  });
}

/** A tensor of the state dict, as a copy that may be changed. */
async function readTensor(weights: Weights, name: string, shape: readonly number[]): Promise<Float32Array> {
  const tensor = weights.tensors.get(name);
  const got = tensor === undefined ? 'missing' : `[${tensor.shape.join(', ')}]`;
  const expected = `[${shape.join(', ')}]`;
  if (tensor === undefined || got !== expected) {
    const isTorchvision = name === 'fc.weight' && tensor?.shape[0] === 1000;
    throw refuse(
      weights,
      `${name} is ${got}, expected ${expected}${isTorchvision ? "; these are torchvision's weights, whose distance is no FID" : ''}`,
    );
  }
  const data = await tensor.read();
  if (!data.every(Number.isFinite)) throw refuse(weights, `${name} has a number that is not finite`);
  return data;
}

function refuse({ path }: Weights, what: string): UserError {
  return new UserError(
    `${path}: ${what}; give Inception v3's weights of pytorch-fid (pt_inception-2015-12-05-6726825d.pth) ` +
      'or torch-fidelity (weights-inception-2015-12-05-6726825d.pth)',
  );
}
