// Every kernel that the recorder takes, on random shapes and attributes: recorded, lowered and run by ONNX
// Runtime, against its replay on tfjs's CPU backend. Each case runs as it is, behind transposes, and behind a
// convolution, so that a rule meets its inputs in every physical layout.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { transposed } from '../../../trainer/graph/lower/context.ts';
import { loweringRules } from '../../../trainer/graph/lower/lower.ts';
import { toPhysical } from '../../../trainer/graph/lower/layout.ts';
import { kernelTable } from '../../../trainer/graph/trace/kernels/table.ts';
import { record } from '../trace/checked-record.ts';
import { assertLowersRight } from './compare.ts';
import { allCases } from './kernel-cases/all.ts';
import { Draw, type KernelCase } from './kernel-cases/kernel-case.ts';
import type { HostTensors } from './run-graph.ts';

await tf.setBackend('cpu');

/** Kernels that always come to a constant when recorded. */
const alwaysFolded = ['OnesLike', 'ZerosLike'];

/** The operator before the kernel. */
type Dress = 'plain' | 'transposed' | 'convolved';

/** The case's inputs as the graph gets them, and the tensors that the kernel gets. */
function dressed(example: KernelCase, dress: Dress, draw: Draw) {
  const inputs: HostTensors = {};
  const undress: ((given: tf.Tensor) => tf.Tensor)[] = [];
  for (const [name, tensor] of Object.entries(example.inputs)) {
    const rank = tensor.shape.length;
    const perm = dress === 'transposed' ? draw.permutation(rank) : [];
    const key = `${dress}/${name}`;
    if (dress === 'transposed' && rank > 1) {
      const data = transposed(tensor.data, tensor.shape, perm);
      inputs[key] = { ...tensor, shape: toPhysical(tensor.shape, perm), data };
      undress.push((given) => tf.transpose(given, tf.backend_util.getUndoAxesPermutation(perm)));
    } else {
      inputs[key] = tensor;
      undress.push(dress === 'convolved' && rank === 4 ? throughConvolution : (given) => given);
    }
  }
  return { inputs, undress };
}

/** The same values, lying as a convolution leaves them. */
function throughConvolution(x: tf.Tensor): tf.Tensor {
  const channels = x.shape[3]!;
  const filter = tf.reshape(tf.eye(channels), [1, 1, channels, channels]) as tf.Tensor4D;
  const images = tf.cast(x, 'float32') as tf.Tensor4D;
  return tf.cast(tf.conv2d(images, filter, 1, 'valid'), x.dtype);
}

async function check(kernel: string, example: KernelCase, draw: Draw): Promise<void> {
  const hasImages = Object.values(example.inputs).some(({ shape }) => shape.length === 4);
  const dresses: Dress[] = ['plain', 'transposed', ...(hasImages ? (['convolved'] as const) : [])];
  const inputs: HostTensors = {};
  const undressing = dresses.map((dress) => {
    const { inputs: given, undress } = dressed(example, dress, draw);
    Object.assign(inputs, given);
    return { dress, names: Object.keys(given), undress };
  });
  const graph = record((tensors) => {
    const outputs: Record<string, tf.Tensor> = {};
    for (const { dress, names, undress } of undressing) {
      const xs = names.map((name, i) => undress[i]!(tensors[name]!));
      const result = example.compute(...(xs as never[]));
      (Array.isArray(result) ? result : [result]).forEach((y, i) => (outputs[`${dress} ${i}`] = y));
    }
    return outputs;
  }, inputs);
  await assertLowersRight(graph, inputs, `${kernel}: ${example.name}`);
  if (graph.nodes.some((node) => node.kernel === kernel)) reached.add(kernel);
}

const reached = new Set<string>();
const kernels = suite('kernels');

kernels('each kernel that can be recorded has a rule and cases', () => {
  const names = Object.keys(kernelTable).sort();
  assert.equal(Object.keys(allCases).sort(), names);
  assert.equal([...Object.keys(loweringRules), ...alwaysFolded].sort(), names);
});

Object.entries(allCases).forEach(([kernel, makeCases], i) => {
  kernels(`${kernel}: lowered, it gives what tfjs's CPU backend gives`, async () => {
    const draw = new Draw(1000 + i);
    const examples = makeCases(draw);
    for (const example of examples) await check(kernel, example, draw);
    assert.is(reached.has(kernel), !alwaysFolded.includes(kernel), `${kernel} is recorded by its cases`);
  });
});

kernels.run();
