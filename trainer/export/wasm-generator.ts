// A generator's file on onnxruntime-web's wasm backend, batch by batch.
import type { HostTensor } from '../trace/graph.ts';
import { ExportError } from './export-error.ts';
import { runOnWasm } from './run-on-wasm.ts';

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

/** Draws. Throws as {@link runOnWasm} does, and ExportError where the file gives no images. */
export async function drawOnWasm(request: WasmDrawRequest): Promise<WasmDrawing> {
  const { latents, latentDim, ...rest } = request;
  const { runtime, outputs } = await runOnWasm({
    ...rest,
    feeds: latents.map((z) => ({
      z: { shape: [z.length / latentDim, latentDim], dtype: 'float32', data: z },
    })),
  });
  return {
    runtime,
    images: outputs.map(({ images }) => {
      if (images === undefined) throw new ExportError("the generator has no output 'images'");
      return images;
    }),
  };
}
