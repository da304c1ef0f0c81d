// Our side of the bench: compiles the steps on an engine, then answers each line `{"steps": 5}` on stdin with the time of 5 steps,
// `{"seconds": …}`, and `{"profile": true}` with the time of each operator. PyTorch's side is pytorch_step.py.
import { createInterface } from 'node:readline';
import { Random } from '../../runtime-web/format/random.ts';
import type { EngineName } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { operatorTimes } from './operator-times.ts';
import { benchConfig, type BenchSettings } from './settings.ts';
import { tensorflowOperatorTimes } from './tensorflow-operator-times.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as BenchSettings & { readonly engine: EngineName };
const config = { ...benchConfig(settings), engine: settings.engine };
const plan = planTraining(config);
const random = new Random(0);
const { engine } = await selectEngine(config);
await engine.writeState(plan.initialState(random));
const phases = await Promise.all(
  plan.phases.map(async (phase) => ({ phase, step: await engine.compile(phase.update, phase.inputs) })),
);
const images = random.fillLatent(new Float32Array(config.batch * 64 * 64 * 3), 'uniform');
let steps = 0;
const runStep = async (fetch: readonly string[] = []): Promise<void> => {
  steps += 1;
  const { phase, step } = phases.find((some) => some.phase.isDue(steps))!;
  await step.run(phase.makeInputs(random, { images, labels: null }, steps, 0), { fetch });
};
const answer = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

// Each kind of step runs once before the first turn.
while (steps < config.r1Every) await runStep(['dLoss']);
steps = 0;
const [compileMs, kernels] = (['compileMs', 'nodeCount'] as const).map((figure) =>
  phases.reduce((sum, { step }) => sum + step[figure], 0),
);
answer({ ready: true, compileMs, kernels, device: engine.device });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as { readonly steps: number } | { readonly profile: true };
  if ('profile' in request) {
    const isOnTensorflow = engine.name.startsWith('tensorflow');
    answer({ operators: isOnTensorflow ? tensorflowOperatorTimes(config) : await operatorTimes(settings) });
    continue;
  }
  const started = performance.now();
  for (let i = request.steps; i > 1; i--) await runStep();
  // Reading a loss waits until the device has finished.
  await runStep(['dLoss']);
  answer({ seconds: (performance.now() - started) / 1000, memory: process.resourceUsage().maxRSS * 1024 });
}
await engine.dispose();
