// The package's own files, as a page finds them: the worker's scripts and ONNX Runtime's builds. Each address is written out as a literal
// `new URL('…', import.meta.url)`, the only form that all bundlers know: they copy the file and put in its new address.
import type { RuntimeBuild, WorkerFiles } from './protocol.ts';

/** The whole address: that of some bundlers lacks the origin. */
const whole = ({ href }: URL): URL => new URL(href, location.href);
const later = (): string => whole(new URL('./worker-later.js', import.meta.url)).href;

/** The files of each build beside this script, or where a bundler has put them. */
export const bundledFiles: Readonly<Record<RuntimeBuild, () => WorkerFiles>> = {
  wasm: () => ({
    later: later(),
    script: whole(new URL('./onnx/ort.wasm.min.mjs', import.meta.url)).href,
    glue: whole(new URL('./onnx/ort-wasm-simd-threaded.mjs', import.meta.url)).href,
    wasm: whole(new URL('./onnx/ort-wasm-simd-threaded.wasm', import.meta.url)).href,
  }),
  jspi: () => ({
    later: later(),
    script: whole(new URL('./onnx/ort.jspi.min.mjs', import.meta.url)).href,
    glue: whole(new URL('./onnx/ort-wasm-simd-threaded.jspi.mjs', import.meta.url)).href,
    wasm: whole(new URL('./onnx/ort-wasm-simd-threaded.jspi.wasm', import.meta.url)).href,
  }),
  asyncify: () => ({
    later: later(),
    script: whole(new URL('./onnx/ort.webgpu.min.mjs', import.meta.url)).href,
    glue: whole(new URL('./onnx/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url)).href,
    wasm: whole(new URL('./onnx/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url)).href,
  }),
};

/** The address of the worker's script. */
export const bundledWorkerUrl = (): URL => whole(new URL('./worker.js', import.meta.url));

/**
 * Starts the worker beside this script, or where a bundler has put it; through served-files.ts from another origin, and where Trusted Types
 * refuse the address. The script has no import or export, as some bundlers start it as a classic worker. Throws what the browser throws.
 */
export async function startBundledWorker(): Promise<Worker> {
  if (bundledWorkerUrl().origin === location.origin) {
    try {
      return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    } catch {
      // Tried again below.
    }
  }
  return (await import('./served-files.ts')).startServedWorker(bundledWorkerUrl());
}
