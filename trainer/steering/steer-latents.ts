// Steers latents on an engine by repeating the steering step.
import type { Engine, NamedHostTensors, StateFunction } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import {
  steeringCarried,
  steeringInputs,
  steeringParameters,
  steeringStep,
  type SteeringNetworks,
} from './steering-step.ts';

/** Latents to steer, and the settings. */
export interface SteerRequest {
  /** Latents [count · dim]. */
  readonly z: Float32Array;
  readonly count: number;
  /** Index of the attribute's column. */
  readonly attribute: number;
  /** 1 adds the attribute, -1 removes it. */
  readonly sign: 1 | -1;
  /** Number of updates. */
  readonly steps: number;
  readonly rate: number;
  /** Weight of the penalty on other attributes. */
  readonly hold: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** The final latents [count · dim], with images and predictions before and after steering. */
export interface Steered {
  readonly z: Float32Array;
  readonly before: ImagesAndPredictions;
  readonly after: ImagesAndPredictions;
}

/** Images [count · size · size · channels] in [-1, 1], and the classifier's predictions [count · columns]. */
export interface ImagesAndPredictions {
  readonly images: Float32Array;
  readonly predictions: Float32Array;
}

/** The compiled step, from {@link openSteering}; dispose of it. */
export interface Steering {
  steer(request: SteerRequest): Promise<Steered>;
  dispose(): Promise<void>;
}

/** Number of latents in a batch. */
const batch = 32;

/** Compiles the step. The networks' parameters become the engine's state. */
export async function openSteering(
  engine: Engine,
  networks: SteeringNetworks,
  latentDim: number,
): Promise<Steering> {
  const columns = networks.classifier.columns.length;
  const specs = steeringInputs(batch, latentDim, columns);
  await engine.writeState(steeringParameters(networks));
  const step: StateFunction = (state, inputs) => ({ outputs: steeringStep(networks, state, inputs) });
  const compiled = await engine.compile(step, specs);
  const tensor = (name: string, data: Float32Array): HostTensor => ({ ...specs[name]!, data });
  const scalar = (name: string, value: number): HostTensor => tensor(name, Float32Array.of(value));

  /** Steers a batch; unused rows are zero. */
  const steerBatch = async (z: Float32Array, request: SteerRequest) => {
    const { attribute, sign, steps, rate, hold, signal } = request;
    const push = new Float32Array(batch * columns);
    for (let i = 0; i < batch; i++) push[i * columns + attribute] = sign;
    const zeros = new Float32Array(batch * latentDim);
    let carried: NamedHostTensors = {
      z: tensor('z', z),
      first: tensor('first', zeros),
      second: tensor('second', zeros),
    };
    let start = new Float32Array(batch * columns);
    let before: NamedHostTensors | null = null;
    // The first and the last run have rate 0: they return images and predictions before and after steering.
    for (let update = 0; ; update++) {
      signal.throwIfAborted();
      const isLast = update > steps;
      const outputs = await compiled.run({
        ...carried,
        update: scalar('update', Math.max(1, update)),
        rate: scalar('rate', update === 0 || isLast ? 0 : rate),
        push: tensor('push', push),
        start: tensor('start', start),
        hold: scalar('hold', hold),
      });
      if (update === 0) {
        before = outputs;
        start = Float32Array.from(outputs['verdicts']!.data);
        continue;
      }
      if (isLast) return { z: carried['z']!.data as Float32Array, before: before!, after: outputs };
      carried = Object.fromEntries(
        Object.entries(steeringCarried).map(([input, output]) => [input, outputs[output]!]),
      );
    }
  };

  return {
    async steer(request) {
      const { z, count, onProgress } = request;
      const ends: Float32Array[] = [];
      const parts: Record<'before' | 'after', Record<keyof ImagesAndPredictions, Float32Array[]>> = {
        before: { images: [], predictions: [] },
        after: { images: [], predictions: [] },
      };
      for (let first = 0; first < count; first += batch) {
        const some = new Float32Array(batch * latentDim);
        const size = Math.min(batch, count - first);
        some.set(z.subarray(first * latentDim, (first + size) * latentDim));
        const found = await steerBatch(some, request);
        const cut = (data: ArrayLike<number>): Float32Array =>
          (data as Float32Array).slice(0, (data.length / batch) * size);
        ends.push(cut(found.z));
        for (const when of ['before', 'after'] as const) {
          parts[when].images.push(cut(found[when]['images']!.data));
          parts[when].predictions.push(cut(found[when]['verdicts']!.data));
        }
        onProgress?.(first + size);
      }
      const all = ({
        images,
        predictions,
      }: Record<keyof ImagesAndPredictions, Float32Array[]>): ImagesAndPredictions => ({
        images: joined(images),
        predictions: joined(predictions),
      });
      return { z: joined(ends), before: all(parts.before), after: all(parts.after) };
    },
    dispose: () => compiled.dispose(),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
