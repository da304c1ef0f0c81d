// Compares a recorded training step with PyTorch's: losses, and for each gradient its length and its products with two waves.
import * as assert from 'uvu/assert';
import { nextName, outputName } from '../../trainer/engine/state-function.ts';
import type { Graph } from '../../trainer/graph/trace/graph.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { runLowered, type HostTensors } from '../graph/lower/run-graph.ts';
import { wave } from '../restoring/fixture.ts';

/** A tensor's length, and its products with two waves. */
export type Figures = readonly [number, number, number];

/** The expected results of a step. */
export interface ExpectedStep {
  readonly dLoss: number;
  readonly gLoss: number;
  /** D's mean outputs, if they are compared too. */
  readonly dReal?: number;
  readonly dFake?: number;
  readonly gradients: Readonly<Record<string, Figures>>;
}

const ways = { replayed: replay, lowered: runLowered } as const;

interface HowToAssert {
  /** Adam's. */
  readonly beta1: number;
  readonly ways?: readonly (keyof typeof ways)[];
  /** Largest error of a gradient, as a share of its length. */
  readonly within?: number;
}

/**
 * Runs the step in each way, replayed and lowered by default, and returns the outputs of the last; gradients are read from Adam's first
 * moments, which were zero.
 */
export async function assertStep(
  graph: Graph,
  feeds: HostTensors,
  expected: ExpectedStep,
  { beta1, ways: wanted = ['replayed', 'lowered'], within = 1e-3 }: HowToAssert,
): Promise<HostTensors> {
  let outputs: HostTensors = {};
  for (const where of wanted) {
    outputs = await ways[where](graph, feeds);
    assertOutputs(outputs, expected, { beta1, within, where });
  }
  return outputs;
}

/** The same for the outputs of a step that was run; `where` begins the messages, `lossWithin` is a loss's largest relative error. */
export function assertOutputs(
  outputs: HostTensors,
  expected: ExpectedStep,
  {
    beta1,
    within,
    lossWithin = 1e-4,
    where,
  }: Required<Pick<HowToAssert, 'beta1' | 'within'>> & {
    readonly lossWithin?: number;
    readonly where: string;
  },
): void {
  for (const figure of ['dLoss', 'gLoss', 'dReal', 'dFake'] as const) {
    const value = expected[figure];
    if (value === undefined) continue;
    const got = outputs[outputName(figure)]!.data[0]!;
    const error = Math.abs(got - value) / Math.abs(value);
    assert.ok(error < lossWithin, `${where}: ${figure} is ${got}, expected ${value}`);
  }
  for (const [parameter, figures] of Object.entries(expected.gradients)) {
    const moment = outputs[nextName(`moments/first/${parameter}`)]!.data as Float32Array;
    const gradient = moment.map((value) => value / (1 - beta1));
    assertFigures(gradient, figures, { within, where: `${where}: ${parameter}` });
  }
}

/** Asserts a tensor's figures, each up to `within` of its length. */
export function assertFigures(
  values: Float32Array,
  [length, ...products]: Figures,
  { within, where }: { readonly within: number; readonly where: string },
): void {
  const along = [70, 71].map((p) => {
    const { data } = wave(p, [values.length], 1);
    return values.reduce((sum, value, i) => sum + value * data[i]!, 0);
  });
  const got = [Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0)), ...along];
  [length, ...products].forEach((value, i) => {
    const error = Math.abs(got[i]! - value);
    assert.ok(
      error <= within * length + 1e-6,
      `${where}, figure ${i} is ${got[i]}, expected ${value} (length ${length})`,
    );
  });
}
