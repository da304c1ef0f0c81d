// Parity gate for networks to train: from one state and one batch, each update's file must give the training engine's losses, gradients and
// next parameters, on onnxruntime-node and on onnxruntime-web (WASM). Sampling and statistics are compared as they are.
import { basename } from 'node:path';
import { Random } from '../../../runtime-web/format/random.ts';
import { graphNames } from '../../../runtime-web/format/training/graph-names.ts';
import type { TrainingFigure, TrainingRole } from '../../../runtime-web/format/training/trainable.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import { oneHot } from '../../../runtime-web/format/training/codes.ts';
import { conditionColumns, conditionFor } from '../../../runtime-web/format/condition.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../../engine/engine.ts';
import { recordStateFunction } from '../../engine/state-function.ts';
import { held } from '../../held.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { runOnNode } from '../../model-package/native-session.ts';
import { runOnWasm } from '../../model-package/wasm-session.ts';
import type { HostTensor, TensorSpec } from '../../graph/trace/graph.ts';
import { slotNames } from '../../training/state.ts';
import { latentInputs } from '../../../runtime-web/format/training/latent-inputs.ts';
import { modelOf, type TrainingPlan } from '../../training/plan.ts';
import { magnitude, maxDifference } from './parity-gate.ts';

/**
 * Parameters are compared where the first moment is at least this fraction of its network's largest: Adam divides by the gradient's size,
 * which amplifies rounding where the gradient is small.
 */
const minSlope = 0.01;

/** The training to compare, and its files. */
export interface TrainingGateRequest {
  readonly config: TrainConfig;
  readonly plan: TrainingPlan;
  /** Computes the reference; it holds `state` before and after. */
  readonly engine: Engine;
  readonly state: NamedHostTensors;
  /** The path of each file. */
  readonly files: ReadonlyMap<TrainingRole, string>;
  /** Upper limit of the differences: of gradients relative to the network's largest, of everything else to 1 or its own magnitude. */
  readonly tolerance: number;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** Compares all files. Throws ExportError, with all figures of a file, if one reaches the tolerance or is NaN. */
export async function gateTraining(request: TrainingGateRequest): Promise<readonly TrainingFigure[]> {
  const { config, plan, files } = request;
  const { sample, sampleInputs, statistics } = plan;
  const latents = (count: number): NamedHostTensors => {
    const { dim, distribution } = modelOf(config, plan.conditioning).latent;
    const z = new Random(0).fillLatent(new Float32Array(count * dim), distribution);
    const indices = Array.from({ length: count }, (_, i) => i);
    return latentInputs(modelOf(config, plan.conditioning), z, indices, conditionFor);
  };
  const functions: [TrainingRole, StateFunction, Readonly<Record<string, TensorSpec>>, NamedHostTensors][] = [
    ...plan.phases.map(
      ({ file, update, inputs, makeInputs, isDue }) =>
        [
          file,
          update,
          inputs,
          makeInputs(new Random(1), batchOf(request), firstDue(isDue), 0),
        ] as (typeof functions)[number],
    ),
    ['sample', sample, sampleInputs(4), latents(4)],
    ['statistics', statistics.measure, sampleInputs(statistics.batch), latents(statistics.batch)],
    ['judge', plan.judge, plan.judgeInputs, judged(request)],
  ];
  const figures: TrainingFigure[] = [];
  for (const [role, fn, specs, inputs] of functions) {
    const file = files.get(role);
    if (file === undefined) continue;
    request.signal.throwIfAborted();
    request.onProgress(`comparing ${basename(file)} with the same on ${request.engine.name}`);
    figures.push(...(await gateFunction(request, { role, file, fn, specs, inputs })));
  }
  return figures;
}

/** The first step that runs a phase: in others a lazy penalty gets zeros instead of noise, for which path length has no gradient. */
function firstDue(isDue: (stepNumber: number) => boolean): number {
  let stepNumber = 1;
  while (!isDue(stepNumber)) stepNumber++;
  return stepNumber;
}

/** One function over the state, and its file. */
interface Compared {
  readonly role: TrainingRole;
  readonly file: string;
  readonly fn: StateFunction;
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly inputs: NamedHostTensors;
}

async function gateFunction(
  { engine, state, tolerance, signal }: TrainingGateRequest,
  { role, file, fn, specs, inputs }: Compared,
): Promise<readonly TrainingFigure[]> {
  const recorded = recordStateFunction(fn, state, specs);
  const expected: Record<string, HostTensor> = {};
  {
    await using compiled = held(await engine.compile(fn, specs));
    const outputs = await compiled.run(inputs);
    for (const [name, tensor] of Object.entries(outputs)) expected[graphNames.output(name)] = tensor;
    const next = recorded.writes.length === 0 ? {} : await engine.readState(recorded.writes);
    for (const [name, tensor] of Object.entries(next)) expected[graphNames.next(name)] = tensor;
  }
  await engine.writeState(state);
  const feeds = Object.fromEntries([
    ...recorded.reads.map((name) => [name, state[name]!] as const),
    ...recorded.inputs.map((name) => [graphNames.input(name), inputs[name]!] as const),
  ]);
  const native = await runOnNode({ file, runs: [feeds], signal });
  const wasm = await runOnWasm({ file, runs: [feeds], signal });
  const figures = [native, wasm].map(({ runtime, outputs }): TrainingFigure => ({
    role,
    runtime,
    against: `the same on ${engine.name}`,
    maxDifference: difference(outputs[0]!, expected, state),
    tolerance,
  }));
  if (figures.every(({ maxDifference: largest }) => largest < tolerance)) return figures;
  const list = figures.map(
    ({ runtime, maxDifference: largest }) => `${largest.toPrecision(2)} on ${runtime}`,
  );
  throw new ExportError(
    `${basename(file)} computes something else than training on ${engine.name}, by up to ${list.join(', ')} (expected less than ${tolerance})`,
  );
}

/** The largest difference of all outputs; NaN if one is missing or not a number. */
function difference(found: NamedHostTensors, expected: NamedHostTensors, state: NamedHostTensors): number {
  const firsts = (network: string): readonly string[] =>
    Object.keys(expected).filter((name) => name.startsWith(graphNames.next(slotNames.first(network))));
  const networkOf = (parameter: string): string => `${parameter.split('/')[0]!}/`;
  const slopes = new Map(
    ['generator/', 'discriminator/'].map((network) => [
      network,
      Math.max(0, ...firsts(network).map((name) => magnitude(expected[name]!))),
    ]),
  );
  const differences = Object.entries(expected).map(([name, tensor]) => {
    const other = found[name];
    if (other === undefined) return NaN;
    const own = name.replace(/^next\//, '');
    const first = expected[graphNames.next(slotNames.first(own))];
    if (name.startsWith(graphNames.next(slotNames.first('')))) {
      const slope = slopes.get(networkOf(own.slice(slotNames.first('').length)))!;
      return maxDifference(other, tensor) / Math.max(slope, Number.MIN_VALUE);
    }
    // Second moments and averages follow from the rest.
    if (
      name.startsWith(graphNames.next(slotNames.second(''))) ||
      name.startsWith(graphNames.next(slotNames.average('')))
    )
      return isFinite(other) ? 0 : NaN;
    if (first === undefined || state[own] === undefined)
      return maxDifference(other, tensor) / Math.max(1, magnitude(tensor));
    const least = slopes.get(networkOf(own))! * minSlope;
    const steep = (values: HostTensor): HostTensor => ({
      ...values,
      data: (values.data as Float32Array).filter((_, i) => Math.abs(first.data[i]!) >= least),
    });
    return maxDifference(steep(other), steep(tensor));
  });
  return differences.reduce(
    (largest, value) => (value > largest || Number.isNaN(value) ? value : largest),
    0,
  );
}

function isFinite({ data }: HostTensor): boolean {
  return (data as Float32Array).every((value) => Number.isFinite(value));
}

/** The same batch as D judges it, alone. */
function judged(request: Pick<TrainingGateRequest, 'config' | 'plan'>): NamedHostTensors {
  const { images, labels, condition } = batchOf(request);
  const { images: shape, ...others } = request.plan.judgeInputs;
  const rows = labels === null ? condition : oneHot(labels, conditionColumns(request.plan.conditioning));
  const tensors = Object.entries(others).map(([name, { shape: of }]) => [
    name,
    { dtype: 'float32', shape: of, data: rows! },
  ]);
  return {
    images: { dtype: 'float32', shape: shape!.shape, data: images },
    ...(Object.fromEntries(tensors) as NamedHostTensors),
  };
}

/** A batch of smooth random images, with labels in turn or conditions of examples. */
function batchOf({ config, plan }: Pick<TrainingGateRequest, 'config' | 'plan'>) {
  const { conditioning } = plan;
  const length = lengthOf(imageShape(config));
  const random = new Random(2);
  const images = new Float32Array(config.batch * length);
  for (let i = 0; i < config.batch; i++) {
    const [level, swing, turns] = [random.uniform() - 0.5, 0.5 * random.uniform(), 1 + 20 * random.uniform()];
    for (let k = 0; k < length; k++) images[i * length + k] = level + swing * Math.sin((turns * k) / length);
  }
  const columns = conditionColumns(conditioning);
  const isOfRows = conditioning?.kind === 'attributes' || conditioning?.kind === 'numbers';
  return {
    images,
    labels:
      conditioning?.kind === 'classes'
        ? Int32Array.from({ length: config.batch }, (_, i) => i % columns)
        : null,
    condition: isOfRows ? new Float32Array(config.batch * columns).map(() => random.uniform()) : null,
  };
}
