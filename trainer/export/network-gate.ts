// The gate for files that are no plain generators: the same inputs through the unfolded network on the training engine, and
// through the file on onnxruntime-node and on onnxruntime-web's wasm, must give the same outputs.
import { availableParallelism } from 'node:os';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileRole, ParityFigure } from '../../runtime-web/format/model.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { fromOrt, openSession, runtimeVersion, toOrt } from '../engine/onnx-session.ts';
import { identityLayout } from '../lower/layout.ts';
import type { HostTensor } from '../trace/graph.ts';
import { ExportError } from './export-error.ts';
import { batchesOf, concatenated, maxDifference } from './parity-gate.ts';
import { runOnWasm } from './wasm-session.ts';

/** A file, and what it must give. */
export interface NetworkGateRequest {
  readonly role: FileRole;
  readonly file: string;
  /** Inputs [n, …] by name, as one batch. */
  readonly inputs: NamedHostTensors;
  /** Those of the file's outputs [n, …] that are compared, by name. */
  readonly reference: NamedHostTensors;
  /** What gave them: `checkpoint on onnx-cpu`. */
  readonly against: string;
  /** Whether a difference is a share of the largest magnitude of its output, and not in the output's own unit. */
  readonly isRelative: boolean;
  /** Differences must stay below this. */
  readonly tolerance: number;
  readonly signal: AbortSignal;
}

/** Inputs in one run of a file: the last batch is smaller, so that two batch sizes are tried. */
const batchSize = 6;

/**
 * The largest differences, over all compared outputs, by each runtime. Throws ExportError where one reaches the tolerance
 * or is no number, or a runtime cannot run the file; the signal's reason when aborted.
 */
export async function gateNetwork(request: NetworkGateRequest): Promise<readonly ParityFigure[]> {
  const { role, file, inputs, reference, against, isRelative, tolerance, signal } = request;
  const feeds = batchesOf(inputs, batchSize);
  const native = await runNatively(file, feeds, signal);
  const wasm = await runOnWasm({ file, runs: feeds, signal });
  const figures: ParityFigure[] = [];
  for (const { runtime, outputs } of [native, wasm]) {
    let largest = 0;
    let worst = '';
    for (const [name, expected] of Object.entries(reference)) {
      const found = outputs.map((output) => {
        const tensor = output[name];
        if (tensor === undefined) throw new ExportError(`${basename(file)} has no output '${name}'`);
        return tensor;
      });
      const unit = isRelative ? magnitude(expected) : 1;
      const difference = maxDifference(concatenated(found), expected) / unit;
      if (difference <= largest) continue;
      [largest, worst] = [difference, name];
      if (Number.isNaN(difference)) break;
    }
    if (!(largest < tolerance)) {
      throw new ExportError(
        `${basename(file)} computes something else than it should: '${worst}' differs by ` +
          `${Number.isNaN(largest) ? 'no number' : largest.toPrecision(2)} on ${runtime} against ${against}` +
          `${isRelative ? ' (of its largest magnitude)' : ''}, expected less than ${tolerance.toPrecision(2)}`,
      );
    }
    figures.push({ role, runtime, against, maxDifference: largest, tolerance });
  }
  return figures;
}

async function runNatively(file: string, feeds: readonly NamedHostTensors[], signal: AbortSignal) {
  try {
    const session = await openSession(await readFile(file), {
      provider: 'cpu',
      threads: availableParallelism(),
    });
    try {
      const outputs: NamedHostTensors[] = [];
      for (const feed of feeds) {
        signal.throwIfAborted();
        const given = Object.entries(feed).map(
          ([name, tensor]) => [name, toOrt(tensor, identityLayout(tensor.shape.length))] as const,
        );
        const found = Object.entries(await session.run(Object.fromEntries(given)));
        outputs.push(
          Object.fromEntries(
            found.map(([name, tensor]) => [
              name,
              fromOrt(tensor, tensor.dims, identityLayout(tensor.dims.length)),
            ]),
          ),
        );
      }
      return { runtime: `onnxruntime-node ${runtimeVersion} cpu`, outputs };
    } finally {
      await session.release();
    }
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExportError(`onnxruntime-node cannot run ${basename(file)}: ${reason}`);
  }
}

/** The largest |value|; at least a tiny number, so that it can be divided by. */
function magnitude({ data }: HostTensor): number {
  let most = 1e-12;
  for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}
