// Finds the inputs of a generator from elsewhere: the latent, and the classes if it takes them.
import { elementType } from '../graph/lower/onnx-schema.ts';
import type { Network, Port } from './network.ts';
import { attributeOf } from './new-values.ts';

/** The input that takes the latent. */
export interface LatentInput {
  readonly port: Port;
  readonly dim: number;
  /** Shape of one latent in the file: [dim], or [dim, 1, 1]. */
  readonly shape: readonly number[];
}

/** The input that takes classes. */
export interface ClassInput {
  readonly port: Port;
  /** Number of classes. */
  readonly count: number;
  /** `oneHot`: float [n, count]. `index`: the number of the class, [n] or [n, 1]. */
  readonly kind: 'oneHot' | 'index';
  /** Shape of one image's value in the file: [count], [1] or []. */
  readonly shape: readonly number[];
}

/** The user's answers to what the file does not say; null for those not given. */
export interface InputAnswers {
  /** Name of the latent's input. */
  readonly latentInput: string | null;
  /** Size of the latent. */
  readonly latent: number | null;
  /** Number of classes. */
  readonly classCount: number | null;
  /** Values of further inputs, by name. */
  readonly set: ReadonlyMap<string, number>;
}

/** The inputs of a generator. */
export interface FoundInputs {
  readonly latent: LatentInput;
  readonly classes: ClassInput | null;
  /** Batch size of the file; null if any. */
  readonly batch: number | null;
}

/** ONNX's numbers of the types that a latent may have. */
const floats: readonly number[] = [elementType.float32, elementType.float16, elementType.float64];
const integers: readonly number[] = [elementType.int32, elementType.int64];
const maxLatent = 65536;

/** Finds them. Throws Error, with the option that helps, if the file does not say which input is which. */
export function findInputs(network: Network, answers: InputAnswers): FoundInputs {
  const open = network.inputs.filter(({ name }) => !answers.set.has(name));
  const list = open.map(describe).join(', ');
  const port = latentOf(open, answers.latentInput, list);
  const rest = open.filter((other) => other !== port);
  const [classPort, surplus] = rest;
  if (surplus !== undefined) {
    throw new Error(
      `it takes ${open.length} inputs (${list}), expected a latent and at most one for classes; ` +
        'fix the value of the others with --set NAME=NUMBER',
    );
  }
  return {
    latent: latentShape(port, answers.latent),
    classes: classPort === undefined ? null : classesOf(network, classPort, answers.classCount),
    batch: port.dims?.[0] ?? null,
  };
}

/** An input or output in words: `z [n, 100]`. */
export function describe({ name, dims }: Port): string {
  return dims === null ? name : `${name} [${dims.map((size) => size ?? 'n').join(', ')}]`;
}

function latentOf(open: readonly Port[], wanted: string | null, list: string): Port {
  if (wanted !== null) {
    const found = open.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    throw new Error(`--latent-input: got ${wanted}, and the file takes ${list}`);
  }
  const candidates = open.filter(
    ({ type, dims }) => floats.includes(type) && (dims === null || dims.length > 1),
  );
  const [first, second] = candidates;
  if (first === undefined) {
    throw new Error(`it takes ${list || 'no input'}, expected a latent: float [n, size] or [n, size, 1, 1]`);
  }
  if (second === undefined) return first;
  const unlabelled = candidates.filter(
    ({ name }) => !/label|class|(?<![a-z])cond|one.?hot|^[cy]$/i.test(name),
  );
  if (unlabelled.length === 1) return unlabelled[0]!;
  throw new Error(`it takes ${list}: name the input that takes the latent with --latent-input`);
}

function latentShape(port: Port, given: number | null): LatentInput {
  const sizes = (port.dims ?? [null, null]).slice(1);
  const wide = sizes.filter((size) => size !== 1);
  const ones = sizes.length - wide.length;
  if (wide.length > 1 || ![0, 2].includes(sizes.length - 1)) {
    throw new Error(
      `its input is ${describe(port)}, expected a latent: [n, size], [n, size, 1, 1] or [n, 1, 1, size]`,
    );
  }
  const dim = wide.length === 0 ? 1 : (wide[0] ?? given);
  if (dim === null)
    throw new Error(`the size of its latent ${describe(port)} is not in the file: give it with --latent`);
  if (given !== null && given !== dim) {
    throw new Error(`--latent: got ${given}, and the file's latent is ${describe(port)}`);
  }
  if (dim > maxLatent) throw new Error(`its latent has ${dim} numbers, expected at most ${maxLatent}`);
  return { port, dim, shape: ones === 0 ? [dim] : sizes.map((size) => (size === 1 ? 1 : dim)) };
}

function classesOf(network: Network, port: Port, given: number | null): ClassInput {
  const sizes = (port.dims ?? [null]).slice(1);
  const isIndex =
    integers.includes(port.type) && (sizes.length === 0 || (sizes.length === 1 && sizes[0] === 1));
  const isOneHot = (floats.includes(port.type) || integers.includes(port.type)) && sizes.length === 1;
  if (!isIndex && !isOneHot) {
    throw new Error(
      `it takes ${describe(port)} besides the latent, expected classes: one-hot [n, classes], or whole numbers [n]; ` +
        'fix the value of another input with --set NAME=NUMBER',
    );
  }
  const found = isIndex ? tableRows(network, port.name) : (sizes[0] ?? null);
  const count = found ?? given;
  if (count === null)
    throw new Error(`the number of classes of ${describe(port)} is not in the file: give --classes`);
  if (given !== null && given !== count) {
    throw new Error(`--classes: got ${given}, and ${describe(port)} takes ${count}`);
  }
  if (count < 2) throw new Error(`its input ${describe(port)} takes ${count} class, expected at least 2`);
  return isIndex
    ? { port, count, kind: 'index', shape: sizes.length === 0 ? [] : [1] }
    : { port, count, kind: 'oneHot', shape: [count] };
}

/** Rows of the table that class numbers index; null if the input goes elsewhere first. */
function tableRows({ nodes, initialisers }: Network, name: string): number | null {
  const lookup = nodes.find(
    (node) =>
      node.op_type === 'Gather' && node.input[1] === name && (attributeOf(node, 'axis')?.i ?? 0) === 0,
  );
  return initialisers.find((tensor) => tensor.name === lookup?.input[0])?.dims[0] ?? null;
}
