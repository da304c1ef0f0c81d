// Operators of older opsets: the rewritten file gives what the untouched one gives, both run by onnxruntime-node.
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { encodeNetworkFile, readNetwork } from '../../trainer/import-onnx/network.ts';
import { upgradeOpset } from '../../trainer/import-onnx/upgrade-opset.ts';
import { fileOf, float32, int64, tensor, type FileOf, type NodeOf, type Value } from './onnx-files.ts';

const test = suite('operators of older opsets');

/** Runs a file on one input of the given shape; the values of its output `y`. */
async function run(bytes: Uint8Array, shape: readonly number[]): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const random = new Random(5);
  const size = shape.reduce((product, n) => product * n, 1);
  const data = Float32Array.from({ length: size }, () => random.normal());
  return (await session.run({ x: new ort.Tensor('float32', data, shape) }))['y']!;
}

interface Case {
  readonly operator: string;
  readonly opsets: readonly number[];
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly inputs?: readonly string[];
  readonly weights?: FileOf['weights'];
  /** Shape of `x`. */
  readonly shape?: readonly number[];
  /** Nodes after the operator, from `h` to `y`. */
  readonly after?: readonly NodeOf[];
  readonly outputs?: readonly string[];
}

const text = (s: string): Value => ({ s });
const ints = (...values: readonly number[]): Value => ({ ints: values });

const cases: readonly Case[] = [
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((operator): Case[] => [
    { operator, opsets: [8, 11, 12, 13, 17] },
    { operator, opsets: [9, 11, 13], attributes: { axis: { i: 2 } } },
    { operator, opsets: [11], attributes: { axis: { i: -1 } } },
    { operator, opsets: [11], attributes: { axis: { i: -2 } } },
  ]),
  {
    operator: 'Upsample',
    opsets: [7, 8],
    attributes: { mode: text('nearest'), scales: { floats: [1, 1, 2, 3] } },
  },
  {
    operator: 'Upsample',
    opsets: [7, 8],
    attributes: { mode: text('linear'), scales: { floats: [1, 1, 2, 2] } },
  },
  ...['nearest', 'linear'].flatMap((mode): Case[] => [
    {
      operator: 'Upsample',
      opsets: [9],
      attributes: { mode: text(mode) },
      inputs: ['x', 'scales'],
      weights: { scales: tensor([4], [1, 1, 2, 2]) },
    },
    {
      operator: 'Resize',
      opsets: [10],
      attributes: { mode: text(mode) },
      inputs: ['x', 'scales'],
      weights: { scales: tensor([4], [1, 1, 2, 2]) },
    },
  ]),
  ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'].map((transform): Case => ({
    operator: 'Resize',
    opsets: [11, 13, 18],
    attributes: { mode: text('linear'), coordinate_transformation_mode: text(transform) },
    inputs: ['x', 'none', 'scales'],
    weights: { scales: tensor([4], [1, 1, 2, 2]), none: tensor([0], []) },
  })),
  {
    operator: 'Resize',
    opsets: [11, 13],
    attributes: { mode: text('nearest') },
    inputs: ['x', 'none', 'none', 'sizes'],
    weights: { sizes: tensor([4], [2, 3, 8, 10], int64), none: tensor([0], []) },
  },
  { operator: 'Clip', opsets: [7, 10], attributes: { min: { f: -0.5 }, max: { f: 0.25 } } },
  { operator: 'Clip', opsets: [7], attributes: { max: { f: 0.25 } } },
  { operator: 'Clip', opsets: [11, 13], inputs: ['x', '', 'most'], weights: { most: tensor([], [0.25]) } },
  { operator: 'Pad', opsets: [7, 10], attributes: { pads: ints(0, 0, 1, 1, 0, 0, 2, 2), value: { f: 3 } } },
  { operator: 'Pad', opsets: [9], attributes: { pads: ints(0, 0, 1, 1, 0, 0, 1, 1), mode: text('reflect') } },
  {
    operator: 'Slice',
    opsets: [7, 9],
    attributes: { starts: ints(1, 1), ends: ints(3, 2147483647), axes: ints(1, 3) },
  },
  { operator: 'Slice', opsets: [9], attributes: { starts: ints(0, 1), ends: ints(2, 3) } },
  { operator: 'Squeeze', opsets: [7, 11, 12], attributes: { axes: ints(2) }, shape: [2, 3, 1, 5] },
  { operator: 'Squeeze', opsets: [7, 13], shape: [2, 1, 1, 5] },
  { operator: 'Unsqueeze', opsets: [7, 11, 12], attributes: { axes: ints(0, 2) } },
  { operator: 'ReduceSum', opsets: [7, 11, 12], attributes: { axes: ints(2), keepdims: { i: 0 } } },
  { operator: 'ReduceSum', opsets: [7, 13] },
  ...['Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSumExp', 'SumSquare'].map((name): Case => ({
    operator: `Reduce${name}`,
    opsets: [7, 11, 13, 17],
    attributes: { axes: ints(2, 3) },
  })),
  {
    operator: 'Split',
    opsets: [7, 11, 12],
    attributes: { axis: { i: 3 }, split: ints(2, 3) },
    outputs: ['h', 'other'],
  },
  { operator: 'Split', opsets: [7, 13, 17], attributes: { axis: { i: 2 } }, outputs: ['h', 'other'] },
  { operator: 'Dropout', opsets: [7, 10, 12, 13], ...{ attributes: {} } },
  {
    operator: 'BatchNormalization',
    opsets: [7, 8, 9, 13, 14, 15],
    inputs: ['x', 'scale', 'bias', 'mean', 'variance'],
    attributes: { epsilon: { f: 0.01 } },
    weights: {
      ...{ scale: tensor([3], [0.5, 1, 2]), bias: tensor([3], [0.1, 0, -1]) },
      ...{ mean: tensor([3], [1, 0, -1]), variance: tensor([3], [1, 2, 3]) },
    },
  },
  {
    operator: 'TopK',
    opsets: [9],
    attributes: { k: { i: 2 }, axis: { i: 3 } },
    outputs: ['h', 'indices'],
  },
  {
    operator: 'GridSample',
    opsets: [16],
    attributes: { mode: text('bicubic') },
    inputs: ['x', 'grid'],
    weights: { grid: tensor([2, 1, 1, 2], [0.1, 0.3, -0.4, 0.2]) },
  },
];

for (const {
  operator,
  opsets,
  attributes = {},
  inputs = ['x'],
  weights = {},
  shape = [2, 3, 4, 5],
  ...rest
} of cases) {
  const { outputs = ['h'], after = [['Identity', ['h'], ['y']]] } = rest;
  const settings = Object.entries(attributes).map(
    ([name, value]) => `${name} ${JSON.stringify(Object.values(value)[0])}`,
  );
  test(`${operator} ${settings.join(', ')} of opset ${opsets.join(', ')}`, async () => {
    for (const opset of opsets) {
      const bytes = fileOf({
        opset,
        inputs: { x: [float32, shape] },
        outputs: { y: [float32, []] },
        nodes: [[operator, inputs, outputs, attributes], ...after],
        weights,
        graph: { output: [{ name: 'y', type: { tensor_type: { elem_type: 1 } } }] },
      });
      const expected = await run(bytes, shape);
      const { network } = readNetwork('x.onnx', bytes);
      const upgraded = upgradeOpset(network);
      assert.is(upgraded.opset, 20);
      const found = await run(encodeNetworkFile(upgraded, 'x', {}), shape);
      assert.equal(found.dims, expected.dims, `opset ${opset}`);
      const [a, b] = [found.data as Float32Array, expected.data as Float32Array];
      a.forEach((value, i) =>
        assert.ok(Math.abs(value - b[i]!) < 1e-5, `opset ${opset}: ${value}, expected ${b[i]}`),
      );
    }
  });
}

test('operators that cannot be rewritten are refused by name', () => {
  const refusal = (node: NodeOf, opset: number): string => {
    const bytes = fileOf({
      opset,
      inputs: { x: [1, [1]] },
      outputs: { y: [1, [1]] },
      nodes: [node],
      weights: {},
    });
    try {
      upgradeOpset(readNetwork('x.onnx', bytes).network);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  assert.match(refusal(['DFT', ['x'], ['y']], 17), 'operator DFT of opset 17');
  const transform = { coordinate_transformation_mode: text('tf_half_pixel_for_nn') };
  assert.match(
    refusal(['Resize', ['x', '', 's'], ['y'], transform], 11),
    'operator Resize with tf_half_pixel_for_nn',
  );
  assert.match(
    refusal(['Dropout', ['x', 'r', 't'], ['y']], 13),
    'operator Dropout with an input for training',
  );
  assert.match(
    refusal(['BatchNormalization', ['x'], ['y'], { spatial: { i: 0 } }], 8),
    'BatchNormalization for each',
  );
});

test('later opsets stay as they are', () => {
  const bytes = fileOf({
    ...{ opset: 21, inputs: { x: [1, [1]] }, outputs: { y: [1, [1]] }, weights: {} },
    nodes: [['Identity', ['x'], ['y']]],
  });
  assert.is(upgradeOpset(readNetwork('x.onnx', bytes).network).opset, 21);
});

test.run();
