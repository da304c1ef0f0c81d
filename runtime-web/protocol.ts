// Messages between the page and the worker: plain data, copied as structured clones.
import type { Model } from './format/model.ts';
import type { FileRole } from './format/package-files.ts';

/** The device that a page asks for. */
export type DeviceRequest = 'auto' | 'webgpu' | 'wasm';
/** The device that a model runs on. */
export type DeviceName = 'webgpu' | 'wasm';
/** The generator's file: weights in half precision (half the bytes, the same arithmetic), or in single precision. */
export type Dtype = 'fp16' | 'fp32';
/** A build of ONNX Runtime: CPU only; GPU with suspending WebAssembly (JSPI); GPU without it. */
export type RuntimeBuild = 'wasm' | 'jspi' | 'asyncify';

/** Addresses of the files that a worker loads. */
export interface WorkerFiles {
  /** ONNX Runtime's script. */
  readonly script: string;
  /** Its JavaScript glue, which its threads load again. */
  readonly glue: string;
  /** Its WebAssembly. */
  readonly wasm: string;
  /** The parts of the worker that are loaded on first use. */
  readonly later: string;
}

/** The device that a model runs on, and why. */
export interface DeviceReport {
  readonly name: DeviceName;
  /** For people: `wasm with 2 threads; no WebGPU`. */
  readonly reason: string;
}

/** Progress of a load. */
export interface LoadProgress {
  /** Bytes of all files so far. */
  readonly loaded: number;
  /** Total bytes of these files. */
  readonly total: number;
  /** URL of the file being read. */
  readonly file: string;
}

/** The file to load. */
export interface LoadRequest {
  /** Absolute URL of `model.json`. */
  readonly url: string;
  readonly device: DeviceRequest;
  readonly dtype: Dtype;
  readonly role: LoadedRole;
  /** The worker's build, and its files. */
  readonly build: RuntimeBuild;
  readonly files: WorkerFiles;
  /** The device to run on, within what {@link device} allows; null for the faster one. */
  readonly on: DeviceName | null;
}

/** A file that runs in a worker; the two precisions of the generator count as one. */
export type LoadedRole = Exclude<FileRole, 'generatorFp16' | 'preview'>;

/** Factors of a layer's filters, [filters], by the layer's name: 1 leaves a filter unchanged, 0 switches it off. */
export type Masks = Readonly<Record<string, ArrayLike<number>>>;

/** A loaded model; later calls refer to it by `id`. */
export interface Loaded {
  readonly id: number;
  readonly model: Model;
  readonly device: DeviceReport;
  /** Problems that do not prevent its use: `sha256 was not checked …`. */
  readonly warnings: readonly string[];
}

/** Latents [count, dim] and, for a conditional model, labels or codes [count, columns]. */
export interface DrawRequest {
  readonly id: number;
  /** Number of the request, for {@link WorkerApi.abort}. */
  readonly request: number;
  readonly count: number;
  readonly z: Float32Array<ArrayBuffer>;
  readonly condition: Float32Array<ArrayBuffer> | null;
  /** Checked in the worker, which knows the layers. */
  readonly masks: Masks | undefined;
  readonly as: 'pixels' | 'floats';
}

/** Images [count, size, size, 4] of bytes, or [count, size, size, channels] of floats in [-1, 1]. */
export interface Drawn {
  readonly data: Uint8ClampedArray<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** The device that generated them; it changes when a GPU is lost. */
  readonly device: DeviceReport;
}

/** A call of one of the {@link WorkerApi}'s functions, as the page sends it. */
export interface Question {
  readonly id: number;
  readonly name: keyof WorkerApi;
  readonly args: readonly unknown[];
}

/** The worker's answer to a call; of several with one `id` the last one has no `progress`. */
export type Answer = { readonly id: number } & (
  | { readonly progress: unknown }
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string } }
);

/** The functions of the worker. */
export interface WorkerApi {
  load(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<Loaded>;
  draw(request: DrawRequest): Promise<Drawn>;
  /** Runs a function of worker/calls, which are loaded on first use, on a loaded model. `CallContext.ask` has the types. */
  compute(id: number, name: string, request: unknown): Promise<unknown>;
  /** Stops a draw before its next batch; has no effect on one that has ended. */
  abort(request: number): Promise<void>;
  /** Frees a model once nobody uses it. */
  release(id: number): Promise<void>;
}

/** The worker's first message: the name of the lock that it holds while it lives, empty where locks are refused. */
export interface ReadyMessage {
  readonly ready: string;
}
