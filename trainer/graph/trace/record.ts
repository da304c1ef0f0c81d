// Records a pure function of tensors, autodiff included, as a graph. Nothing is computed.
import * as tf from '@tensorflow/tfjs-core';
import { backendName, RecordingBackend } from './backend.ts';
import type { Graph, TensorSpec, ValueId } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { registerGradients } from './gradients/register.ts';
import { registerRecordingKernels } from './recording-kernels.ts';

/**
 * Records `fn`, called once with one tensor for each entry of `inputs`, and returns the graph of what it returns.
 * `fn` must be pure, synchronous and use tfjs ops only. Throws Error with the op's name if `fn` uses a kernel
 * that cannot be recorded, a tensor that was made outside, a random op, or the data of a tensor.
 */
export function record(
  fn: (inputs: Record<string, tf.Tensor>) => Readonly<Record<string, tf.Tensor>>,
  inputs: Readonly<Record<string, TensorSpec>>,
): Graph {
  const previous = tf.engine().backendName as string | null | undefined;
  if (previous === backendName)
    throw new Error('record() was called inside of a function that is being recorded');
  const builder = new GraphBuilder();
  const backend = new RecordingBackend(builder);
  registerGradients();
  registerRecordingKernels();
  tf.registerBackend(backendName, () => backend, 0);
  try {
    tf.setBackend(backendName);
    tf.engine().startScope();
    try {
      const tensors: Record<string, tf.Tensor> = {};
      for (const [name, spec] of Object.entries(inputs))
        tensors[name] = backend.tensor(builder.addInput(name, spec));
      const outputs: Record<string, ValueId> = {};
      for (const [name, tensor] of Object.entries(returned(fn(tensors))))
        outputs[name] = valueOf(backend, name, tensor);
      return builder.build(outputs);
    } finally {
      tf.engine().endScope();
    }
  } finally {
    // If no backend was in use before, tfjs chooses one at its next call.
    tf.removeBackend(backendName);
    if (previous != null) tf.setBackend(previous);
  }
}

function returned<T extends object>(result: T): T {
  if (result instanceof Promise)
    throw new TypeError('record(): got an async function, expected a synchronous one');
  const isRecord = typeof result === 'object' && (result as T | null) !== null && !Array.isArray(result);
  if (isRecord && !(result instanceof tf.Tensor)) return result;
  const got =
    result instanceof tf.Tensor ? 'a tensor' : Array.isArray(result) ? 'a list' : String(result as unknown);
  throw new TypeError(`record(): the function returned ${got}, expected its outputs by name, such as { y }`);
}

function valueOf(backend: RecordingBackend, name: string, tensor: tf.Tensor): ValueId {
  if (!(tensor instanceof tf.Tensor)) throw new TypeError(`record(): output '${name}' is not a tensor`);
  try {
    return backend.valueFor(tensor.dataId);
  } catch {
    throw new Error(`record(): output '${name}' is a tensor that was not made by this recording`);
  }
}
