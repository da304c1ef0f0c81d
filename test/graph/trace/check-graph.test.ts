// checkGraph(): whole training steps keep every invariant, and a graph that breaks one is refused with its place.
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { resolveOverDefault } from '../../../trainer/config/presets.ts';
import { recordStateFunction } from '../../../trainer/engine/state-function.ts';
import { checkGraph } from '../../../trainer/graph/trace/check-graph.ts';
import type { Graph, Node, Value } from '../../../trainer/graph/trace/graph.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import { record } from './checked-record.ts';

const test = suite('checkGraph()');

const methods: Readonly<Record<string, Partial<TrainConfig>>> = {
  dcgan: {},
  'wgan-gp': { objective: 'wgan-gp', criticSteps: 2 },
  unrolled: { unroll: 2 },
  augmented: { augment: 'color,translation,cutout', r1: 1 },
  'adaptively augmented': { augment: 'ada', r1: 1 },
  info: { condition: 'info', codes: 'categorical:3,continuous:2' },
  stylegan: { network: 'stylegan', latent: 16, growFrom: null, r1Every: 2 },
  stylegan2: { network: 'stylegan2', latent: 16 },
  modern: { network: 'modern', blocks: 2 },
};

for (const [name, values] of Object.entries(methods)) {
  test(`${name}: every function of the plan keeps the invariants`, () => {
    const small = { imageSize: 16, channels: 1, baseWidth: 4, batch: 4, latent: 8 } as const;
    const plan = planTraining(resolveOverDefault([{ source: 'test', values: { ...small, ...values } }]));
    const state = plan.initialState(new Random(1));
    for (const { update, inputs } of plan.phases) {
      const { graph } = recordStateFunction(update, state, inputs);
      assert.ok(graph.nodes.length > 100);
      checkGraph(graph);
    }
  });
}

/** minus = -x, y = exp(x) + exp(-x) + [1, 2], z = the maximum of each row of y. */
const sound = record(
  ({ x }) => {
    const minus = tf.neg(x!);
    const y = tf.add(tf.add(tf.exp(x!), tf.exp(minus)), tf.tensor1d([1, 2]));
    return { minus, y, z: tf.max(y, 1) };
  },
  { x: { shape: [3, 2], dtype: 'float32' } },
);

const at = (kernel: string): number => sound.nodes.findLastIndex((node) => node.kernel === kernel);
const withNode = (index: number, change: Partial<Node>): Graph => ({
  ...sound,
  nodes: sound.nodes.map((node, i) => (i === index ? { ...node, ...change } : node)),
});
const withValue = (id: number, change: Partial<Value>): Graph => ({
  ...sound,
  values: sound.values.map((value, i) => (i === id ? { ...value, ...change } : value)),
});
const {
  x,
  z: max,
  y,
  minus,
} = { ...sound.inputs, ...sound.outputs } as Record<'x' | 'z' | 'y' | 'minus', number>;
const constant = sound.values.find(({ source }) => source.kind === 'constant')!;
const data = { kind: 'data', data: Float32Array.of(1, 2, 3) } as const;

for (const [what, graph, message] of [
  ['a value whose id is not its index', withValue(x, { id: 9 }), /value 0 has the id 9/],
  ['an input that comes later', withNode(0, { inputs: { x: max } }), /comes from node \d, which runs later/],
  [
    'an input that does not exist',
    withNode(0, { inputs: { x: 99 } }),
    /its input 'x', value 99, does not exist/,
  ],
  ['an input missing in the table', { ...sound, inputs: {} }, /input 'x' is used, not listed/],
  ['an input under another name', { ...sound, inputs: { x, w: x } }, /input 'w': value 0 is another/],
  ['two identical nodes', withNode(at('Exp'), { inputs: { x } }), /is identical to node \d/],
  ['a node that leads nowhere', { ...sound, outputs: { y, minus } }, /\(Max, .* leads to no output/],
  ['an unknown kernel', withNode(0, { kernel: 'Expp' }), /node 0 \(Expp, .*: unknown kernel/],
  ['another shape', withValue(max, { shape: [2] }), /its outputs are float32 \[2\], expected float32 \[3\]/],
  ['another type', withValue(max, { dtype: 'int32' }), /its outputs are int32 \[3\], expected float32 \[3\]/],
  [
    'an output of another node',
    withNode(at('Max'), { outputs: [sound.nodes[0]!.outputs[0]!] }),
    /is no output 0 of/,
  ],
  [
    'a constant of another length',
    withValue(constant.id, { source: { kind: 'constant', constant: data } }),
    /got Float32Array of 3, expected float32 \[2\]/,
  ],
  [
    'a constant that nothing uses',
    { ...sound, values: [...sound.values, { ...constant, id: sound.values.length }] },
    /constant \d+ is not used/,
  ],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => checkGraph(graph), message);
  });
}

test.run();
