// Parity gate for a network's file: given the same inputs, the unfolded network on the training engine and the file on
// onnxruntime-node and onnxruntime-web (WASM) must return the same outputs.
import { basename } from 'node:path';
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import type { FileRole } from '../../../runtime-web/format/package-files.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../../engine/engine.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { batchesOf, concatenated, magnitude, maxDifference } from './parity-gate.ts';
import { runOnNode } from '../../model-package/native-session.ts';
import { runOnWasm } from '../../model-package/wasm-session.ts';
import { held } from '../../held.ts';

/** A file and the outputs that it must return. */
export interface NetworkGateRequest {
  readonly role: FileRole;
  readonly file: string;
  /** Inputs [n, …] by name, as one batch. */
  readonly inputs: NamedHostTensors;
  /** The expected outputs [n, …] by name; other outputs of the file are not compared. */
  readonly reference: NamedHostTensors;
  /** Source of the expected outputs: `checkpoint on onnx-cpu`. */
  readonly against: string;
  /** True if differences are divided by the largest magnitude of their output. */
  readonly isRelative: boolean;
  /** Divides the differences of an output by another magnitude. Default: none. */
  readonly units?: Readonly<Record<string, number>>;
  /** Upper limit of the differences. */
  readonly tolerance: number;
  readonly signal: AbortSignal;
}

/** Batch size of a run. It does not divide 16, so the last batch is smaller and two batch sizes are tested. */
const batchSize = 6;

/**
 * The largest difference over all compared outputs, per runtime. Throws ExportError if one reaches the tolerance or is NaN, or a
 * runtime cannot run the file; the signal's reason when aborted.
 */
export async function gateNetwork(request: NetworkGateRequest): Promise<readonly ParityFigure[]> {
  const { role, file, inputs, reference, against, isRelative, units = {}, tolerance, signal } = request;
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
      const unit = units[name] ?? (isRelative ? magnitude(expected) : 1);
      const difference = maxDifference(concatenated(found), expected) / unit;
      if (difference <= largest) continue;
      [largest, worst] = [difference, name];
      if (Number.isNaN(difference)) break;
    }
    if (!(largest < tolerance)) {
      throw new ExportError(
        `${basename(file)} computes something else than it should: '${worst}' differs by ` +
          `${largest.toPrecision(2)} on ${runtime} against ${against}` +
          `${isRelative ? ' (of its largest magnitude)' : ''}, expected less than ${tolerance.toPrecision(2)}`,
      );
    }
    figures.push({ role, runtime, against, maxDifference: largest, tolerance });
  }
  return figures;
}

/** Computes reference outputs: one run of a function of the engine's state. */
export async function runOnce(
  engine: Engine,
  compute: StateFunction,
  inputs: NamedHostTensors,
): Promise<NamedHostTensors> {
  await using compiled = held(await engine.compile(compute, inputs));
  return await compiled.run(inputs);
}
