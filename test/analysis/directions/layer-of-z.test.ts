// The first layer of generators from elsewhere: its weights are the change of the layer's output for each number of z, as ONNX Runtime
// computes it.
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { layerOfZ } from '../../../trainer/analysis/directions/layer-of-z.ts';
import { cutAt, readModel } from '../../../trainer/graph/lower/read-model.ts';
import { drawn, fileOf, float32, int64, tensor, type FileOf } from '../../import-onnx/onnx-files.ts';

const test = suite('layerOfZ()');
const dim = 5;
const random = new Random(2);

/** A file of the given nodes, from `z` [n, 5] to `y`. Tensors of bytes, as the importer writes them. */
function file(nodes: FileOf['nodes'], weights: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const drawnWeights = Object.entries(weights).map(([name, dims]) => {
    const { float_data } = drawn(random, dims, 1) as { readonly float_data: readonly number[] };
    // Variances must be positive.
    const values = Float32Array.from(float_data, (value) => (name === 'variance' ? 0.5 + value ** 2 : value));
    return [name, { dims, data_type: 1, raw_data: new Uint8Array(values.buffer) }];
  });
  return fileOf({
    ...{ opset: 20, inputs: { z: [float32, ['n', dim]] }, outputs: { y: [float32, []] }, nodes },
    weights: {
      ...(Object.fromEntries(drawnWeights) as Record<string, object>),
      point: tensor([4], [-1, dim, 1, 1], int64),
      volume: tensor([4], [-1, 4, 3, 3], int64),
    },
  });
}

/** The change of `value` for each number of z: [dim, outputs]. */
async function slopes(bytes: Uint8Array, value: string): Promise<number[]> {
  const session = await ort.InferenceSession.create(cutAt(bytes, value), { logSeverityLevel: 4 });
  const at = async (i: number): Promise<Float32Array> => {
    const z = Float32Array.from({ length: dim }, (_, k) => Number(k === i));
    return (await session.run({ z: new ort.Tensor('float32', z, [1, dim]) }))[value]!.data as Float32Array;
  };
  const zero = await at(-1);
  const rows: number[] = [];
  for (let i = 0; i < dim; i++) rows.push(...(await at(i)).map((number, k) => number - zero[k]!));
  return rows;
}

const norm = ['BatchNormalization', ['h', 'scale', 'bias', 'mean', 'variance'], ['y']] as const;
const normWeights = { scale: [4], bias: [4], mean: [4], variance: [4] };

const cases: Readonly<
  Record<string, readonly [FileOf['nodes'], Readonly<Record<string, readonly number[]>>]>
> = {
  'a matrix': [
    [
      ['Identity', ['z'], ['a']],
      ['MatMul', ['a', 'w'], ['y']],
    ],
    { w: [dim, 12] },
  ],
  'a dense layer with its matrix transposed': [
    [['Gemm', ['z', 'w', 'b'], ['y'], { transB: { i: 1 } }]],
    { w: [12, dim], b: [12] },
  ],
  'a transposed convolution and batch norm': [
    [
      ['Reshape', ['z', 'point'], ['a']],
      ['ConvTranspose', ['a', 'w'], ['h'], { kernel_shape: { ints: [3, 3] } }],
      norm,
    ],
    { w: [dim, 4, 3, 3], ...normWeights },
  ],
  'a dense layer, channels first, and batch norm': [
    [['Gemm', ['z', 'w', 'b'], ['a']], ['Reshape', ['a', 'volume'], ['h']], norm],
    { w: [dim, 36], b: [36], ...normWeights },
  ],
  'a convolution of one pixel and batch norm': [
    [
      ['Reshape', ['z', 'point'], ['a']],
      ['Conv', ['a', 'w'], ['h'], { kernel_shape: { ints: [1, 1] } }],
      norm,
    ],
    { w: [4, dim, 1, 1], ...normWeights },
  ],
};

for (const [what, [nodes, weights]] of Object.entries(cases)) {
  test(`${what}`, async () => {
    const bytes = file(nodes, weights);
    const found = layerOfZ(readModel(bytes), dim).weights;
    const expected = await slopes(bytes, 'y');
    assert.is(found.length, expected.length);
    found.forEach((weight, i) =>
      assert.ok(Math.abs(weight - expected[i]!) < 1e-5, `${i}: ${weight}, ${expected[i]}`),
    );
  });
}

test('an operator in the way is named', () => {
  const refusal = (nodes: FileOf['nodes'], weights: Readonly<Record<string, readonly number[]>>): string => {
    try {
      layerOfZ(readModel(file(nodes, weights)), dim);
    } catch (error) {
      return (error as Error).message;
    }
    return 'found';
  };
  assert.match(refusal([['Relu', ['z'], ['y']]], {}), 'z goes into operator Relu, expected Gemm, MatMul');
  assert.match(
    refusal([['MatMul', ['z', 'w'], ['y']]], { w: [dim + 1, 3] }),
    'with 5 rows of float32 weights',
  );
  assert.match(
    refusal(
      [
        ['Mul', ['z', 'z'], ['a']],
        ['Add', ['z', 'a'], ['y']],
      ],
      {},
    ),
    'z goes into 2 operators, expected one',
  );
});

test.run();
