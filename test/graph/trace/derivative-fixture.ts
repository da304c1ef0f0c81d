// Reads the derivatives that scripts/fixtures/derivatives.py had PyTorch compute, and takes the same ones
// with tfjs. A case: y = f(x); first = the gradient of Σ y·w at x; second = the gradient of Σ first·v at x and w.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';

/** A tensor in the fixture. */
export interface FixtureTensor {
  readonly shape: number[];
  readonly values: number[];
}

/** Attributes of a case; each op knows its own. */
export type Attributes = Readonly<Record<string, unknown>>;

/** One case. */
export interface DerivativeCase {
  readonly op: string;
  readonly attributes: Attributes;
  /** True if several elements are the maximum, so that the derivative jumps. */
  readonly isTied: boolean;
  readonly inputs: readonly FixtureTensor[];
  readonly weights: number[];
  readonly directions: readonly number[][];
  readonly output: FixtureTensor;
  readonly first: readonly number[][];
  readonly second: readonly number[][];
}

/** The whole file. */
export interface DerivativeFixture {
  readonly cases: readonly DerivativeCase[];
  readonly dcgan: {
    readonly tensors: Readonly<Record<string, FixtureTensor>>;
    readonly images: number[];
    readonly losses: Readonly<
      Record<string, { readonly value: number; readonly gradients: Readonly<Record<string, number[]>> }>
    >;
  };
}

/** The fixture, read from the checkout's root, where tests run. */
export const fixture = JSON.parse(
  readFileSync('test/fixtures/derivatives.json', 'utf8'),
) as DerivativeFixture;

/** A differentiable function of a case's inputs. */
export type CaseFunction = (inputs: readonly tf.Tensor[]) => tf.Tensor;

/** A case's name for messages. */
export function caseName({ op, attributes, inputs }: DerivativeCase): string {
  return `${op} ${JSON.stringify(attributes)} of ${inputs.map(({ shape }) => `[${shape}]`).join(' ')}`;
}

/** As tfjs tensors. */
export function inputsOf(example: DerivativeCase): tf.Tensor[] {
  return example.inputs.map(({ shape, values }) => tf.tensor(values, shape, 'float32'));
}

/** The weights w, in the output's shape. */
export function weightsOf({ weights, output }: DerivativeCase): tf.Tensor {
  return tf.tensor(weights, output.shape, 'float32');
}

/** The gradient of Σ f(x)·w at each x. */
export function firstDerivatives(f: CaseFunction, xs: readonly tf.Tensor[], w: tf.Tensor): tf.Tensor[] {
  return valueAndGradients(() => tf.sum(tf.mul(f(xs), w)), xs).gradients;
}

/** Σ first·v: the derivative along the case's directions, a scalar. */
export function alongDirections(
  f: CaseFunction,
  example: DerivativeCase,
  xs: readonly tf.Tensor[],
  w: tf.Tensor,
): tf.Tensor {
  const products = firstDerivatives(f, xs, w).map((g, i) =>
    tf.sum(tf.mul(g, tf.tensor(example.directions[i]!, g.shape, 'float32'))),
  );
  return tf.addN(products);
}

/** The gradient of {@link alongDirections} at each x and at w. */
export function secondDerivatives(
  f: CaseFunction,
  example: DerivativeCase,
  xs: readonly tf.Tensor[],
  w: tf.Tensor,
): tf.Tensor[] {
  return valueAndGradients(() => alongDirections(f, example, xs, w), [...xs, w]).gradients;
}
