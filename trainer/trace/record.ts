// Records a pure function of tensors, autodiff included, as a graph. Nothing is computed.
import * as tf from '@tensorflow/tfjs-core';
import { backendName, recordingBackend } from './backend.ts';
import type { Graph, TensorSpec, ValueId } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { registerGradients } from './gradients/register.ts';

/**
 * Records `fn`, called once with one tensor for each entry of `inputs`, and returns the graph of what it returns.
 * `fn` must be pure and use tfjs ops only. Throws Error, naming the op, when it uses a kernel that cannot be
 * recorded, a tensor that was made outside, a random op, or the values of a tensor.
 */
export function record(
  fn: (inputs: Record<string, tf.Tensor>) => Readonly<Record<string, tf.Tensor>>,
  inputs: Readonly<Record<string, TensorSpec>>,
): Graph {
  const backend = recordingBackend();
  const previous = tf.engine().backendName as string | null | undefined;
  const builder = new GraphBuilder();
  registerGradients();
  backend.open(builder);
  try {
    tf.setBackend(backendName);
    const outputs: Record<string, ValueId> = {};
    tf.engine().startScope('record');
    try {
      const tensors: Record<string, tf.Tensor> = {};
      for (const [name, spec] of Object.entries(inputs))
        tensors[name] = backend.tensor(builder.addInput(name, spec));
      for (const [name, tensor] of Object.entries(fn(tensors)))
        outputs[name] = backend.valueFor(tensor.dataId);
    } finally {
      tf.engine().endScope();
    }
    return builder.build(outputs);
  } finally {
    backend.close();
    if (previous != null && previous !== backendName) tf.setBackend(previous);
  }
}
