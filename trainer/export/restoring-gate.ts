// The gate of the restoring file: some updates from the same start, by the training engine and by the file on
// onnxruntime-node and on onnxruntime-web's wasm, must arrive at the same latents and draw the same pictures on the way. The
// engine gets the weights as the file holds them, rounded to half precision, so that what is compared is the arithmetic.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ParityFigure } from '../../runtime-web/format/model.ts';
import { contextWeights } from '../../runtime-web/format/restoring/context-weights.ts';
import { rateAt, termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../engine/engine.ts';
import { fromOrt, openSession, runtimeVersion, toOrt } from '../engine/onnx-session.ts';
import { halfRounded } from '../lower/half.ts';
import { identityLayout } from '../lower/layout.ts';
import type { RestoringNetworks } from '../restoring/restoring-step.ts';
import type { HostTensor } from '../trace/graph.ts';
import { ExportError } from './export-error.ts';
import { carriedOn, namedStep, restoringInputs, restoringParameters } from './onnx-restoring.ts';
import { maxDifference } from './parity-gate.ts';
import { runOnWasm } from './wasm-session.ts';

/** Updates that are made. */
const updates = 5;
/** The largest difference, of latents and of pictures in [-1, 1]: an update moves a latent's number by about 0.1. */
const tolerance = 1e-3;

/** What to let through. */
export interface RestoringGateRequest {
  readonly file: string;
  readonly engine: Engine;
  readonly networks: RestoringNetworks;
  /** [n, latentDim]: where latents start. */
  readonly z: HostTensor;
  /** [n, size, size, channels]: pictures to arrive at, from the middle of which a hole is taken. */
  readonly images: HostTensor;
  readonly signal: AbortSignal;
}

/** All outputs of each update, and what made it. */
interface Way {
  readonly runtime: string;
  readonly outputs: readonly Readonly<Record<string, HostTensor>>[];
}

/** The figures. Throws ExportError, with all of them, where one reaches the tolerance or is no number. */
export async function gateRestoring(request: RestoringGateRequest): Promise<readonly ParityFigure[]> {
  const { file, signal } = request;
  const runs = runsOf(request);
  const reference = await onEngine(request, runs);
  const native = await onNode(file, runs);
  const wasm = await runOnWasm({ file, runs, carried: carriedOn, signal });
  const figures = [
    [native, reference],
    [wasm, reference],
    [wasm, native],
  ].map(([way, other]): ParityFigure => ({
    role: 'restoring',
    runtime: way!.runtime,
    against: `${other!.runtime}, ${updates} updates`,
    maxDifference: Math.max(
      ...way!.outputs.flatMap((outputs, i) =>
        [carriedOn.z, 'images', 'loss'].map((name) =>
          maxDifference(outputs[name]!, other!.outputs[i]![name]!),
        ),
      ),
    ),
    tolerance,
  }));
  if (figures.every(({ maxDifference: most }) => most < tolerance)) return figures;
  const list = figures.map(({ runtime, against, maxDifference: most }) => {
    return `${Number.isNaN(most) ? 'no number' : most.toPrecision(2)} on ${runtime} against ${against}`;
  });
  throw new ExportError(
    `${basename(file)} moves latents elsewhere than it should, by up to ${list.join(', ')} (expected less than ${tolerance})`,
  );
}

/** The inputs of each update; latents and moments go on from the one before. */
function runsOf({ z, images }: RestoringGateRequest): readonly Readonly<Record<string, HostTensor>>[] {
  const [count, side] = images.shape as [number, number];
  const mask = Float32Array.from({ length: side * side }, (_, i) => {
    const isMiddle = (at: number): boolean => at >= side >> 2 && at < side - (side >> 2);
    return Number(isMiddle(i % side) && isMiddle(Math.floor(i / side)));
  });
  const own = contextWeights(mask, side);
  const weights = new Float32Array(count * side * side);
  for (let i = 0; i < count; i++) weights.set(own, i * own.length);
  const zeros: HostTensor = { ...z, data: new Float32Array(z.data.length) };
  const scalar = (value: number): HostTensor => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  });
  // All terms at once, so that none goes unseen.
  const terms = { ...termWeights('inpaint'), luminance: 0.5, realism: 0.1 };
  return Array.from({ length: updates }, (_, i) => ({
    ...(i === 0 && { z, first: zeros, second: zeros }),
    update: scalar(i + 1),
    rate: scalar(rateAt(i + 1, updates)),
    image: images,
    weights: { shape: [count, side, side, 1], dtype: 'float32', data: weights },
    ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, scalar(value)])),
  }));
}

async function inOrder(
  runs: readonly NamedHostTensors[],
  run: (inputs: NamedHostTensors) => Promise<NamedHostTensors>,
): Promise<readonly NamedHostTensors[]> {
  const outputs: NamedHostTensors[] = [];
  for (const inputs of runs) {
    const before = outputs.at(-1);
    const carried = Object.entries(carriedOn).map(([input, output]) => [input, before?.[output]]);
    outputs.push(await run({ ...(before && Object.fromEntries(carried)), ...inputs }));
  }
  return outputs;
}

async function onEngine(
  { engine, networks, images, z }: RestoringGateRequest,
  runs: readonly NamedHostTensors[],
): Promise<Way> {
  const [count, imageSize, , channels] = images.shape as [number, number, number, number];
  const parameters = Object.entries(restoringParameters(networks)).map(([name, tensor]) => [
    name,
    { ...tensor, data: halfRounded(tensor.data as Float32Array) },
  ]);
  await engine.writeState(Object.fromEntries(parameters) as NamedHostTensors);
  const step: StateFunction = (state, inputs) => ({ outputs: namedStep(networks, state, inputs) });
  const specs = restoringInputs(count, { latentDim: z.shape[1]!, imageSize, channels });
  const compiled = await engine.compile(step, specs);
  try {
    return {
      runtime: `step on ${engine.name}`,
      outputs: await inOrder(runs, (inputs) => compiled.run(inputs)),
    };
  } finally {
    await compiled.dispose();
  }
}

async function onNode(file: string, runs: readonly NamedHostTensors[]): Promise<Way> {
  try {
    const session = await openSession(await readFile(file), { provider: 'cpu', threads: 1 });
    try {
      const outputs = await inOrder(runs, async (inputs) => {
        const feeds = Object.entries(inputs).map(([name, tensor]) => [
          name,
          toOrt(tensor, identityLayout(tensor.shape.length)),
        ]);
        const found = await session.run(Object.fromEntries(feeds) as Parameters<typeof session.run>[0]);
        return Object.fromEntries(
          Object.entries(found).map(([name, tensor]) => [
            name,
            fromOrt(tensor, tensor.dims, identityLayout(tensor.dims.length)),
          ]),
        );
      });
      return { runtime: `onnxruntime-node ${runtimeVersion} cpu`, outputs };
    } finally {
      await session.release();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExportError(`onnxruntime-node cannot run ${basename(file)}: ${reason}`);
  }
}
