// The fixture's derivatives, recorded as a graph that is replayed, and lowered for ONNX Runtime: recording, merging, folding,
// freeing and layouts must not change a number.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { record } from './checked-record.ts';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import { assertClose } from '../../shared/closeness.ts';
import { runLowered } from '../lower/run-graph.ts';
import {
  caseName,
  firstDerivatives,
  fixture,
  secondDerivatives,
  type CaseFunction,
  type DerivativeCase,
} from './derivative-fixture.ts';
import { derivativeOps } from './derivative-ops.ts';

await tf.setBackend('cpu');

/** Ops that the recorder refuses by name: whole-number division of floats, and gathering within a batch. */
function isRefused({ op, attributes }: DerivativeCase): boolean {
  return op === 'floorDiv' || (op === 'gather' && attributes['batchDims'] !== 0);
}

const recorded = suite('recorded derivatives against PyTorch');

for (const example of fixture.cases.filter((one) => !isRefused(one))) {
  recorded(`${caseName(example)}: value and derivatives are PyTorch's, replayed and lowered`, async () => {
    const op = derivativeOps.get(example.op) as unknown as (...args: unknown[]) => tf.Tensor;
    const f: CaseFunction = (xs) => op(...xs, example.attributes);
    const host = (shape: readonly number[], values: readonly number[]): HostTensor => ({
      shape,
      dtype: 'float32',
      data: Float32Array.from(values),
    });
    const inputs: Record<string, HostTensor> = { w: host(example.output.shape, example.weights) };
    example.inputs.forEach(({ shape, values }, i) => (inputs[`x${i}`] = host(shape, values)));

    const graph = record((tensors) => {
      const xs = example.inputs.map((_, i) => tensors[`x${i}`]!);
      const outputs: Record<string, tf.Tensor> = { y: f(xs) };
      firstDerivatives(f, xs, tensors['w']!).forEach((g, i) => (outputs[`first${i}`] = g));
      secondDerivatives(f, example, xs, tensors['w']!).forEach((g, i) => (outputs[`second${i}`] = g));
      return outputs;
    }, inputs);
    for (const [how, run] of [
      ['replayed', replay],
      ['lowered', runLowered],
    ] as const) {
      const results = await run(graph, inputs);
      const close = (name: string, want: readonly number[], tolerance: number): void =>
        assertClose(results[name]!.data, want, tolerance, `${how}, ${name}`);
      close('y', example.output.values, 1e-5);
      example.first.forEach((want, i) => close(`first${i}`, want, 1e-5));
      example.second.forEach((want, i) => close(`second${i}`, want, 1e-4));
    }
  });
}

recorded.run();
