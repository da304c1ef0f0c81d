// The gate of files that are one update of latents by Adam: some updates by the training engine, and each of them again by the
// file, from where the engine stood, on onnxruntime-node and on onnxruntime-web's wasm. Rounding would lead two runs of their own
// apart, and that says nothing of the file. The engine gets the weights as the file holds them, rounded to half precision, so
// that what is compared is the arithmetic.
import { basename } from 'node:path';
import type { FileRole, ParityFigure } from '../../../runtime-web/format/model.ts';
import type { Engine, NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import { halfStored } from '../../graph/lower/half.ts';
import type { TensorSpec } from '../../graph/trace/graph.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { runOnNode } from '../../model-package/native-session.ts';
import { magnitude, maxDifference } from './parity-gate.ts';
import { runOnWasm } from '../../model-package/wasm-session.ts';

/** Adam divides by the gradient's own size: below this share of the largest one, rounding decides where a number goes. */
const leastSlope = 0.01;

/** What to let through. */
export interface StepGateRequest {
  readonly role: FileRole;
  readonly file: string;
  readonly engine: Engine;
  readonly parameters: NamedHostTensors;
  /** The step as the file has it, of parameters and inputs. */
  readonly step: (parameters: NamedTensors, inputs: NamedTensors) => NamedTensors;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** The inputs of each update; what an update carries on, all but the first leave out. */
  readonly runs: readonly NamedHostTensors[];
  /** The outputs of an update that the next one takes as latents and Adam's two moments. */
  readonly carried: { readonly z: string; readonly first: string; readonly second: string };
  /**
   * Differences must stay below this: of the first moment as a share of its largest magnitude, of other outputs likewise where that
   * is above one.
   */
  readonly tolerance: number;
  /** The outputs that are compared beside those. */
  readonly compared: readonly string[];
  readonly signal: AbortSignal;
}

/** The figures. Throws ExportError, with all of them, where one reaches the tolerance or is no number. */
export async function gateStep(request: StepGateRequest): Promise<readonly ParityFigure[]> {
  const { role, file, carried, compared, tolerance, signal } = request;
  const { runs, ...reference } = await onEngine(request);
  const native = await runOnNode({ file, runs, signal });
  const wasm = await runOnWasm({ file, runs, signal });
  const differences = (found: NamedHostTensors, expected: NamedHostTensors): number[] => {
    const moment = expected[carried.first]!;
    const steep = magnitude(moment) * leastSlope;
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
  if (figures.every(({ maxDifference: most }) => most < tolerance)) return figures;
  const list = figures.map(({ runtime, against, maxDifference: most }) => {
    return `${Number.isNaN(most) ? 'no number' : most.toPrecision(2)} on ${runtime} against ${against}`;
  });
  throw new ExportError(
    `${basename(file)} moves latents elsewhere than it should, by up to ${list.join(', ')} (expected less than ${tolerance})`,
  );
}

/** The updates one after another on the engine: all outputs, and all inputs that each had. */
async function onEngine(request: StepGateRequest) {
  const { engine, parameters, step, inputs, runs, carried } = request;
  const rounded = Object.entries(parameters).map(([name, tensor]) => [
    name,
    { ...tensor, data: halfStored(tensor.data as Float32Array) },
  ]);
  await engine.writeState(Object.fromEntries(rounded) as NamedHostTensors);
  const compiled = await engine.compile((state, given) => ({ outputs: step(state, given) }), inputs);
  try {
    const whole: NamedHostTensors[] = [];
    const outputs: NamedHostTensors[] = [];
    for (const given of runs) {
      const before = outputs.at(-1);
      const goesOn = Object.entries(carried).map(([input, output]) => [input, before?.[output]]);
      whole.push({ ...(before && Object.fromEntries(goesOn)), ...given });
      outputs.push(await compiled.run(whole.at(-1)!));
    }
    return { runtime: `step on ${engine.name}`, runs: whole, outputs };
  } finally {
    await compiled.dispose();
  }
}
