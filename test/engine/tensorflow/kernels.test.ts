// Every kernel that the recorder takes, as a program of TensorFlow's ops, against its replay on tfjs's CPU backend.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { upload, type TensorflowBackend } from '../../../trainer/engine/tensorflow/binding.ts';
import { compileProgram } from '../../../trainer/engine/tensorflow/program.ts';
import { record } from '../../graph/trace/checked-record.ts';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import { assertSameTensor } from '../../graph/lower/compare.ts';
import { allCases } from '../../graph/lower/kernel-cases/all.ts';
import { Draw, type KernelCase } from '../../graph/lower/kernel-cases/kernel-case.ts';
import { tensorflowOrSkip } from './tensorflow.ts';

/** Kernels that TensorFlow refuses on some processors and that no network here uses; the error has the kernel's name. */
const refused: Readonly<Record<string, RegExp>> = {
  DepthwiseConv2dNative: /only 'valid' and 'same' padding|Invalid TF_Status: (3|12)/,
  DepthwiseConv2dNativeBackpropInput: /equal length strides|Invalid TF_Status: (3|12)/,
  DepthwiseConv2dNativeBackpropFilter: /equal length strides|Invalid TF_Status: (3|12)/,
  MaxPool: /only 'valid' and 'same' padding/,
  AvgPool: /only 'valid' and 'same' padding/,
};

const test = suite('kernels on TensorFlow');
const loaded = tensorflowOrSkip('kernels on TensorFlow');
await tf.setBackend('cpu');

/** True if the kernel was computed correctly, false if it was refused as it may be. */
async function check(kernel: string, example: KernelCase, backend: TensorflowBackend): Promise<boolean> {
  const { binding } = backend;
  const graph = record((given) => {
    const xs = Object.keys(example.inputs).map((name) => given[name]!);
    const result = example.compute(...(xs as never[]));
    return Object.fromEntries((Array.isArray(result) ? result : [result]).map((y, i) => [`y${i}`, y]));
  }, example.inputs);
  const expected = await replay(graph, example.inputs);
  const before = binding.getNumOfTensors();
  tf.setBackend('tensorflow');
  try {
    const program = compileProgram(graph, backend);
    const ids = Object.fromEntries(
      Object.entries(example.inputs).map(([name, tensor]) => [name, upload(binding, tensor)]),
    );
    const outputs = program.run(ids);
    for (const [name, wanted] of Object.entries(expected)) {
      const got = { ...wanted, data: binding.tensorDataSync(outputs[name]!) };
      assertSameTensor(got, wanted, `${kernel}: ${example.name}, ${name}`);
    }
    for (const id of [...Object.values(ids), ...Object.values(outputs)]) binding.deleteTensor(id);
    program.dispose();
  } catch (error) {
    const allowed = refused[kernel];
    assert.ok(
      allowed?.test((error as Error).message),
      `${kernel}: ${example.name}: ${(error as Error).message}`,
    );
    assert.match((error as Error).message, `kernel '${kernel}'`);
    return false;
  } finally {
    tf.setBackend('cpu');
    assert.is(binding.getNumOfTensors(), before, `${kernel}: ${example.name}: every tensor is freed`);
  }
  return true;
}

if (loaded === null) {
  test.skip('all tests', () => undefined);
} else {
  Object.entries(allCases).forEach(([kernel, makeCases], i) => {
    test(`${kernel}: TensorFlow's ops give the result of tfjs's CPU backend`, async () => {
      const examples = makeCases(new Draw(1000 + i));
      let computed = 0;
      for (const example of examples) computed += Number(await check(kernel, example, loaded.backend));
      assert.ok(computed > examples.length / 8, `${computed} of ${examples.length} were computed`);
    });
  });
}

test.run();
