// Spectral normalisation (Miyato 2018, section 2.1 and algorithm 1): a kernel is divided by its largest singular value σ, as one power
// iteration estimates it from a vector u of the state. Every pass of one update sees the same kernel and u, hence the same σ; the
// update then stores the iterated u. σ is differentiated through the kernel alone: u and v are constants.
import { vectorName } from '../../runtime-web/format/training/slot-names.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { StateEntry } from '../../runtime-web/format/training/initial-state.ts';
import type { NamedTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { detached } from '../graph/trace/stop-gradient.ts';
import { outputAxisOf, type ParameterSpecs } from './network.ts';

const prefix = vectorName('');
/** Lower limit of a vector's length, as in PyTorch. */
const epsilon = 1e-12;

export { vectorName };

/** The entry of u for every kernel of `specs`: a random unit vector each. */
export function vectorEntries(specs: ParameterSpecs): readonly StateEntry[] {
  return Object.entries(specs)
    .filter(([name]) => name.endsWith('/kernel'))
    .map(([name, spec]) => ({
      name: vectorName(name),
      shape: spec.shape.map((side, axis) => (axis === outputAxisOf(spec) ? side : 1)),
      initial: { kind: 'unit' },
    }));
}

/** One power iteration: the next u, and σ, which is differentiated through the kernel. */
function iterated(kernel: tf.Tensor, u: tf.Tensor): { readonly u: tf.Tensor; readonly sigma: tf.Tensor } {
  const axis = outputAxis(kernel.shape, u.shape);
  const sides = kernel.shape;
  const matrix = tf.reshape(kernel, [
    product(sides.slice(0, axis)),
    sides[axis]!,
    product(sides.slice(axis + 1)),
  ]);
  const row = tf.reshape(u, [1, sides[axis]!, 1]);
  const v = detached(() => unit(tf.sum(tf.mul(matrix, row), 1, true))); // [before, 1, after]
  // Adjacent axes one after the other: ONNX Runtime is slow at sums over axes with others between.
  const image = tf.sum(tf.sum(tf.mul(matrix, v), 2, true), 0, true); // [1, outputs, 1]
  const next = detached(() => unit(image));
  return { u: tf.reshape(next, u.shape), sigma: tf.sum(tf.mul(next, image)) };
}

function unit(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.maximum(tf.sqrt(tf.sum(tf.square(x))), epsilon));
}

/** The parameters among `tensors` without the vectors; kernels that have one are divided by their σ. */
export function spectrallyNormalised(tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => !name.startsWith(prefix))
      .map(([name, tensor]) => {
        const u = tensors[vectorName(name)];
        return [name, u === undefined ? tensor : tf.div(tensor, iterated(tensor, u).sigma)];
      }),
  );
}

/** The vectors among `tensors` after one power iteration with their kernels, by state name. */
export function nextVectors(tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, u]) => [name, detached(() => iterated(tensors[name.slice(prefix.length)]!, u).u)]),
  );
}

/** A kernel divided by its σ, on the host: in double precision, rounded once. */
export function normalisedOnHost(kernel: HostTensor, { shape, data: u }: HostTensor): HostTensor {
  const axis = outputAxis(kernel.shape, shape);
  const outputs = kernel.shape[axis]!;
  const after = product(kernel.shape.slice(axis + 1));
  const data = kernel.data as Float32Array;
  const v = new Float64Array(data.length / outputs);
  const image = new Float64Array(outputs);
  const forEach = (visit: (value: number, row: number, output: number) => void): void =>
    data.forEach((value, i) => {
      const output = Math.floor(i / after) % outputs;
      visit(value, Math.floor(i / after / outputs) * after + (i % after), output);
    });
  forEach((value, row, output) => (v[row]! += value * u[output]!));
  const length = Math.max(epsilon, Math.sqrt(v.reduce((sum, value) => sum + value ** 2, 0)));
  forEach((value, row, output) => (image[output]! += (value * v[row]!) / length));
  // u' is the unit vector along `image`, so σ = u' · image is its length.
  const sigma = Math.sqrt(image.reduce((sum, value) => sum + value ** 2, 0));
  return { ...kernel, data: data.map((value) => value / sigma) };
}

/** The axis of a kernel's outputs, by the shape of its u; the last one for a single output. */
function outputAxis(kernel: readonly number[], u: readonly number[]): number {
  const axis = u.findIndex((side) => side !== 1);
  return axis < 0 ? kernel.length - 1 : axis;
}

function product(sides: readonly number[]): number {
  return sides.reduce((all, side) => all * side, 1);
}
