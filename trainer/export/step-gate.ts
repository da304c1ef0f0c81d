// The gate of files that are one update of latents: some updates from the same start, by the training engine and by the file on
// onnxruntime-node and on onnxruntime-web's wasm, must arrive at the same latents and draw the same pictures on the way. The
// engine gets the weights as the file holds them, rounded to half precision, so that what is compared is the arithmetic.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileRole, ParityFigure } from '../../runtime-web/format/model.ts';
import type { Engine, NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import { fromOrt, openSession, runtimeVersion, toOrt } from '../engine/onnx-session.ts';
import { halfStored } from '../lower/half.ts';
import { identityLayout } from '../lower/layout.ts';
import type { HostTensor, TensorSpec } from '../trace/graph.ts';
import { ExportError } from './export-error.ts';
import { maxDifference } from './parity-gate.ts';
import { runOnWasm } from './wasm-session.ts';

/** The largest difference, of latents and of pictures in [-1, 1]: an update moves a latent's number by about 0.1. */
const tolerance = 1e-3;

/** What to let through. */
export interface StepGateRequest {
  readonly role: FileRole;
  readonly file: string;
  readonly engine: Engine;
  readonly parameters: NamedHostTensors;
  /** The step as the file has it, of parameters and inputs. */
  readonly step: (parameters: NamedTensors, inputs: NamedTensors) => NamedTensors;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** The inputs of each update; what an update carries on it need not give. */
  readonly runs: readonly NamedHostTensors[];
  /** Input by input, the output of the update before that it takes. */
  readonly carried: Readonly<Record<string, string>>;
  /** The outputs that are compared. */
  readonly compared: readonly string[];
  readonly signal: AbortSignal;
}

/** All outputs of each update, and what made it. */
interface Way {
  readonly runtime: string;
  readonly outputs: readonly Readonly<Record<string, HostTensor>>[];
}

/** The figures. Throws ExportError, with all of them, where one reaches the tolerance or is no number. */
export async function gateStep(request: StepGateRequest): Promise<readonly ParityFigure[]> {
  const { role, file, runs, carried, compared, signal } = request;
  const reference = await onEngine(request);
  const native = await onNode(request);
  const wasm = await runOnWasm({ file, runs, carried, signal });
  const figures = [
    [native, reference],
    [wasm, reference],
    [wasm, native],
  ].map(([way, other]): ParityFigure => ({
    role,
    runtime: way!.runtime,
    against: `${other!.runtime}, ${runs.length} updates`,
    maxDifference: Math.max(
      ...way!.outputs.flatMap((outputs, i) =>
        compared.map((name) => maxDifference(outputs[name]!, other!.outputs[i]![name]!)),
      ),
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

async function inOrder(
  { runs, carried }: StepGateRequest,
  run: (inputs: NamedHostTensors) => Promise<NamedHostTensors>,
): Promise<readonly NamedHostTensors[]> {
  const outputs: NamedHostTensors[] = [];
  for (const inputs of runs) {
    const before = outputs.at(-1);
    const goesOn = Object.entries(carried).map(([input, output]) => [input, before?.[output]]);
    outputs.push(await run({ ...(before && Object.fromEntries(goesOn)), ...inputs }));
  }
  return outputs;
}

async function onEngine(request: StepGateRequest): Promise<Way> {
  const { engine, parameters, step, inputs } = request;
  const rounded = Object.entries(parameters).map(([name, tensor]) => [
    name,
    { ...tensor, data: halfStored(tensor.data as Float32Array) },
  ]);
  await engine.writeState(Object.fromEntries(rounded) as NamedHostTensors);
  const compiled = await engine.compile((state, given) => ({ outputs: step(state, given) }), inputs);
  try {
    return {
      runtime: `step on ${engine.name}`,
      outputs: await inOrder(request, (given) => compiled.run(given)),
    };
  } finally {
    await compiled.dispose();
  }
}

async function onNode(request: StepGateRequest): Promise<Way> {
  const { file } = request;
  try {
    const session = await openSession(await readFile(file), { provider: 'cpu', threads: 1 });
    try {
      const outputs = await inOrder(request, async (inputs) => {
        const feeds = Object.entries(inputs).map(([name, tensor]) => [
          name,
          toOrt(tensor, identityLayout(tensor.shape.length)),
        ]);
        const found = await session.run(Object.fromEntries(feeds) as Parameters<typeof session.run>[0]);
        return Object.fromEntries(
          Object.entries(found).map(([name, tensor]) => [
            name,
            fromOrt(tensor, tensor.dims, identityLayout(tensor.dims.length)),
          ]),
        );
      });
      return { runtime: `onnxruntime-node ${runtimeVersion} cpu`, outputs };
    } finally {
      await session.release();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExportError(`onnxruntime-node cannot run ${basename(file)}: ${reason}`);
  }
}
