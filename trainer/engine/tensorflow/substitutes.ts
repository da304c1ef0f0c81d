// Kernels that this project computes otherwise than tfjs-node-gpu does: with fewer ops, or where its own cannot.
import * as tf from '@tensorflow/tfjs-core';
import type { Substitute } from '../../trace/replay.ts';

/**
 * 1 for positive x, else alpha, as x times the largest float, clipped: three ops for which tfjs-node-gpu takes seven,
 * with masks and a test for NaN (which passes through here as well). Positive x below 3e-39, denormal, fall between.
 */
const step: Substitute = ({ x }, { attrs }) => {
  const alpha = typeof attrs['alpha'] === 'number' ? attrs['alpha'] : 0;
  if (x?.dtype !== 'float32' || alpha < 0 || alpha > 1) return null;
  return tf.tidy(() => tf.clipByValue(tf.mul(x, 3.4e38), alpha, 1));
};

/** By tfjs's name of the kernel. */
export const substitutes: Readonly<Record<string, Substitute>> = { Step: step };
