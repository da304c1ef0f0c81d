// A file on onnxruntime-web, really on wasm. Loaded into a process that also holds onnxruntime-node, the web package
// quietly runs on the native library; so a process of its own runs it, notes every native library that it loads and
// every wasm module that it starts, and its answer counts only where there were none of the first and some of the second.
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { HostTensor } from '../graph/trace/graph.ts';
import { ExportError } from './export-error.ts';

/** A tensor of float32, as it crosses. */
interface Floats {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What the child sends back. */
type Answer =
  | { readonly error: string }
  | {
      readonly version: string;
      readonly nativeLibraries: readonly string[];
      readonly wasmModules: number;
      readonly outputs: readonly Readonly<Record<string, Floats>>[];
    };

/** Runs in the child. Its messages cross as structured clones, so arrays of floats stay what they are. */
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
async function work({ runtime, file, runs }) {
  const ort = await import(runtime);
  ort.env.wasm.numThreads = 1;
  const model = await readFile(file);
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const outputs = [];
  for (const run of runs) {
    const feeds = {};
    for (const [name, { dims, data }] of Object.entries(run)) feeds[name] = new ort.Tensor('float32', data, dims);
    const found = await session.run(feeds);
    outputs.push(Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, { dims: [...tensor.dims], data: Float32Array.from(tensor.data) }])));
  }
  return { version: ort.env.versions.web, nativeLibraries, wasmModules, outputs };
}
// Ctrl-C reaches this process too: whoever asked decides when it ends, and it does not outlive them.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.send('ready');`;

/** What to run on wasm. */
export interface WasmRequest {
  /** Path of the ONNX file. */
  readonly file: string;
  /** The inputs of each run, float32; one answer each. */
  readonly runs: readonly Readonly<Record<string, HostTensor>>[];
  readonly signal: AbortSignal;
  /** Where onnxruntime-web's module lies; for tests. */
  readonly runtime?: string;
}

/** All outputs of each run, and what ran it (`onnxruntime-web 1.30.0 wasm`). */
export interface WasmRuns {
  readonly runtime: string;
  readonly outputs: readonly Readonly<Record<string, HostTensor>>[];
}

/** Minutes after which it is given up. */
const mostMinutes = 10;

/**
 * Runs a file on onnxruntime-web's wasm backend. Throws ExportError where it cannot, takes too long, or where anything
 * else than wasm has answered; the signal's reason when aborted.
 */
export async function runOnWasm(request: WasmRequest): Promise<WasmRuns> {
  const { file, runs, signal } = request;
  const runtime = request.runtime ?? import.meta.resolve('onnxruntime-web/wasm');
  const given = runs.map((run) =>
    Object.fromEntries(Object.entries(run).map(([name, { shape, data }]) => [name, { dims: shape, data }])),
  );
  const answer = await ask({ runtime, file, runs: given }, signal);
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

/** Starts the child, hands it the message when it is ready, and resolves to what it sends. */
function ask(message: object, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      signal,
      timeout: mostMinutes * 60_000,
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
      const how = killedBy === null ? `ended with exit code ${code}` : `was ended by ${killedBy}`;
      resolve(answer ?? { error: `its process ${how} ${complaints.trim().split('\n').at(-1) ?? ''}`.trim() });
    });
  });
}
