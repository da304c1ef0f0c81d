// Parity gate for files that compute one Adam update of latents. The training engine makes some updates; the file repeats each of
// them from the engine's latents and moments, on onnxruntime-node and onnxruntime-web (WASM). Two independent runs would drift apart
// by rounding alone. The engine uses the file's weights, rounded to half precision, so that only the arithmetic is compared.
import { basename } from 'node:path';
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import type { FileRole } from '../../../runtime-web/format/package-files.ts';
import type { Engine, NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import { halfStored } from '../../graph/lower/half.ts';
import type { TensorSpec } from '../../graph/trace/graph.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { runOnNode } from '../../model-package/native-session.ts';
import { magnitude, maxDifference } from './parity-gate.ts';
import { runOnWasm } from '../../model-package/wasm-session.ts';
import { held } from '../../held.ts';

/**
 * Latents are compared only where the first moment is at least this fraction of its largest value: Adam divides by the gradient's
 * size, which amplifies rounding where the gradient is small.
 */
const minSlope = 0.01;

/** A file, and the engine that computes the reference. */
export interface StepGateTarget {
  readonly file: string;
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** A file, the step that it must compute, and the updates to compare. */
export interface StepGateRequest extends StepGateTarget {
  readonly role: FileRole;
  readonly parameters: NamedHostTensors;
  /** The step as a function of parameters and inputs. */
  readonly step: (parameters: NamedTensors, inputs: NamedTensors) => NamedTensors;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** The inputs of each update; only the first one has latents and moments. */
  readonly runs: readonly NamedHostTensors[];
  /** The outputs of an update that are the next one's latents and Adam moments. */
  readonly carried: { readonly z: string; readonly first: string; readonly second: string };
  /**
   * Upper limit of the differences: absolute for latents, relative to the largest magnitude for the first moment, and relative to
   * that or to 1, if 1 is larger, for `compared`.
   */
  readonly tolerance: number;
  /** Further outputs to compare. */
  readonly compared: readonly string[];
}

/** Compares the file. Throws ExportError, with all figures, if one reaches the tolerance or is NaN. Leaves the engine's state changed. */
export async function gateStep(request: StepGateRequest): Promise<readonly ParityFigure[]> {
  const { role, file, carried, compared, tolerance, signal } = request;
  const { runs, ...reference } = await onEngine(request);
  const native = await runOnNode({ file, runs, signal });
  const wasm = await runOnWasm({ file, runs, signal });
  const differences = (found: NamedHostTensors, expected: NamedHostTensors): number[] => {
    const moment = expected[carried.first]!;
    const steep = magnitude(moment) * minSlope;
    const isSteep = (_: number, i: number): boolean => Math.abs(moment.data[i]!) >= steep;
    const moved = [found, expected].map((outputs) => ({
      ...moment,
      data: (outputs[carried.z]!.data as Float32Array).filter(isSteep),
    }));
    return [
      maxDifference(found[carried.first]!, moment) / magnitude(moment),
      maxDifference(moved[0]!, moved[1]!),
      ...compared.map(
        (name) => maxDifference(found[name]!, expected[name]!) / Math.max(1, magnitude(expected[name]!)),
      ),
    ];
  };
  const figures = [
    [native, reference],
    [wasm, reference],
    [wasm, native],
  ].map(([way, other]): ParityFigure => ({
    role,
    runtime: way!.runtime,
    against: `${other!.runtime}, ${runs.length} updates`,
    maxDifference: Math.max(
      ...way!.outputs.flatMap((outputs, i) => differences(outputs, other!.outputs[i]!)),
    ),
    tolerance,
  }));
  if (figures.every(({ maxDifference: largest }) => largest < tolerance)) return figures;
  const list = figures.map(({ runtime, against, maxDifference: largest }) => {
    return `${largest.toPrecision(2)} on ${runtime} against ${against}`;
  });
  throw new ExportError(
    `${basename(file)} moves latents elsewhere than it should, by up to ${list.join(', ')} (expected less than ${tolerance})`,
  );
}

/** The updates on the engine, one after another: the inputs and outputs of each. */
async function onEngine(request: StepGateRequest) {
  const { engine, parameters, step, inputs, runs, carried } = request;
  const rounded = Object.entries(parameters).map(([name, tensor]) => [
    name,
    { ...tensor, data: halfStored(tensor.data as Float32Array) },
  ]);
  await engine.writeState(Object.fromEntries(rounded) as NamedHostTensors);
  await using compiled = held(
    await engine.compile((state, given) => ({ outputs: step(state, given) }), inputs),
  );
  const whole: NamedHostTensors[] = [];
  const outputs: NamedHostTensors[] = [];
  for (const given of runs) {
    const before = outputs.at(-1);
    const continued = Object.entries(carried).map(([input, output]) => [input, before?.[output]]);
    whole.push({ ...(before && Object.fromEntries(continued)), ...given });
    outputs.push(await compiled.run(whole.at(-1)!));
  }
  return { runtime: `step on ${engine.name}`, runs: whole, outputs };
}
