// The project's own gradients on tfjs's CPU backend, against PyTorch's in float64 and finite differences.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gradients, registerGradients } from '../../../trainer/graph/trace/gradients/register.ts';
import { assertClose, relativeError } from '../../shared/closeness.ts';
import {
  alongDirections,
  caseName,
  firstDerivatives,
  fixture,
  inputsOf,
  secondDerivatives,
  weightsOf,
  type CaseFunction,
  type DerivativeCase,
} from './derivative-fixture.ts';
import { derivativeOps } from './derivative-ops.ts';

await tf.setBackend('cpu');
registerGradients();

// Records the gradients that the cases use, so that none is left without a case.
const used = new Set<string>();
for (const config of gradients) {
  const { kernelName, gradFunc } = config;
  config.gradFunc = (...args) => {
    used.add(kernelName);
    return gradFunc(...args);
  };
}

function functionOf({ op, attributes }: DerivativeCase): CaseFunction {
  const f = derivativeOps.get(op) as ((...args: unknown[]) => tf.Tensor) | undefined;
  if (f === undefined) throw new Error(`the fixture has a case of '${op}', which no function stands for`);
  return (inputs) => f(...inputs, attributes);
}

const numbers = suite('derivatives against PyTorch');
for (const example of fixture.cases) {
  numbers(`${caseName(example)}: value, first and second derivative are PyTorch's`, () => {
    tf.tidy(() => {
      const f = functionOf(example);
      const xs = inputsOf(example);
      const w = weightsOf(example);
      const y = f(xs);
      assert.equal(y.shape, example.output.shape);
      assertClose(y.dataSync(), example.output.values, 1e-5, 'value');
      firstDerivatives(f, xs, w).forEach((g, i) =>
        assertClose(g.dataSync(), example.first[i]!, 1e-5, `first derivative at input ${i}`),
      );
      secondDerivatives(f, example, xs, w).forEach((g, i) =>
        assertClose(g.dataSync(), example.second[i]!, 1e-4, `second derivative at input ${i}`),
      );
    });
  });
}
numbers('every function has a case', () => {
  const cases = new Set(fixture.cases.map(({ op }) => op));
  assert.equal(
    [...derivativeOps.keys()].filter((op) => !cases.has(op)),
    [],
  );
});
/** Values that jump and do not move in between, as numbers in x's shape or broadcast to it. */
const jumps: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  isNaN: tf.isNaN,
  isInf: tf.isInf,
  isFinite: tf.isFinite,
  greaterEqual: (x) => tf.greaterEqual(x, 0.25),
  less: (x) => tf.less(x, 0.25),
  lessEqual: (x) => tf.lessEqual(x, 0.25),
  equal: (x) => tf.equal(x, 0.5),
  notEqual: (x) => tf.notEqual(x, 0.5),
  logicalAnd: (x) => tf.logicalAnd(tf.greater(x, 0), tf.logicalNot(tf.greater(x, 1))),
  logicalOr: (x) => tf.logicalOr(tf.greater(x, 1), tf.less(x, 0)),
  argMax: (x) => tf.argMax(x, 0),
  argMin: (x) => tf.argMin(x, 0),
  all: (x) => tf.all(tf.greater(x, -3)),
  any: (x) => tf.any(tf.greater(x, 1)),
  oneHot: (x) => tf.sum(tf.oneHot(tf.cast(x, 'int32'), 4), 0),
};
for (const [name, jump] of Object.entries(jumps)) {
  numbers(`${name}: what it gives counts as a constant`, () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1.5, 0.5, 1.25, 0.125]);
      const constant = tf.add(tf.cast(jump(x), 'float32'), 0.5);
      const found = tf.grad((t) => tf.mul(t, tf.add(tf.cast(jump(t), 'float32'), 0.5)))(x);
      assertClose(found.dataSync(), tf.mul(constant, tf.onesLike(x)).dataSync(), 1e-6, name);
    });
  });
}
numbers('every gradient is gone through', () => {
  assert.equal(
    gradients.map(({ kernelName }) => kernelName).filter((name) => !used.has(name)),
    [],
  );
});
numbers.run();

const differences = suite('derivatives against finite differences');
differences('first and second derivatives are the slopes that small moves show', () => {
  const h = 1 / 128;
  const failures: string[] = [];
  for (const example of fixture.cases.filter(({ isTied }) => !isTied)) {
    tf.tidy(() => {
      const f = functionOf(example);
      const xs = inputsOf(example);
      const w = weightsOf(example);
      const moved = (by: number): tf.Tensor[] =>
        xs.map((x, i) => tf.add(x, tf.mul(tf.tensor(example.directions[i]!, x.shape), by)));
      const slope = (g: (inputs: readonly tf.Tensor[]) => tf.Tensor): number =>
        (g(moved(h)).dataSync()[0]! - g(moved(-h)).dataSync()[0]!) / (2 * h);
      /** Σ gradient·v, and the sum of the terms' magnitudes, which bounds what rounding can do. */
      const along = (found: tf.Tensor[]): [number, number] => {
        const terms = xs.map((_, i) => tf.mul(found[i]!, tf.tensor(example.directions[i]!, found[i]!.shape)));
        const total = (list: tf.Tensor[]): number => tf.addN(list.map((t) => tf.sum(t))).dataSync()[0]!;
        return [total(terms), total(terms.map((t) => tf.abs(t)))];
      };
      const check = (order: string, measured: number, [derivative, magnitude]: [number, number]): void => {
        const error = Math.abs(measured - derivative) / Math.max(1, magnitude);
        if (!(error < 5e-3)) {
          failures.push(`${caseName(example)}: ${order} ${derivative}, by differences ${measured}`);
        }
      };
      check(
        'first',
        slope((inputs) => tf.sum(tf.mul(f(inputs), w))),
        along(firstDerivatives(f, xs, w)),
      );
      check(
        'second',
        slope((inputs) => alongDirections(f, example, inputs, w)),
        along(secondDerivatives(f, example, xs, w)),
      );
    });
  }
  assert.equal(failures, []);
});
differences.run();

const registry = suite('the registry of gradients');
registry('no gradient saves an output', () => {
  assert.equal(
    gradients.filter(({ outputsToSave }) => outputsToSave !== undefined).map(({ kernelName }) => kernelName),
    [],
  );
  assert.is(new Set(gradients.map(({ kernelName }) => kernelName)).size, gradients.length);
});
registry('stock tanh, which saves its output, is caught by the fixture and replaced at the next call', () => {
  const example = fixture.cases.find(({ op }) => op === 'tanh twice')!;
  const f = functionOf(example);
  const errorOf = (): number =>
    tf.tidy(() => {
      const found = secondDerivatives(f, example, inputsOf(example), weightsOf(example));
      return relativeError(found[0]!.dataSync(), example.second[0]!);
    });
  const held = tf.getGradient('Tanh');
  tf.unregisterGradient('Tanh');
  tf.registerGradient({
    kernelName: 'Tanh',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.mul(tf.sub(1, tf.square(y!)), dy as tf.Tensor) }),
  });
  assert.ok(errorOf() > 0.1, 'the stock formula passed');
  registerGradients();
  assert.is(tf.getGradient('Tanh'), held);
  assert.ok(errorOf() < 1e-4);
});
registry("tf.logSoftmax's own gradient, which no registry can mend, is caught by the fixture", () => {
  const example = fixture.cases.find(({ op }) => op === 'logSoftmax')!;
  tf.tidy(() => {
    const found = secondDerivatives(
      ([x]) => tf.logSoftmax(x!),
      example,
      inputsOf(example),
      weightsOf(example),
    );
    assert.ok(relativeError(found[0]!.dataSync(), example.second[0]!) > 0.1);
  });
});
registry('registering is silent, also where tfjs would warn', () => {
  const warn = console.warn;
  const warnings: unknown[] = [];
  console.warn = (...words: unknown[]) => warnings.push(words);
  const debug = tf.env().getBool('DEBUG');
  try {
    tf.env().set('DEBUG', true);
    warnings.length = 0;
    tf.unregisterGradient('Exp');
    tf.registerGradient({ kernelName: 'Exp', gradFunc: () => ({}) });
    registerGradients();
    registerGradients();
  } finally {
    tf.env().set('DEBUG', debug);
    console.warn = warn;
  }
  assert.equal(warnings, []);
});
registry('differentiating twice keeps no tensor', () => {
  const before = tf.memory().numTensors;
  for (const example of fixture.cases) {
    tf.tidy(() => {
      secondDerivatives(functionOf(example), example, inputsOf(example), weightsOf(example));
    });
  }
  assert.is(tf.memory().numTensors, before);
});
registry.run();
