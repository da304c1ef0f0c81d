// ONNX Runtime in this worker: one build, fetched and checked like the models, from the addresses that the page gives. Its glue code
// stays a separate file, because its threads load it again.
import { ModelLoadError } from '../errors.ts';
import type * as Ort from 'onnxruntime-web';
import type { RuntimeBuild, WorkerFiles } from '../protocol.ts';
import { fetchFile, type ExpectedFile } from './fetch-file.ts';

/** From the bundler: size and hash of each build's WebAssembly file. */
declare const RUNTIME_FILES: Readonly<Record<RuntimeBuild, Omit<ExpectedFile, 'url'>>>;

/** ONNX Runtime's module, of any build. */
export type OrtModule = typeof Ort;

/** Small generators gain nothing from more threads than this. */
let maxThreads = 4;

// ONNX Runtime starts its threads from a plain address, which Trusted Types allow only by a default policy.
if (crossOriginIsolated) {
  const { trustedTypes } = self as unknown as {
    readonly trustedTypes?: {
      createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
    };
  };
  try {
    trustedTypes?.createPolicy('default', { createScriptURL: (url) => url });
  } catch {
    maxThreads = 1;
  }
}

/**
 * The number of WebAssembly threads: one, unless the page is isolated from other origins and can share memory (WebKitGTK's pages
 * cannot).
 */
export function threadCount(): number {
  const hasThreads = crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined';
  return hasThreads ? Math.max(1, Math.min(maxThreads, navigator.hardwareConcurrency || 1)) : 1;
}

/** The WebAssembly file of a build. */
export const runtimeFile = (build: RuntimeBuild, { wasm }: WorkerFiles): ExpectedFile => ({
  url: wasm,
  ...RUNTIME_FILES[build],
});

let loaded: Promise<OrtModule> | null = null;

/** Loads the worker's build; `onBytes` receives the size of each chunk. The first call decides the threads. Throws ModelLoadError. */
export function loadOnnx(
  build: RuntimeBuild,
  files: WorkerFiles,
  onBytes: (bytes: number) => void,
  threads = threadCount(),
): Promise<OrtModule> {
  const wasm = runtimeFile(build, files);
  if (loaded !== null) {
    onBytes(wasm.bytes);
    return loaded;
  }
  loaded = (async () => {
    // Throws CompileError, or in Safari EvalError, where a policy refuses WebAssembly, before anything large is fetched.
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    const { data } = await fetchFile(wasm, onBytes);
    const module = (await import(files.script)) as OrtModule;
    if (module.env === undefined) {
      throw new ModelLoadError(`${files.script}: cannot be started (has a bundler changed it?)`);
    }
    module.env.logLevel = 'error';
    module.env.wasm.wasmPaths = { mjs: files.glue, wasm: files.wasm };
    module.env.wasm.wasmBinary = data;
    module.env.wasm.numThreads = threads;
    return module;
  })();
  loaded.catch(() => (loaded = null));
  return loaded;
}
