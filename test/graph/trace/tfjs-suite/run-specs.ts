// tfjs-core's own backend tests on the recorder: every computation of a test is recorded, and reading a value lowers
// the graph behind it and runs it on ONNX Runtime. Literals are the graph's inputs here, so that nothing is
// folded away. Runs in a process of its own, bundled together with the tests and their copy of tfjs-core.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';
import { backendName, RecordingBackend } from '../../../../trainer/graph/trace/backend.ts';
import { registerGradients } from '../../../../trainer/graph/trace/gradients/register.ts';
import type { HostTensor } from '../../../../trainer/graph/trace/graph.ts';
import { GraphBuilder } from '../../../../trainer/graph/trace/graph-builder.ts';
import { registerRecordingKernels } from '../../../../trainer/graph/trace/recording-kernels.ts';
import { runLowered } from '../../lower/run-graph.ts';
import { lastLine, type SpecReport } from './spec-report.ts';

/** A fresh recording; tfjs's tests ask for the backend again before each group. */
function startRecording(): RecordingBackend {
  const builder = new GraphBuilder();
  const literals: Record<string, HostTensor> = {};
  return new RecordingBackend(builder, {
    literal(tensor) {
      const name = `literal${Object.keys(literals).length}`;
      literals[name] = tensor;
      return builder.addInput(name, tensor);
    },
    async read(id) {
      const { y } = await runLowered(builder.build({ y: id }), literals);
      return y!.data;
    },
  });
}

registerGradients();
registerRecordingKernels();
tf.registerBackend(backendName, startRecording);
setTestEnvs([{ name: 'recorder', backendName, isDataSync: false }]);

const jasmine = jasmineRequire.core(jasmineRequire);
const environment = jasmine.getEnv();
Object.assign(globalThis, jasmineRequire.interface(jasmine, environment), { jasmine });
environment.configure({ random: false });
environment.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    const failures = failedExpectations.map(({ message }) => message);
    const report: SpecReport = { name: fullName.replaceAll(' recorder {}', ''), status, failures };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  },
});

/** Defines the specs of one of tfjs's test files. */
export function define(file: string, load: () => void): void {
  (globalThis as unknown as { describe(name: string, body: () => void): void }).describe(file, load);
}

/** Runs every spec that was defined. */
export async function execute(): Promise<void> {
  await environment.execute();
  process.stdout.write(`${lastLine}\n`);
}
