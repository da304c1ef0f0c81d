// ONNX Runtime in this worker: one build, fetched and checked like the models, from the folder beside this script. Its
// glue stays a file of its own, because its threads run it again.
import type * as Ort from 'onnxruntime-web';
import type { RuntimeBuild, RuntimeFile } from '../protocol.ts';
import { fetchFile, type ExpectedFile } from './fetch-file.ts';

/** The files of each build, as the bundler found them and as JSON: ONNX Runtime's script, and its WebAssembly. */
declare const RUNTIME_FILES: string;
const runtimeFiles = JSON.parse(RUNTIME_FILES) as Readonly<
  Record<RuntimeBuild, { readonly script: string; readonly wasm: RuntimeFile }>
>;

/** ONNX Runtime's module, whichever build. */
export type OrtModule = typeof Ort;

/** More threads than this bring nothing to small generators. */
const mostThreads = 4;

/** Threads that WebAssembly can have: one, unless the page is isolated from other origins. */
export function threadCount(): number {
  return crossOriginIsolated ? Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency)) : 1;
}

const folder = new URL('./onnx/', import.meta.url);

/** The WebAssembly file that a build needs. */
export function runtimeFile(build: RuntimeBuild): ExpectedFile {
  const { file, bytes, sha256 } = runtimeFiles[build].wasm;
  return { url: new URL(file, folder).href, bytes, sha256 };
}

let loaded: { readonly build: RuntimeBuild; readonly ort: Promise<OrtModule> } | null = null;

/** Loads the build; `onBytes` hears of its bytes. A worker loads one. Throws ModelLoadError. */
export function loadOnnx(build: RuntimeBuild, onBytes: (bytes: number) => void): Promise<OrtModule> {
  if (loaded !== null) {
    if (loaded.build !== build) throw new Error(`this worker runs the ${loaded.build} build`);
    onBytes(runtimeFile(build).bytes);
    return loaded.ort;
  }
  const ort = (async () => {
    const { data } = await fetchFile(runtimeFile(build), onBytes);
    const module = (await import(new URL(runtimeFiles[build].script, folder).href)) as OrtModule;
    module.env.logLevel = 'error';
    module.env.wasm.wasmPaths = folder.href;
    module.env.wasm.wasmBinary = data;
    module.env.wasm.numThreads = threadCount();
    return module;
  })();
  loaded = { build, ort };
  ort.catch(() => (loaded = null));
  return ort;
}
