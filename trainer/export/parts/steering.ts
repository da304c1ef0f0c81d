// The steering step as an ONNX file, generator, classifier, gradient and Adam in one: what `dcgan steer` repeats here, a page can
// repeat there; and the gate that it passes.
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import type { Engine, NamedHostTensors } from '../../engine/engine.ts';
import {
  steeringCarried,
  steeringInputs,
  steeringParameters,
  steeringStep,
  type SteeringNetworks,
} from '../../steering/steering-step.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { encodeNetwork } from '../onnx-network.ts';
import { gateStep } from '../gates/step-gate.ts';

/** What a steering file is made with. */
export interface SteeringFileOptions {
  /** The graph's name in the file. */
  readonly name: string;
  readonly latentDim: number;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of `steer.onnx`, with weights in half precision; inputs and outputs are those of {@link steeringStep}. Throws Error
 * where it cannot be recorded or lowered.
 */
export function encodeSteering(networks: SteeringNetworks, options: SteeringFileOptions): Uint8Array {
  const { name, latentDim, metadata = {} } = options;
  const attributes = networks.classifier.attributes.length;
  return encodeNetwork({
    name,
    parameters: steeringParameters(networks),
    inputsAt: (batch) => steeringInputs(batch, latentDim, attributes),
    compute: (parameters, inputs) => steeringStep(networks, parameters, inputs),
    isHalf: true,
    metadata,
  });
}

/** Updates that are made to compare. */
const updates = 5;

/** The figures of the file; each of latents `z` [n, dim] is pushed another way. Throws ExportError where it differs. */
export function gateSteering(request: {
  readonly file: string;
  readonly engine: Engine;
  readonly networks: SteeringNetworks;
  readonly z: HostTensor;
  readonly signal: AbortSignal;
}): Promise<readonly ParityFigure[]> {
  const { networks, z } = request;
  const attributes = networks.classifier.attributes.length;
  const [count, latentDim] = z.shape as [number, number];
  const inputs = steeringInputs(count, latentDim, attributes);
  const zeros: HostTensor = { ...z, data: new Float32Array(z.data.length) };
  const of = (name: string, data: Float32Array): HostTensor => ({ ...inputs[name]!, data });
  const push = new Float32Array(count * attributes);
  for (let i = 0; i < count; i++) push[i * attributes + (i % attributes)] = i % 2 === 0 ? 1 : -1;
  const start = Float32Array.from({ length: count * attributes }, (_, i) => Math.sin(i));
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
    // In the many layers of a style-based network some value lies at a rectifier's kink, where rounding chooses its slope.
    tolerance: networks.generator.styles ? 1e-2 : 1e-3,
    compared: ['images', 'verdicts'],
  });
}
