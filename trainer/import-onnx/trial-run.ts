// Runs an untouched file for many images, in its own batch size, and tries whether a rewritten one gives the same for another.
import { openNativeSession } from '../model-package/native-session.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { sizeOf, type HostTensor } from '../graph/trace/graph.ts';
import { batchesOf, concatenated, magnitude, maxDifference } from '../export/gates/parity-gate.ts';
import { held } from '../held.ts';
import { freeBatch, withoutUnused } from './free-batch.ts';
import { encodeNetworkFile, type Network, type Port } from './network.ts';
import { firstLine, type Outputs, type SourceSession } from './run-source.ts';

/** An input of an untouched file. */
export interface SourceInput {
  readonly port: Port;
  /** Shape of the value of one image. */
  readonly shape: readonly number[];
  /** Values [n, …] of all images; or one value for all elements, whatever the batch. */
  readonly values: Float32Array | number;
}

/** The file's outputs for `count` images, [count, …] each. Throws Error for outputs without one entry for each image. */
export async function runInBatches(
  session: SourceSession,
  inputs: readonly SourceInput[],
  count: number,
  batch: number,
  signal: AbortSignal,
): Promise<Outputs> {
  const found: Outputs[] = [];
  for (let first = 0; first < count; first += batch) {
    signal.throwIfAborted();
    const outputs = await session.run(
      new Map(inputs.map((input) => [input.port, inputAt(input, first, count, batch)])),
    );
    const left = Math.min(batch, count - first);
    found.push(
      Object.fromEntries(
        Object.entries(outputs).flatMap(([name, { shape, dtype, data }]) => {
          if (shape[0] !== batch) return [];
          const kept = [left, ...shape.slice(1)];
          return [[name, { shape: kept, dtype, data: data.slice(0, sizeOf(kept)) }]];
        }),
      ),
    );
  }
  const names = Object.keys(found[0]!);
  if (names.length === 0) throw new Error(`none of its outputs has an entry for each of ${batch} images`);
  return Object.fromEntries(
    names.map((name) => [name, concatenated(found.map((outputs) => outputs[name]!))]),
  );
}

/** The values of images `first` and on; the last image fills up the batch. */
function inputAt(
  { port, shape, values }: SourceInput,
  first: number,
  count: number,
  batch: number,
): HostTensor {
  if (typeof values === 'number') {
    const dims = (port.dims ?? []).map((size) => size ?? batch);
    return { shape: dims, dtype: 'float32', data: new Float32Array(sizeOf(dims)).fill(values) };
  }
  const length = sizeOf(shape);
  const data = new Float32Array(batch * length);
  for (let i = 0; i < batch; i++) {
    const from = Math.min(first + i, count - 1) * length;
    data.set(values.subarray(from, from + length), i * length);
  }
  return { shape: [batch, ...shape], dtype: 'float32', data };
}

/** The outputs that a rewritten network must give. */
export interface Expected {
  /** Inputs of the package's names, [n, …]. */
  readonly inputs: NamedHostTensors;
  readonly output: string;
  readonly values: HostTensor;
  readonly tolerance: number;
  /** True if the difference is measured relative to the largest magnitude. */
  readonly isRelative: boolean;
}

/** Batch sizes that are tried: another than 1, and one that divides little. */
const triedBatch = 3;

/**
 * The network with a free batch size: as it is, or with the file's batch size taken out of its shapes. Throws Error, with the reason,
 * if neither gives the same outputs in another batch size.
 */
export async function withFreeBatch(
  network: Network,
  batch: number | null,
  expected: Expected,
): Promise<Network> {
  const reasons: string[] = [];
  for (const candidate of [network, withoutUnused(freeBatch(network, batch ?? 1))]) {
    const reason = await differs(candidate, expected, triedBatch);
    if (reason === null) return candidate;
    reasons.push(reason);
  }
  const size = batch ?? 1;
  const alone = size > expected.values.shape[0]! ? null : await differs(network, expected, size);
  if (alone !== null) throw new Error(`its operators cannot be brought to opset ${network.opset}: ${alone}`);
  throw new Error(
    `its batch size is fixed at ${size} inside the network (${reasons.at(-1)}); save it with a dynamic batch axis, ` +
      "such as torch.onnx.export(…, dynamic_axes={'z': {0: 'n'}})",
  );
}

/** The reason why a network fails in batches of `size`; null if it gives what is expected. */
async function differs(network: Network, expected: Expected, size: number): Promise<string | null> {
  const { inputs, output, values, tolerance, isRelative } = expected;
  const [given] = batchesOf(inputs, size);
  const [wanted] = batchesOf({ values }, size);
  try {
    await using session = held(
      await openNativeSession(encodeNetworkFile(network, 'trial', {}), { isQuiet: true }),
    );
    const found = (await session.run(given!))[output]!;
    const difference = maxDifference(found, wanted!['values']!) / (isRelative ? magnitude(values) : 1);
    if (difference < tolerance) return null;
    return Number.isNaN(difference)
      ? `a batch of ${size} gives [${found.shape.join()}]`
      : `a batch of ${size} gives other values, by up to ${difference.toPrecision(2)}`;
  } catch (error) {
    return firstLine(error as Error);
  }
}
