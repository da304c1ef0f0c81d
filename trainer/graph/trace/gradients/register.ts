// The gradients of every kernel that this project records. All of them are our own, because some of tfjs's are wrong:
// see registerGradients. Each family has a file beside this one.
import * as tf from '@tensorflow/tfjs-core';
import { elementwise } from './elementwise.ts';
import { normalisation } from './normalisation.ts';
import { pairs } from './pairs.ts';
import { pooling } from './pooling.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resizing.ts';
import { shapes } from './shapes.ts';

/** Every gradient that {@link registerGradients} registers: one a kernel, each reading inputs only. */
export const gradients: readonly tf.GradConfig[] = [
  ...elementwise,
  ...pairs,
  ...reductions,
  ...shapes,
  ...products,
  ...pooling,
  ...resizing,
  ...normalisation,
];

/**
 * Makes tfjs use these gradients in place of any others; quick if it does already.
 *
 * tfjs's own gradients are unreliable in second derivatives. Some save their kernel's output
 * (tanh, sigmoid, exp, softmax, …), and tfjs puts that copy on its tape before the kernel that made it: the path
 * from the output back to the input is lost, and the second derivative is silently zero if another path exists.
 * Others are missing (leaky ReLU's comparison, the filter gradient of a convolution) or already wrong in the first
 * derivative (mirrored padding, average pooling at a padded edge). Ours save inputs and compute outputs again, which
 * is free in a recorded graph, because identical nodes are merged.
 *
 * The registry is global to the process, and a package imported later may put the stock gradients back; so
 * every recording calls this again. The registry cannot replace the gradients of ops with a custom gradient that saves an
 * intermediate: `tf.logSoftmax` and `tf.losses.softmaxCrossEntropy`. Use `tf.logSumExp` instead.
 */
export function registerGradients(): void {
  for (const ours of gradients) {
    const current = tf.getGradient(ours.kernelName) as tf.GradConfig | undefined;
    if (current === ours) continue;
    if (current !== undefined) tf.unregisterGradient(ours.kernelName);
    tf.registerGradient(ours);
  }
}
