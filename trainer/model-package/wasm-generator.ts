// Runs a generator's file on onnxruntime-web's WASM backend (see wasm-session.ts).
import { basename } from 'node:path';
import type { NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { ExportError } from './export-error.ts';
import { runOnWasm } from './wasm-session.ts';

/** A generator's file and its inputs. */
export interface WasmDrawRequest {
  /** Path of the generator's file. */
  readonly file: string;
  /** The inputs of each batch. */
  readonly runs: readonly NamedHostTensors[];
  readonly signal: AbortSignal;
  /** URL of onnxruntime-web's module; for tests. */
  readonly runtime?: string;
}

/** Images [n, size, size, channels] of each batch, and the runtime (`onnxruntime-web 1.30.0 wasm`). */
export interface WasmDrawing {
  readonly runtime: string;
  readonly images: readonly HostTensor[];
}

/** Generates images on onnxruntime-web's WASM backend. Throws as {@link runOnWasm} does. */
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
