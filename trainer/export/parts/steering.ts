// The steering step as an ONNX file: generator, classifier, gradient and Adam in one graph. `dcgan steer` repeats the step on an
// engine; a page repeats it with this file.
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { refuseConditionalRun } from '../../run/trained-run.ts';
import {
  steeringCarried,
  steeringInputs,
  steeringParameters,
  steeringStep,
  type SteeringNetworks,
} from '../../steering/steering-step.ts';
import { batchesOf } from '../gates/parity-gate.ts';
import { gateStep, type StepGateTarget } from '../gates/step-gate.ts';
import { encodeNetwork } from '../onnx-network.ts';
import { fromImages, type Part } from './part.ts';

/** Writes `steer.onnx` and compares it with the step on the training engine. */
export const steering: Part = {
  roles: ['steering'],
  needs: 'classifier',
  refuse: refuseConditionalRun,
  async write(context) {
    const { config, engine, generator, latents, tolerances, name, signal, state, write, onProgress } =
      context;
    const { latentDim, inputs } = latents;
    const classifier = fromImages(context, 'classifier');
    const networks = { generator, classifier, distribution: config.latentDistribution };
    const metadata = { latent_distribution: config.latentDistribution };
    const file = await write('steering', encodeSteering(networks, { name, latentDim, metadata }));
    onProgress(`comparing ${packageFiles.steering.file} with its step on ${engine.name}`);
    const z = batchesOf(inputs, 4)[0]!['z']!;
    const figures = await gateSteering({ file, engine, networks, z, tolerance: tolerances.steering, signal });
    await engine.writeState(state);
    const columns = classifier.columns.map(({ name: column, kind }) => ({ name: column, kind }));
    return { figures, fields: { steering: columns } };
  },
};

/** Options of {@link encodeSteering}. */
export interface SteeringFileOptions {
  /** Name of the graph in the file. */
  readonly name: string;
  readonly latentDim: number;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of `steer.onnx`, with weights in half precision; inputs and outputs are those of {@link steeringStep}. Throws Error if
 * the step cannot be recorded or lowered.
 */
export function encodeSteering(networks: SteeringNetworks, options: SteeringFileOptions): Uint8Array {
  const { name, latentDim, metadata = {} } = options;
  const columns = networks.classifier.columns.length;
  return encodeNetwork({
    name,
    parameters: steeringParameters(networks),
    inputsAt: (batch) => steeringInputs(batch, latentDim, columns),
    compute: (parameters, inputs) => steeringStep(networks, parameters, inputs),
    isHalf: true,
    metadata,
  });
}

/** Number of updates that are compared. */
const updates = 5;

/**
 * Compares the file with the step on the engine, from latents `z` [n, dim]; each image is steered by another attribute. Throws
 * ExportError if they differ. Leaves the engine with other parameters.
 */
export function gateSteering(
  request: StepGateTarget & {
    readonly networks: SteeringNetworks;
    readonly z: HostTensor;
    readonly tolerance: number;
  },
): Promise<readonly ParityFigure[]> {
  const { networks, z } = request;
  const columns = networks.classifier.columns.length;
  const [count, latentDim] = z.shape as [number, number];
  const inputs = steeringInputs(count, latentDim, columns);
  const zeros: HostTensor = { ...z, data: new Float32Array(z.data.length) };
  const of = (name: string, data: Float32Array): HostTensor => ({ ...inputs[name]!, data });
  const push = new Float32Array(count * columns);
  for (let i = 0; i < count; i++) push[i * columns + (i % columns)] = i % 2 === 0 ? 1 : -1;
  const start = Float32Array.from({ length: count * columns }, (_, i) => Math.sin(i));
  const runs: NamedHostTensors[] = Array.from({ length: updates }, (_, i) => ({
    ...(i === 0 && { z, first: zeros, second: zeros }),
    update: of('update', Float32Array.of(i + 1)),
    rate: of('rate', Float32Array.of(0.05)),
    push: of('push', push),
    start: of('start', start),
    hold: of('hold', Float32Array.of(0.5)),
  }));
  return gateStep({
    ...request,
    role: 'steering',
    parameters: steeringParameters(networks),
    step: (parameters, given) => steeringStep(networks, parameters, given),
    inputs,
    runs,
    carried: steeringCarried,
    compared: ['images', 'verdicts'],
  });
}
