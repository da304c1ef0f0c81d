// Replay: it computes the graph, frees everything, and names what is missing.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph, HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { record } from './checked-record.ts';
import { planCalls, replay } from '../../../trainer/graph/trace/replay.ts';

await tf.setBackend('cpu');

const host = (shape: number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});
const x = host([2, 2], 1, 2, 3, 4);
const spec = { x: { shape: [2, 2], dtype: 'float32' } } as const;
const chain = (): Graph =>
  record(({ x: t }) => {
    const [first, second] = tf.unstack(tf.exp(tf.matMul(t!, t!)));
    return { sum: tf.add(tf.sum(first!), tf.sum(second!)), same: t!, constant: tf.fill([2], 5) };
  }, spec);

const replaying = suite('replay()');

replaying(
  'gives what the function gives eagerly, also for inputs and constants that are outputs',
  async () => {
    const outputs = await replay(chain(), { x });
    const eager = tf
      .tidy(() =>
        tf.sum(tf.exp(tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([1, 2, 3, 4], [2, 2])))),
      )
      .dataSync();
    assert.is(outputs['sum']!.data[0], eager[0]);
    assert.equal(outputs['same'], x);
    assert.equal(outputs['constant'], host([2], 5, 5));
  },
);

replaying('frees everything that it made, also when it throws', async () => {
  const before = tf.memory();
  await replay(chain(), { x });
  const graph = chain();
  const wrong = {
    ...graph,
    values: graph.values.map((value) => (value.source.kind === 'node' ? { ...value, shape: [7] } : value)),
  };
  try {
    await replay(wrong, { x });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /kernel 'BatchMatMul' made float32 \[2,2\], recorded was float32 \[7\]/);
  }
  const after = tf.memory();
  assert.is(after.numTensors, before.numTensors);
  assert.is(after.numDataBuffers, before.numDataBuffers);
});

replaying('holds no value longer than to its last use', () => {
  const graph = record(({ x: t }) => {
    let y = t!;
    for (let i = 0; i < 5; i++) y = tf.exp(y);
    return { y: tf.add(y, 1) };
  }, spec);
  const calls = planCalls(graph);
  // Each exp is freed by the call after it; the input and the output are not.
  assert.equal(
    calls.map(({ lastUses }) => lastUses.length),
    [0, 1, 1, 1, 1, 1],
  );
  const freed = calls.flatMap(({ lastUses }) => lastUses);
  assert.is(new Set(freed).size, freed.length, 'nothing is freed twice');
  assert.not.ok(freed.includes(graph.outputs['y']!));
});

replaying('a value that nothing reads is freed by the call that makes it', () => {
  const graph = record(({ x: t }) => ({ y: tf.unstack(t!)[0]! }), spec);
  assert.equal(
    planCalls(graph).map(({ lastUses }) => lastUses.length),
    [1],
  );
});

replaying('refuses a missing input and one of another shape or type', async () => {
  const attempt = async (inputs: Record<string, HostTensor>, message: RegExp): Promise<void> => {
    try {
      await replay(chain(), inputs);
    } catch (error) {
      assert.match(String(error), message);
      return;
    }
    assert.unreachable();
  };
  await attempt({}, /input 'x' is missing/);
  await attempt({ x: host([4], 1, 2, 3, 4) }, /input 'x': got float32 \[4\], expected float32 \[2,2\]/);
  await attempt({ x: { ...x, dtype: 'int32', data: Int32Array.of(1, 2, 3, 4) } }, /got int32 \[2,2\]/);
});

replaying.run();
