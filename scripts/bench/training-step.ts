// Our side of the bench: opens the step on an engine, then for each line `{"steps": 5}` on stdin runs that many
// and answers `{"seconds": …}`. The counterpart is pytorch_step.py.
import { createInterface } from 'node:readline';
import { Random } from '../../runtime-web/format/random.ts';
import type { EngineName } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { planTraining } from '../../trainer/training.ts';
import { benchConfig, type BenchSettings } from './settings.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as BenchSettings & { readonly engine: EngineName };
const config = benchConfig(settings);
const plan = planTraining(config);
const random = new Random(0);
const { engine } = await selectEngine({ engine: settings.engine, threads: settings.threads });
await engine.writeState(plan.initialState(random));
const step = await engine.compile(plan.step, plan.stepInputs);
const images = random.fillLatent(new Float32Array(config.batch * 64 * 64 * 3), 'uniform');
let steps = 0;
const runStep = async (): Promise<void> => {
  steps += 1;
  await step.run(plan.makeStepInputs(random, { images, labels: null }, steps), { fetch: [] });
};
const answer = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

await runStep();
answer({ ready: true, compileMs: step.compileMs, kernels: step.nodeCount });
for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  for (let i = (JSON.parse(line) as { steps: number }).steps; i > 0; i--) await runStep();
  answer({ seconds: (performance.now() - started) / 1000, memory: process.resourceUsage().maxRSS * 1024 });
}
await engine.dispose();
