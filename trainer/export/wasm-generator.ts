// A generator's file on onnxruntime-web, really on wasm (see wasm-session.ts).
import { basename } from 'node:path';
import type { HostTensor } from '../trace/graph.ts';
import { ExportError } from './export-error.ts';
import { runOnWasm } from './wasm-session.ts';

/** What to draw on wasm. */
export interface WasmDrawRequest {
  /** Path of the generator's file. */
  readonly file: string;
  /** Batches of latents, [n · latentDim] each; one answer each. */
  readonly latents: readonly Float32Array[];
  readonly latentDim: number;
  readonly signal: AbortSignal;
  /** Where onnxruntime-web's module lies; for tests. */
  readonly runtime?: string;
}

/** Images [n, size, size, channels] of each batch, and what drew them (`onnxruntime-web 1.30.0 wasm`). */
export interface WasmDrawing {
  readonly runtime: string;
  readonly images: readonly HostTensor[];
}

/** Draws on onnxruntime-web's wasm backend. Throws as {@link runOnWasm} does. */
export async function drawOnWasm({ latents, latentDim, ...request }: WasmDrawRequest): Promise<WasmDrawing> {
  const runs = latents.map((data) => ({
    z: { shape: [data.length / latentDim, latentDim], dtype: 'float32', data } as const,
  }));
  const { runtime, outputs } = await runOnWasm({ ...request, runs });
  const images = outputs.map(({ images: found }) => {
    if (found === undefined) {
      throw new ExportError(`onnxruntime-web cannot draw ${basename(request.file)}: no output 'images'`);
    }
    return found;
  });
  return { runtime, images };
}
