// The gate every exported generator passes: the same seeds drawn by the unfolded generator on the training engine
// and by the folded file on onnxruntime-node and on onnxruntime-web's wasm must be the same pictures. Compared
// as floats, each with another program's, never a file with itself; NaN agrees with nothing.
import { availableParallelism } from 'node:os';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Conditioning, FileRole, ParityFigure } from '../../../runtime-web/format/model.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { ExportError } from '../../model-package/export-error.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import { openNativeGenerator } from '../../model-package/native-generator.ts';
import { drawOnWasm } from '../../model-package/wasm-generator.ts';

/** Largest differences in [-1, 1] that still count as the same picture. */
export interface Tolerances {
  readonly float32: number;
  readonly float16: number;
}

/**
 * Half precision's is one grey level of 255. Style-based networks divide by a deviation of their own in each of up to
 * fourteen layers: rounding grows, and a few in a million values of 256x256 images differ by more than 1e-4.
 */
export function tolerancesFor({ styles }: Pick<FrozenGenerator, 'styles'>): Tolerances {
  return { float32: styles ? 1e-3 : 1e-4, float16: 2 / 255 };
}

/** Images in one run of a file: the latents' last batch is smaller, so that two batch sizes are tried. */
const batchSize = 6;

/** Images [n, size, size, channels] and what drew them. */
export interface Drawing {
  readonly role: FileRole;
  /** `onnxruntime-node 1.30.0 cpu`, `onnx-cpu`, … */
  readonly runtime: string;
  readonly images: HostTensor;
}

/** What is drawn: the generator's inputs, `z` [count, latentDim] and what it takes beside it. */
export interface Latents {
  readonly inputs: NamedHostTensors;
  readonly latentDim: number;
  readonly conditioning: Conditioning;
}

/** What the gate lets through: the file's images by each runtime, and how far they are from what they must be. */
export interface Passed {
  readonly native: Drawing;
  readonly wasm: Drawing;
  readonly figures: readonly ParityFigure[];
}

/** A file to be let through, and the latents to try it with. */
export interface GateRequest {
  readonly file: string;
  readonly latents: Latents;
  readonly tolerances: Tolerances;
  readonly signal: AbortSignal;
}

/** Compares a generator's float32 file with `reference`, what the engine drew. Throws ExportError where it differs. */
export async function gateGenerator(reference: Drawing, request: GateRequest): Promise<Passed> {
  const { native, wasm } = await drawFile('generator', request);
  const pairs = [
    [native, reference],
    [wasm, reference],
    [wasm, native],
  ] as const;
  return { native, wasm, figures: assertParity(request.file, pairs, request.tolerances.float32) };
}

/** Compares a generator's half-precision file with its float32 one, which has passed. Throws ExportError likewise. */
export async function gateHalf(full: Passed, request: GateRequest): Promise<Passed> {
  const { native, wasm } = await drawFile('generatorFp16', request);
  const pairs = [
    [native, full.native],
    [wasm, full.wasm],
  ] as const;
  return { native, wasm, figures: assertParity(request.file, pairs, request.tolerances.float16) };
}

/** Draws the file by both runtimes that ship. Throws ExportError where one of them cannot run it. */
async function drawFile(
  role: FileRole,
  { file, latents, signal }: GateRequest,
): Promise<Pick<Passed, 'native' | 'wasm'>> {
  const runs = batchesOf(latents.inputs, batchSize);
  const native = await drawNatively(file, runs, latents, signal);
  const wasm = await drawOnWasm({ file, runs, signal });
  return {
    native: { role, ...native },
    wasm: { role, runtime: wasm.runtime, images: concatenated(wasm.images) },
  };
}

/** The figures of `pairs`. Throws ExportError, with all of them, where one reaches the tolerance or is no number. */
export function assertParity(
  file: string,
  pairs: readonly (readonly [Drawing, Drawing])[],
  tolerance: number,
): readonly ParityFigure[] {
  const figures = pairs.map(([drawing, other]) => ({
    role: drawing.role,
    runtime: drawing.runtime,
    against: other.role === drawing.role ? other.runtime : `${other.role} on ${other.runtime}`,
    maxDifference: maxDifference(drawing.images, other.images),
    tolerance,
  }));
  if (figures.every(({ maxDifference }) => maxDifference < tolerance)) return figures;
  const list = figures.map(
    ({ runtime, against, maxDifference }) => `${show(maxDifference)} on ${runtime} against ${against}`,
  );
  throw new ExportError(
    `${basename(file)} draws other pictures than it should, by up to ${list.join(', ')} ` +
      `(in [-1, 1]; expected less than ${show(tolerance)})`,
  );
}

/** The largest |a - b|; NaN where any of them is NaN or shapes differ. */
export function maxDifference(a: HostTensor, b: HostTensor): number {
  if (a.shape.join() !== b.shape.join() || a.data.length !== b.data.length) return NaN;
  let largest = 0;
  for (let i = 0; i < a.data.length; i++) {
    const difference = Math.abs(a.data[i]! - b.data[i]!);
    if (Number.isNaN(difference)) return NaN;
    if (difference > largest) largest = difference;
  }
  return largest;
}

/** The largest |value|; at least a tiny number, so that it can be divided by. */
export function magnitude({ data }: HostTensor): number {
  let most = 1e-12;
  for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}

async function drawNatively(
  file: string,
  runs: readonly NamedHostTensors[],
  { latentDim, conditioning }: Latents,
  signal: AbortSignal,
): Promise<Pick<Drawing, 'runtime' | 'images'>> {
  try {
    const generator = await openNativeGenerator(await readFile(file), {
      latentDim,
      conditioning,
      threads: availableParallelism(),
    });
    try {
      const images: HostTensor[] = [];
      for (const { z, labels, codes } of runs) {
        signal.throwIfAborted();
        images.push(
          await generator.draw(z!.data as Float32Array, (labels ?? codes)?.data as Float32Array | undefined),
        );
      }
      return { runtime: generator.runtime, images: concatenated(images) };
    } finally {
      await generator.dispose();
    }
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExportError(`onnxruntime-node cannot draw ${basename(file)}: ${reason}`);
  }
}

/** Inputs [n, …] cut along their first axis into batches of at most `size`. */
export function batchesOf(inputs: NamedHostTensors, size: number): readonly NamedHostTensors[] {
  const count = Object.values(inputs)[0]!.shape[0]!;
  return Array.from({ length: Math.ceil(count / size) }, (_, k) => {
    const [first, end] = [k * size, Math.min(count, (k + 1) * size)];
    return Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, dtype, data }]) => {
        const length = data.length / count;
        return [
          name,
          {
            shape: [end - first, ...shape.slice(1)],
            dtype,
            data: data.slice(first * length, end * length),
          } satisfies HostTensor,
        ];
      }),
    );
  });
}

/** Batches [n, …] of float32 as one. */
export function concatenated(batches: readonly HostTensor[]): HostTensor {
  const shape = [batches.reduce((sum, batch) => sum + batch.shape[0]!, 0), ...batches[0]!.shape.slice(1)];
  const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  let at = 0;
  for (const batch of batches) {
    data.set(batch.data, at);
    at += batch.data.length;
  }
  return { shape, dtype: 'float32', data };
}

function show(difference: number): string {
  return Number.isNaN(difference) ? 'no number' : difference.toPrecision(2);
}
