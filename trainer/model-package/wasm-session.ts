// Runs a model file on onnxruntime-web's WASM backend, in a child process: beside onnxruntime-node the web package silently runs on
// the native library. The child reports the native libraries that it loaded and counts the WASM modules that it started; its outputs
// count only without a native library and with a WASM module.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { filesBeside } from '../external-data/embed-data.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { ExportError } from './export-error.ts';

/** A float32 tensor in a message to or from the child. */
interface Floats {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The child's answer. */
type Answer =
  | { readonly error: string }
  | {
      readonly version: string;
      readonly nativeLibraries: readonly string[];
      readonly wasmModules: number;
      readonly outputs: readonly Readonly<Record<string, Floats>>[];
    };

/** The child's program. Messages are structured clones, so Float32Arrays stay Float32Arrays. */
const program = `
import { readFile } from 'node:fs/promises';
const nativeLibraries = [];
const dlopen = process.dlopen;
process.dlopen = function (module, file, ...rest) {
  nativeLibraries.push(String(file));
  return dlopen.call(this, module, file, ...rest);
};
let wasmModules = 0;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = (...given) => {
  wasmModules += 1;
  return instantiate.apply(WebAssembly, given);
};
process.once('message', async (message) => {
  const answer = await work(message).catch((error) => ({ error: String(error?.message ?? error) }));
  process.send(answer, () => process.exit(0));
});
async function work({ runtime, file, beside, runs }) {
  const ort = await import(runtime);
  ort.env.wasm.numThreads = 1;
  const model = await readFile(file);
  const externalData = await Promise.all(beside.map(async ([path, place]) => ({ path, data: await readFile(place) })));
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3, externalData });
  const outputs = [];
  for (const run of runs) {
    const feeds = {};
    for (const [name, { dims, data }] of Object.entries(run)) feeds[name] = new ort.Tensor('float32', data, dims);
    const found = await session.run(feeds);
    outputs.push(Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, { dims: [...tensor.dims], data: Float32Array.from(tensor.data) }])));
  }
  return { version: ort.env.versions.web, nativeLibraries, wasmModules, outputs };
}
// Ctrl-C and a closed terminal reach this process too. The parent decides when it ends; it also ends with the parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('disconnect', () => process.exit(1));
process.send('ready');`;

/** A file and its inputs. */
export interface WasmRequest {
  /** Path of the ONNX file. */
  readonly file: string;
  /** The float32 inputs of each run. */
  readonly runs: readonly Readonly<Record<string, HostTensor>>[];
  readonly signal: AbortSignal;
  /** URL of onnxruntime-web's module; for tests. */
  readonly runtime?: string;
}

/** All outputs of each run, and the runtime (`onnxruntime-web 1.30.0 wasm`). */
export interface WasmRuns {
  readonly runtime: string;
  readonly outputs: readonly Readonly<Record<string, HostTensor>>[];
}

/** Time limit of the child in minutes. */
const maxMinutes = 10;

/**
 * Runs a file on onnxruntime-web's WASM backend. Throws ExportError if it cannot, takes too long, or was not computed by WASM; the
 * signal's reason when aborted.
 */
export async function runOnWasm(request: WasmRequest): Promise<WasmRuns> {
  const { file, runs, signal } = request;
  const runtime = request.runtime ?? import.meta.resolve('onnxruntime-web/wasm');
  const given = runs.map((run) =>
    Object.fromEntries(Object.entries(run).map(([name, { shape, data }]) => [name, { dims: shape, data }])),
  );
  const beside = filesBeside(await readFile(file)).map((name) => [name, join(dirname(file), name)]);
  const answer = await ask({ runtime, file, beside, runs: given }, signal);
  signal.throwIfAborted();
  if ('error' in answer)
    throw new ExportError(`onnxruntime-web cannot run ${basename(file)}: ${answer.error}`);
  const { version, nativeLibraries, wasmModules, outputs } = answer;
  if (nativeLibraries.length > 0 || wasmModules === 0) {
    const what = nativeLibraries.length > 0 ? nativeLibraries.join(', ') : 'no wasm module was started';
    throw new ExportError(`onnxruntime-web did not compute on wasm (${what}); its outputs prove nothing`);
  }
  return {
    runtime: `onnxruntime-web ${version} wasm`,
    outputs: outputs.map((found) =>
      Object.fromEntries(
        Object.entries(found).map(([name, { dims, data }]) => [
          name,
          { shape: dims, dtype: 'float32', data },
        ]),
      ),
    ),
  };
}

/** Starts the child, sends it the message when it is ready, and resolves to its answer. */
function ask(message: object, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      signal,
      timeout: maxMinutes * 60_000,
      killSignal: 'SIGKILL',
    });
    let complaints = '';
    let answer: Answer | null = null;
    child.stderr?.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2000)));
    child.on('message', (received: Answer | 'ready') => {
      if (received === 'ready') child.send(message);
      else answer = received;
    });
    child.on('error', (error) => {
      reject(signal.aborted ? (signal.reason as Error) : error);
    });
    child.on('close', (code, killedBy) => {
      const ending = killedBy === null ? `ended with exit code ${code}` : `was ended by ${killedBy}`;
      resolve(
        answer ?? { error: `its process ${ending} ${complaints.trim().split('\n').at(-1) ?? ''}`.trim() },
      );
    });
  });
}
