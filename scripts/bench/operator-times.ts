// A step's time by ONNX operator, from ONNX Runtime's profile of the lowered step, and the rate of its convolutions
// relative to a 1024x1024 matrix product on the same runtime.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../runtime-web/format/random.ts';
import { findBlockSize } from '../../trainer/engine/block-size.ts';
import { openSession, toOrt } from '../../trainer/engine/onnx-session.ts';
import { inputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { stateLayout, stateLayouts } from '../../trainer/engine/state-layout.ts';
import { identityLayout } from '../../trainer/graph/lower/layout.ts';
import { lower } from '../../trainer/graph/lower/lower.ts';
import { record } from '../../trainer/graph/trace/record.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { benchConfig, type BenchSettings } from './settings.ts';
import { sizeOf } from '../../trainer/graph/trace/graph.ts';

/** One operator's share of a step. */
export interface OperatorTime {
  readonly operator: string;
  readonly calls: number;
  readonly milliseconds: number;
  /** For convolutions, in GFLOP/s; null for other operators. */
  readonly rate: number | null;
}

/** One event of ONNX Runtime's profile. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly ts: number;
  readonly args: {
    readonly op_name: string;
    readonly input_type_shape: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** Floating-point operations of one convolution, from its shapes: NCHW and OIHW. */
function operations({ args }: ProfileEvent): number {
  const [x, w] = args.input_type_shape.map((entry) => Object.values(entry)[0]!);
  const y = Object.values(args.output_type_shape[0]!)[0]!;
  // Each output (for a transposed convolution: each input) is multiplied by one whole filter.
  const ends = args.op_name === 'ConvTranspose' ? x! : y;
  return (2 * sizeOf(ends) * sizeOf(w!)) / (args.op_name === 'ConvTranspose' ? w![0]! : y[1]!);
}

/** Profiles 6 steps; returns the operators' mean times over the last 3, longest first. */
export async function operatorTimes(settings: BenchSettings): Promise<OperatorTime[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dcgan-profile-'));
  try {
    const config = benchConfig(settings);
    const plan = planTraining(config);
    const phase = plan.phases.at(-1)!;
    const random = new Random(0);
    const state = plan.initialState(random);
    const { graph, inputs: names } = recordStateFunction(phase.update, state, phase.inputs);
    const block = await findBlockSize();
    const layouts = stateLayouts(graph, Object.keys(state), block);

    const session = await openSession(lower(graph, { layouts, block }), {
      provider: 'cpu',
      threads: settings.threads,
      keepsTransposes: block !== null,
      profilePrefix: join(folder, 'step'),
    });
    const images = random.fillLatent(new Float32Array(config.batch * 64 * 64 * 3), 'uniform');
    const given = phase.makeInputs(random, { images, labels: null }, 1, 0);
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, tensor] of Object.entries(state)) {
      if (name in graph.inputs) feeds[name] = toOrt(tensor, stateLayout(tensor.shape, block), block);
    }
    for (const name of names) {
      const tensor = given[name]!;
      feeds[inputName(name)] = toOrt(tensor, identityLayout(tensor.shape.length));
    }
    const runs = 6;
    for (let i = 0; i < runs; i++) await session.run(feeds);
    session.endProfiling();
    const file = readdirSync(folder)[0]!;
    const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProfileEvent[];
    return summarise(events, runs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Names of convolutions by the tfjs kernel that they compute. */
const kinds = {
  Conv2DBackpropInput: 'transposed convolution',
  Conv2DBackpropFilter: 'filter gradient',
  Conv2D: 'convolution',
} as const;

/** Mean times over the second half of the runs. */
function summarise(events: readonly ProfileEvent[], runs: number): OperatorTime[] {
  const starts = events.filter((event) => event.name === 'model_run').map((event) => event.ts);
  const counted = runs - Math.floor(runs / 2);
  const from = starts[runs - counted]!;
  const sums = new Map<string, { calls: number; microseconds: number; operations: number }>();
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time') || event.ts < from) continue;
    const { op_name: operator } = event.args;
    // Nodes are named after their tfjs op, because a blocked transposed convolution consists of Conv nodes too.
    const isConvolution = operator === 'Conv' || operator === 'ConvTranspose';
    const kind = Object.keys(kinds).find((op) => event.name.toLowerCase().startsWith(op.toLowerCase()));
    const name = isConvolution && kind !== undefined ? kinds[kind as keyof typeof kinds] : operator;
    const sum = sums.get(name) ?? { calls: 0, microseconds: 0, operations: 0 };
    sum.calls += 1;
    sum.microseconds += event.dur;
    if (isConvolution) sum.operations += operations(event);
    sums.set(name, sum);
  }
  return [...sums]
    .map(([operator, { calls, microseconds, operations: count }]) => ({
      operator,
      calls: calls / counted,
      milliseconds: microseconds / 1000 / counted,
      rate: count > 0 ? count / microseconds / 1000 : null,
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The rate of a 1024x1024 matrix product in GFLOP/s, the median of 15. */
export async function matrixRate(threads: number): Promise<number> {
  const n = 1024;
  const spec = { shape: [n, n], dtype: 'float32' } as const;
  const graph = record(({ a, b }) => ({ y: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D) }), {
    a: spec,
    b: spec,
  });
  const session = await openSession(lower(graph), { provider: 'cpu', threads });
  const matrix = (): ort.Tensor =>
    toOrt({ ...spec, data: new Float32Array(n * n).fill(0.01) }, identityLayout(2));
  const feeds = { a: matrix(), b: matrix() };
  const times: number[] = [];
  for (let i = 0; i < 16; i++) {
    const started = performance.now();
    await session.run(feeds);
    if (i > 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return (2 * n ** 3) / times[7]! / 1e6;
}
