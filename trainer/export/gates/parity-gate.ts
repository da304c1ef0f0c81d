// Parity gate for generators: the unfolded generator on the training engine and the file on onnxruntime-node and onnxruntime-web
// (WASM) must generate the same images for the same latents. Images are compared as floats; a NaN is always a difference.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { conditionAmong } from '../../../runtime-web/format/condition.ts';
import type { Conditioning, ParityFigure } from '../../../runtime-web/format/model.ts';
import { readWhole } from '../../external-data/embed-data.ts';
import type { FileRole } from '../../../runtime-web/format/package-files.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import { sizeOf, type HostTensor } from '../../graph/trace/graph.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { openNativeGenerator } from '../../model-package/native-generator.ts';
import { drawOnWasm } from '../../model-package/wasm-generator.ts';
import { held } from '../../held.ts';

/** Upper limits of the difference between two images in [-1, 1]. */
export interface Tolerances {
  readonly float32: number;
  readonly float16: number;
}

/** Batch size of a run. It does not divide 16, so the last batch is smaller and two batch sizes are tested. */
const batchSize = 6;

/** Images [n, size, size, channels], and the file and runtime that generated them. */
export interface Drawing {
  readonly role: FileRole;
  /** `onnxruntime-node 1.30.0 cpu`, `onnx-cpu`, … */
  readonly runtime: string;
  readonly images: HostTensor;
}

/** Inputs of the generator: `z` [count, latentDim], and `labels`, `codes` or `condition` if it takes them. */
export interface Latents {
  readonly inputs: NamedHostTensors;
  readonly latentDim: number;
  readonly conditioning: Conditioning;
}

/** A file that has passed: its images on each runtime, and the measured differences. */
export interface Passed {
  readonly native: Drawing;
  readonly wasm: Drawing;
  readonly figures: readonly ParityFigure[];
}

/** A file to compare, and the latents to compare it on. */
export interface GateRequest {
  readonly file: string;
  readonly latents: Latents;
  readonly tolerances: Tolerances;
  readonly signal: AbortSignal;
}

/** Compares a float32 file with the engine's images. Throws ExportError if it differs. */
export async function gateGenerator(reference: Drawing, request: GateRequest): Promise<Passed> {
  const { native, wasm } = await drawFile('generator', request);
  const pairs = [
    [native, reference],
    [wasm, reference],
    [wasm, native],
  ] as const;
  return { native, wasm, figures: assertParity(request.file, pairs, request.tolerances.float32) };
}

/** Compares a half-precision file of a generator with its float32 file. Throws ExportError if it differs. */
export async function gateHalf(
  full: Passed,
  request: GateRequest & { readonly role: FileRole },
): Promise<Passed> {
  const { native, wasm } = await drawFile(request.role, request);
  const pairs = [
    [native, full.native],
    [wasm, full.wasm],
  ] as const;
  return { native, wasm, figures: assertParity(request.file, pairs, request.tolerances.float16) };
}

/** Generates the images on both runtimes. Throws ExportError if one of them cannot run the file. */
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

/** The differences of `pairs`. Throws ExportError, with all figures, if one reaches the tolerance or is NaN. */
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
    ({ runtime, against, maxDifference }) =>
      `${maxDifference.toPrecision(2)} on ${runtime} against ${against}`,
  );
  throw new ExportError(
    `${basename(file)} draws other pictures than it should, by up to ${list.join(', ')} ` +
      `(in [-1, 1]; expected less than ${tolerance.toPrecision(2)})`,
  );
}

/** The largest |a - b|; NaN if a value is NaN or the shapes differ. */
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

/** The largest |value|; at least 1e-12, so that it can be a divisor. */
export function magnitude({ data }: HostTensor): number {
  let max = 1e-12;
  for (const value of data) max = Math.max(max, Math.abs(value));
  return max;
}

async function drawNatively(
  file: string,
  runs: readonly NamedHostTensors[],
  { latentDim, conditioning }: Latents,
  signal: AbortSignal,
): Promise<Pick<Drawing, 'runtime' | 'images'>> {
  try {
    await using generator = held(
      await openNativeGenerator(await readWhole(file), {
        latentDim,
        conditioning,
        threads: availableParallelism(),
      }),
    );
    const images: HostTensor[] = [];
    for (const run of runs) {
      signal.throwIfAborted();
      const condition = conditionAmong(run)?.data as Float32Array | undefined;
      images.push(await generator.draw(run['z']!.data as Float32Array, condition));
    }
    return { runtime: generator.runtime, images: concatenated(images) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExportError(`onnxruntime-node cannot draw ${basename(file)}: ${reason}`);
  }
}

/** Splits inputs [n, …] along their first axis into batches of at most `size`. */
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

/** Joins float32 batches [n, …] along their first axis. */
export function concatenated(batches: readonly HostTensor[]): HostTensor {
  const shape = [batches.reduce((sum, batch) => sum + batch.shape[0]!, 0), ...batches[0]!.shape.slice(1)];
  const data = new Float32Array(sizeOf(shape));
  let at = 0;
  for (const batch of batches) {
    data.set(batch.data, at);
    at += batch.data.length;
  }
  return { shape, dtype: 'float32', data };
}
