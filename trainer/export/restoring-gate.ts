// The gate of the restoring file: see step-gate.ts. From the middle of some pictures a hole is taken, and all terms count at once,
// so that none goes unseen.
import type { ParityFigure } from '../../runtime-web/format/model.ts';
import { contextWeights } from '../../runtime-web/format/restoring/context-weights.ts';
import { rateAt, termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { Engine, NamedHostTensors } from '../engine/engine.ts';
import type { RestoringNetworks } from '../restoring/restoring-step.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { carriedOn, namedStep, restoringInputs, restoringParameters } from './parts/restoring.ts';
import { gateStep } from './gates/step-gate.ts';

/** Updates that are made. */
const updates = 5;

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

/** The figures. Throws ExportError, with all of them, where one reaches the tolerance or is no number. */
export function gateRestoring(request: RestoringGateRequest): Promise<readonly ParityFigure[]> {
  const { file, engine, networks, z, images, signal } = request;
  const [count, imageSize, , channels] = images.shape as [number, number, number, number];
  return gateStep({
    role: 'restoring',
    file,
    engine,
    parameters: restoringParameters(networks),
    step: (parameters, inputs) => namedStep(networks, parameters, inputs),
    inputs: restoringInputs(count, { latentDim: z.shape[1]!, imageSize, channels }),
    runs: runsOf(request),
    carried: carriedOn,
    tolerance: 1e-3,
    compared: ['images', 'loss'],
    signal,
  });
}

/** The inputs of each update; latents and moments go on from the one before. */
function runsOf({ z, images }: RestoringGateRequest): readonly NamedHostTensors[] {
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
