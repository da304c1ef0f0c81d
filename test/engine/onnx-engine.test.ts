// The ONNX engine against replay on tfjs's CPU backend, for every option of the step; its state; its errors. WebGPU runs if there is
// an adapter, a software one included.
import { imageShape } from '../../trainer/config/image-size.ts';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { Engine, NamedHostTensors } from '../../trainer/engine/engine.ts';
import { findBlockSize } from '../../trainer/engine/block-size.ts';
import { OnnxEngine } from '../../trainer/engine/onnx-engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { nextName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { assertClose } from '../shared/closeness.ts';
import { smallConfig } from '../shared/small-config.ts';
import { skipIf } from '../shared/skip.ts';

const test = suite('onnx engine');
test.before(async () => {
  await tf.setBackend('cpu');
});

const block = await findBlockSize();
const cpuEngine = (): OnnxEngine =>
  new OnnxEngine({ name: 'onnx-cpu', provider: 'cpu', threads: 2, device: 'test', block });

/** Runs `steps` steps on the engine and by replay, and compares losses after each and the state at the end. */
async function compareWithReplay(engine: Engine, config: TrainConfig, steps: number): Promise<void> {
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(5);
  let state: NamedHostTensors = plan.initialState(random);
  await engine.writeState(state);
  const compiled = await engine.compile(phase.update, phase.inputs);
  const recorded = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(recorded.graph);
  for (let step = 1; step <= steps; step++) {
    const images = random.fillLatent(
      new Float32Array(config.batch * lengthOf(imageShape(config))),
      'uniform',
    );
    const inputs = phase.makeInputs(random, { images, labels: null }, step, 0);
    const outputs = await compiled.run(inputs);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [`input/${name}`, t]));
    const expected = await replay(recorded.graph, { ...state, ...feeds });
    const advanced: Record<string, NamedHostTensors[string]> = { ...state };
    for (const name of recorded.writes) advanced[name] = expected[nextName(name)]!;
    state = advanced;
    for (const name of recorded.outputs) {
      assertClose(outputs[name]!.data, expected[outputName(name)]!.data, 1e-4, `${name} after step ${step}`);
    }
  }
  const held = await engine.readState();
  for (const name of recorded.writes) {
    // Adam divides by the root of a tiny second moment: where a gradient is noise, so is the sign of its step.
    const tolerance = name.startsWith('moments/') ? 1e-3 : 0.1;
    assert.equal(held[name]!.shape, state[name]!.shape);
    assertClose(held[name]!.data, state[name]!.data, tolerance, name);
  }
  await compiled.dispose();
}

const variants: readonly Partial<TrainConfig>[] = [
  {},
  { kernel: 5, head: 'dense', latentDistribution: 'normal' },
  { upsampling: 'nearest' },
  { upsampling: 'nearest', kernel: 5, channels: 1 },
  { discriminatorBatch: 'joined', dropout: 0.3 },
  { dropout: 0.5 },
  { objective: 'minimax', labelSmoothing: 0.1 },
  { imageSize: 32, baseWidth: 2, averageDecay: 0 },
  // Wide enough that the convolutions are blocked ones.
  { baseWidth: 16 },
  { baseWidth: 16, kernel: 5, dropout: 0.3, discriminatorBatch: 'joined' },
  { baseWidth: 16, upsampling: 'nearest', channels: 1, head: 'dense' },
  { baseWidth: 16, attention: 8, spectralNorm: 'both', discriminatorNorm: 'none', objective: 'hinge' },
];

for (const variant of variants) {
  test(`two steps equal replay: ${JSON.stringify(variant)}`, async () => {
    const engine = cpuEngine();
    try {
      await compareWithReplay(engine, { ...smallConfig, ...variant }, 2);
    } finally {
      await engine.dispose();
    }
  });
}

test('the same steps twice give the same bits', async () => {
  const once = async (): Promise<NamedHostTensors> => {
    const engine = cpuEngine();
    const plan = planTraining(smallConfig);
    const phase = plan.phases.at(-1)!;
    const random = new Random(1);
    await engine.writeState(plan.initialState(random));
    const compiled = await engine.compile(phase.update, phase.inputs);
    const images = random.fillLatent(new Float32Array(4 * 16 * 16 * 3), 'uniform');
    for (let step = 1; step <= 3; step++) {
      await compiled.run(phase.makeInputs(random, { images, labels: null }, step, 0));
    }
    const state = await engine.readState();
    await engine.dispose();
    return state;
  };
  const [a, b] = [await once(), await once()];
  for (const name of Object.keys(a)) assert.equal(a[name]!.data, b[name]!.data, name);
});

/** An engine that holds `x` = [1, 2] and a function that doubles it and gives its old sum. */
async function doubling(engine: Engine) {
  await engine.writeState({ x: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } });
  return engine.compile(
    (state, inputs) => ({
      state: { x: tf.mul(state['x']!, inputs['factor']!) },
      outputs: { sum: tf.sum(state['x']!) },
    }),
    { factor: { shape: [], dtype: 'float32' } },
  );
}
const factor = (value: number): NamedHostTensors => ({
  factor: { shape: [], dtype: 'float32', data: Float32Array.of(value) },
});

test('a run updates the state; reading returns copies', async () => {
  const engine = cpuEngine();
  const compiled = await doubling(engine);
  assert.equal((await compiled.run(factor(2)))['sum']!.data, Float32Array.of(3));
  const read = await engine.readState(['x']);
  assert.equal(read['x']!.data, Float32Array.of(2, 4));
  await compiled.run(factor(10));
  await compiled.run(factor(10));
  assert.equal(read['x']!.data, Float32Array.of(2, 4), 'what was read does not move');
  assert.equal((await engine.readState())['x']!.data, Float32Array.of(200, 400));
  await engine.dispose();
});

test('writing the state copies, and another shape is refused', async () => {
  const engine = cpuEngine();
  const data = Float32Array.of(1, 2);
  await engine.writeState({ x: { shape: [2], dtype: 'float32', data } });
  data.fill(9);
  assert.equal((await engine.readState())['x']!.data, Float32Array.of(1, 2));
  try {
    await engine.writeState({ x: { shape: [3], dtype: 'float32', data: new Float32Array(3) } });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /'x': got \[3\], expected \[2\]/);
  }
  await engine.dispose();
});

test('filters are unchanged after conversion to their own layout and back', async () => {
  const engine = cpuEngine();
  for (const shape of [
    [2, 3, 4, 5],
    [2, 3, 16, 32],
  ]) {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);
    await engine.writeState({ [`filter of ${shape}`]: { shape, dtype: 'float32', data } });
    assert.equal((await engine.readState())[`filter of ${shape}`]!.data, data);
  }
  await engine.dispose();
});

test('a missing input, one of another shape and an unknown state entry are named', async () => {
  const engine = cpuEngine();
  const compiled = await doubling(engine);
  const messages: string[] = [];
  const collect = (error: unknown): void => void messages.push(String(error));
  await compiled.run({}).catch(collect);
  await compiled.run({ factor: { shape: [1], dtype: 'float32', data: Float32Array.of(1) } }).catch(collect);
  await engine.readState(['y']).catch(collect);
  await engine.compile((state) => ({ state: { z: tf.neg(state['x']!) } }), {}).catch(collect);
  await engine.compile((state) => ({ state: { x: tf.sum(state['x']!) } }), {}).catch(collect);
  assert.is(messages.length, 5);
  assert.match(messages[0]!, /input 'factor' is missing/);
  assert.match(messages[1]!, /input 'factor': got float32 \[1\], expected float32 \[\]/);
  assert.match(messages[2]!, /state entry 'y' does not exist/);
  assert.match(messages[3]!, /state entry 'z' does not exist/);
  assert.match(messages[4]!, /state entry 'x': got float32 \[\], expected float32 \[2\]/);
  assert.equal((await engine.readState())['x']!.data, Float32Array.of(1, 2), 'the state is as it was');
  await engine.dispose();
});

test('outputs that are not fetched do not come back', async () => {
  const engine = cpuEngine();
  const compiled = await doubling(engine);
  assert.equal(await compiled.run(factor(3), { fetch: [] }), {});
  assert.equal((await engine.readState())['x']!.data, Float32Array.of(3, 6));
  await engine.dispose();
});

test('a named engine that cannot start gives the reason; auto gives the reason of its choice', async () => {
  try {
    await selectEngine({ engine: 'tensorflow-cuda', threads: 1 });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'EngineUnavailableError');
    assert.match((error as Error).message, /tensorflow-cuda: /);
  }
  const { engine, reason } = await selectEngine({ engine: 'auto', threads: 1 });
  assert.match(reason, /tensorflow-cuda: /);
  await engine.dispose();
});

/** Chromium's software Vulkan driver, where it is installed: a real WebGPU adapter, only slow. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(softwareDriver)) process.env['VK_DRIVER_FILES'] ??= softwareDriver;
const webgpu = await selectEngine({ engine: 'onnx-webgpu', threads: 2 }).catch((error: Error) => error);
const reason = webgpu instanceof Error ? webgpu.message.replaceAll('\n', ' ') : '';
const onWebgpu = skipIf(webgpu instanceof Error, `onnx-webgpu, ${reason}`, test);

onWebgpu('onnx-webgpu: two steps equal replay, and its state can be read', async () => {
  const { engine } = webgpu as { readonly engine: Engine };
  await compareWithReplay(engine, smallConfig, 2);
  const { factor: two } = factor(2);
  const compiled = await doubling(engine);
  await compiled.run({ factor: two! });
  assert.equal((await engine.readState(['x']))['x']!.data, Float32Array.of(2, 4));
  await engine.dispose();
});

test.run();
