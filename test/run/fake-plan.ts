// A plan and an engine that train nothing: one number that each step moves by its inputs, so that only the loop
// is tested. No tensors, no session, no file.
import type { Engine, NamedHostTensors } from '../../trainer/engine/engine.ts';
import type { OpenPlan } from '../../trainer/run/open-plan.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import type { TrainingPlan } from '../../trainer/training/plan.ts';
import type { Scheduled } from '../../runtime-web/format/training/schedule.ts';

const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });

/** The behaviour of the fake. */
export interface FakeOptions {
  /** The losses of a step; default 0.5 and 1. */
  readonly losses?: (step: number) => { readonly dLoss: number; readonly gLoss: number };
  /** D's mean sign for real images in a step; default 0. */
  readonly sign?: (step: number) => number;
  /** Called in each step, with its number and its scheduled values. */
  readonly onStep?: (step: number, scheduled: Scheduled) => void;
}

/** An open plan over the state `{ value }`; the value of a step is drawn from the loop's random stream. */
export function fakePlan(
  { losses, sign, onStep }: FakeOptions = {},
  value = 1,
): OpenPlan & { fetched: number[] } {
  let state: Record<string, HostTensor> = { value: scalar(value) };
  const fetched: number[] = [];
  const engine: Engine = {
    name: 'onnx-cpu',
    isOnGpu: false,
    device: 'none',
    fingerprint: { engine: 'fake' },
    compile: () => Promise.reject(new Error('the fake compiles nothing')),
    readState: async () => structuredClone(state) as NamedHostTensors,
    writeState: async (entries) => void (state = { ...state, ...entries }),
    dispose: async () => undefined,
  };
  const train: OpenPlan['train'] = async (request) => {
    const { random, batches, stepNumber: step, fetch, scheduled, probability = 0 } = request;
    const { images } = await batches.next();
    const z = random.uniform() + (images[0] ?? NaN) + probability;
    onStep?.(step, scheduled!);
    const held = state['value']?.data[0] ?? NaN;
    state = { ...state, value: scalar(held * 0.9 + z) };
    if (fetch.includes('dLoss')) fetched.push(step);
    const { dLoss, gLoss } = losses?.(step) ?? { dLoss: 0.5, gLoss: 1 };
    const outputs = { dLoss, gLoss, dReal: 0.75, dFake: 0.25, dSign: sign?.(step) ?? 0 };
    return Object.fromEntries(fetch.map((name) => [name, scalar(outputs[name as keyof typeof outputs])]));
  };
  return {
    plan: {} as TrainingPlan,
    engine,
    train,
    fetched,
    async drawSamples() {
      const data = Float32Array.from({ length: 4 * 64 }, (_, i) =>
        Math.sin(i * (state['value']?.data[0] ?? 0)),
      );
      return { shape: [4, 8, 8, 1], dtype: 'float32', data };
    },
    readState: () => engine.readState(),
    refreshStatistics: async () => undefined,
    dispose: async () => undefined,
  };
}
