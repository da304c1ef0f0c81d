// Compares a lowered graph with the same graph replayed on tfjs's CPU backend. Floats are compared by the largest error over the
// largest magnitude (single values of a convolution may be lost to cancellation), whole numbers and booleans exactly; infinities and
// NaN must be at the same places.
import * as assert from 'uvu/assert';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import type { Graph, HostTensor } from '../../../trainer/graph/trace/graph.ts';
import type { LowerOptions } from '../../../trainer/graph/lower/lower.ts';
import { runLowered, type HostTensors } from './run-graph.ts';

/** The largest error over the largest magnitude that counts as equal. */
export const tolerance = 2e-5;

/** Fails where two tensors differ in shape, type or values. */
export function assertSameTensor(
  actual: HostTensor,
  expected: HostTensor,
  what: string,
  within = tolerance,
): void {
  const words = ({ dtype, shape }: HostTensor): string => `${dtype} [${shape}]`;
  assert.is(words(actual), words(expected), `${what}: got ${words(actual)}, expected ${words(expected)}`);
  let error = 0;
  let at = 0;
  let magnitude = 0;
  expected.data.forEach((value, i) => {
    const got = actual.data[i]!;
    if (Number.isFinite(value)) magnitude = Math.max(magnitude, Math.abs(value));
    if (Object.is(got, value) || got === value) return;
    const difference = Number.isFinite(value) && Number.isFinite(got) ? Math.abs(got - value) : Infinity;
    if (difference > error) [error, at] = [difference, i];
  });
  const relative = error === 0 ? 0 : error / (magnitude || 1);
  const limit = expected.dtype === 'float32' ? within : 0;
  assert.ok(
    relative <= limit,
    `${what}: error ${relative.toExponential(2)}, got ${actual.data[at]} at ${at}, expected ${expected.data[at]}`,
  );
}

/** Fails where the lowered graph and its replay (on the backend in use, the CPU's) differ. */
export async function assertLowersRight(
  graph: Graph,
  inputs: Readonly<HostTensors>,
  what: string,
  options: LowerOptions = {},
): Promise<void> {
  const expected = await replay(graph, inputs);
  const actual = await runLowered(graph, inputs, options);
  for (const [name, tensor] of Object.entries(expected)) {
    assertSameTensor(actual[name]!, tensor, `${what}, output '${name}'`);
  }
}
