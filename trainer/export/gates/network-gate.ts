// The gate for files that are no plain generators: the same inputs through the unfolded network on the training engine, and
// through the file on onnxruntime-node and on onnxruntime-web's wasm, must give the same outputs.
import { basename } from 'node:path';
import type { FileRole, ParityFigure } from '../../../runtime-web/format/model.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { batchesOf, concatenated, magnitude, maxDifference } from './parity-gate.ts';
import { runOnNode } from '../../model-package/native-session.ts';
import { runOnWasm } from '../../model-package/wasm-session.ts';

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
  const native = await runOnNode({ file, runs: feeds, signal });
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
