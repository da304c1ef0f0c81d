// A generator's file on onnxruntime-web, really on wasm (see wasm-session.ts).
import { basename } from 'node:path';
import type { NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { ExportError } from './export-error.ts';
import { runOnWasm } from './wasm-session.ts';

/** What to draw on wasm. */
export interface WasmDrawRequest {
  /** Path of the generator's file. */
  readonly file: string;
  /** The inputs of each batch; one answer each. */
  readonly runs: readonly NamedHostTensors[];
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
export async function drawOnWasm(request: WasmDrawRequest): Promise<WasmDrawing> {
  const { runtime, outputs } = await runOnWasm(request);
  const images = outputs.map(({ images: found }) => {
    if (found === undefined) {
      throw new ExportError(`onnxruntime-web cannot draw ${basename(request.file)}: no output 'images'`);
    }
    return found;
  });
  return { runtime, images };
}
