// The package's own files, as a page finds them: the worker's scripts and ONNX Runtime's builds. Each address is written out as a literal
// `new URL('…', import.meta.url)`, the only form that all bundlers know: they copy the file and put in its new address.
import type { RuntimeBuild, WorkerFiles } from './protocol.ts';
import { trustedUrl } from './trusted-url.ts';

/** The whole address: that of some bundlers lacks the origin. */
const whole = ({ href }: URL): URL => new URL(href, location.href);
const filesAt = (script: URL, glue: URL, wasm: URL): WorkerFiles => ({
  later: whole(new URL('./worker-later.js', import.meta.url)).href,
  script: whole(script).href,
  glue: whole(glue).href,
  wasm: whole(wasm).href,
});

/** The files of each build beside this script, or where a bundler has put them. */
export const bundledFiles: Readonly<Record<RuntimeBuild, () => WorkerFiles>> = {
  wasm: () =>
    filesAt(
      new URL('./onnx/ort.wasm.min.mjs', import.meta.url),
      new URL('./onnx/ort-wasm-simd-threaded.mjs', import.meta.url),
      new URL('./onnx/ort-wasm-simd-threaded.wasm', import.meta.url),
    ),
  jspi: () =>
    filesAt(
      new URL('./onnx/ort.jspi.min.mjs', import.meta.url),
      new URL('./onnx/ort-wasm-simd-threaded.jspi.mjs', import.meta.url),
      new URL('./onnx/ort-wasm-simd-threaded.jspi.wasm', import.meta.url),
    ),
  asyncify: () =>
    filesAt(
      new URL('./onnx/ort.webgpu.min.mjs', import.meta.url),
      new URL('./onnx/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url),
      new URL('./onnx/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
    ),
};

/** The address of the worker's script. */
export const bundledWorkerUrl = (): URL => whole(new URL('./worker.js', import.meta.url));

/**
 * Starts the worker at an address; one of another origin through served-files.ts, and to a sandboxed frame every address is of another
 * origin. The script has no import or export, so bundlers may copy it like any file. Throws what the browser throws.
 */
export async function startWorker(url: URL): Promise<Worker> {
  if (url.origin !== self.origin) return (await import('./served-files.ts')).startForeignWorker(url);
  return new Worker(trustedUrl(url.href), { type: 'module' });
}
