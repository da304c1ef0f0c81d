// The parts of every network: named parameters with their initial distributions. A network itself is a pure function of them.
import type { NamedTensors } from '../engine/engine.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import { drawState, type StateEntry } from '../../runtime-web/format/training/initial-state.ts';
import { sizeOf, type HostTensor } from '../graph/trace/graph.ts';

/** A parameter: its shape and its initial normal distribution. */
export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly initial: { readonly mean: number; readonly deviation: number };
  /** A kernel's axis of output channels. Default: the last one. */
  readonly outputAxis?: number;
}

/** A kernel's axis of output channels. */
export function outputAxisOf({ shape, outputAxis = shape.length - 1 }: ParameterSpec): number {
  return outputAxis;
}

/** Parameters by path-like name (`generator/block1/kernel`), in the order in which {@link initialise} draws them. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** One layer in a summary: its name, output shape without the batch, and number of parameters. */
export interface LayerSummary {
  readonly name: string;
  readonly outputShape: readonly number[];
  readonly parameters: number;
}

/**
 * A normalisation: maps a layer's name, its input and its affine parameters to the output. Training uses the batch's statistics,
 * a frozen generator fixed ones.
 */
export type Normalise<T> = (layer: string, x: T, scale: T, offset: T) => T;

/** Weights from a normal distribution with deviation 0.02 (DCGAN paper, section 4). */
export const weightInitial = { mean: 0, deviation: 0.02 } as const;
/** Batch norm's scale: mean 1 with the same deviation (as in the paper's published code). */
export const scaleInitial = { mean: 1, deviation: 0.02 } as const;
/** Offsets and biases. */
export const zeroInitial = { mean: 0, deviation: 0 } as const;

/** The parameters as entries of a state. */
export function parameterEntries(specs: ParameterSpecs): readonly StateEntry[] {
  return Object.entries(specs).map(
    ([
      name,
      {
        shape,
        initial: { mean, deviation },
      },
    ]) => ({
      name,
      shape,
      initial: deviation === 0 ? { kind: 'constant', value: mean } : { kind: 'normal', mean, deviation },
    }),
  );
}

/** Draws the initial value of every parameter, in order. */
export function initialise(specs: ParameterSpecs, random: Random): Record<string, HostTensor> {
  return drawState(parameterEntries(specs), random);
}

/** The named parameter. Throws RangeError if it is missing. */
export function parameter(parameters: NamedTensors, name: string): NamedTensors[string] {
  const tensor = parameters[name];
  if (tensor === undefined) throw new RangeError(`parameter '${name}' is missing`);
  return tensor;
}

/** Number of parameters whose names start with `prefix`. */
export function countParameters(specs: ParameterSpecs, prefix: string): number {
  return Object.entries(specs)
    .filter(([name]) => name.startsWith(prefix))
    .reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
}
