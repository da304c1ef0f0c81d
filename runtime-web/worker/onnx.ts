// ONNX Runtime in this worker: one build, fetched and checked like the models, from the folder beside this script. Its glue code stays a
// separate file, because its threads load it again.
import type * as Ort from 'onnxruntime-web';
import type { RuntimeBuild, RuntimeFile } from '../protocol.ts';
import { fetchFile, type ExpectedFile } from './fetch-file.ts';

/** JSON from the bundler: the script and the WebAssembly file of each build. */
declare const RUNTIME_FILES: string;
const runtimeFiles = JSON.parse(RUNTIME_FILES) as Readonly<
  Record<RuntimeBuild, { readonly script: string; readonly wasm: RuntimeFile }>
>;

/** ONNX Runtime's module, of any build. */
export type OrtModule = typeof Ort;

/** Small generators gain nothing from more threads than this. */
const maxThreads = 4;

/**
 * The number of WebAssembly threads: one, unless the page is isolated from other origins and can share memory (WebKitGTK's pages
 * cannot).
 */
export function threadCount(): number {
  const hasThreads = crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined';
  return hasThreads ? Math.max(1, Math.min(maxThreads, navigator.hardwareConcurrency || 1)) : 1;
}

const folder = new URL('./onnx/', import.meta.url);

/** The WebAssembly file of a build. */
export function runtimeFile(build: RuntimeBuild): ExpectedFile {
  const { file, bytes, sha256 } = runtimeFiles[build].wasm;
  return { url: new URL(file, folder).href, bytes, sha256 };
}

let loaded: Promise<OrtModule> | null = null;

/** Loads the worker's build; `onBytes` receives the size of each chunk. Throws ModelLoadError. */
export function loadOnnx(build: RuntimeBuild, onBytes: (bytes: number) => void): Promise<OrtModule> {
  if (loaded !== null) {
    onBytes(runtimeFile(build).bytes);
    return loaded;
  }
  loaded = (async () => {
    const { data } = await fetchFile(runtimeFile(build), onBytes);
    const module = (await import(new URL(runtimeFiles[build].script, folder).href)) as OrtModule;
    module.env.logLevel = 'error';
    module.env.wasm.wasmPaths = folder.href;
    module.env.wasm.wasmBinary = data;
    module.env.wasm.numThreads = threadCount();
    return module;
  })();
  loaded.catch(() => (loaded = null));
  return loaded;
}
