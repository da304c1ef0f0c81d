// What the page and the worker say to each other. Plain data: it crosses as structured clones.
import type { Model } from './format/model.ts';

/** Where a model may be drawn, as asked for. */
export type DeviceRequest = 'auto' | 'webgpu' | 'wasm';
/** Where it is drawn. */
export type DeviceName = 'webgpu' | 'wasm';
/** Which of the generator's files: weights in half precision (half the bytes, the same arithmetic), or not. */
export type Dtype = 'fp16' | 'fp32';
/** The builds of ONNX Runtime: for processors; for GPUs where WebAssembly can suspend (JSPI), and where not. */
export type RuntimeBuild = 'wasm' | 'jspi' | 'asyncify';

/** A file of the runtime, beside the worker. */
export interface RuntimeFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a model is drawn, and why there. */
export interface DeviceReport {
  readonly name: DeviceName;
  /** In words: `wasm with 2 threads; no WebGPU`. */
  readonly reason: string;
}

/** How far a load is. */
export interface LoadProgress {
  /** Bytes so far, of all files. */
  readonly loaded: number;
  /** Bytes in all, as far as is known. */
  readonly total: number;
  /** The file that is being read. */
  readonly file: string;
}

/** What to load. */
export interface LoadRequest {
  /** Absolute URL of `model.json`. */
  readonly url: string;
  readonly device: DeviceRequest;
  readonly dtype: Dtype;
  /** The file of layers' activations instead of the generator's. */
  readonly isLayers: boolean;
}

/** A loaded model, by the number that later calls name it by. */
export interface Loaded {
  readonly id: number;
  readonly model: Model;
  readonly device: DeviceReport;
  /** What is not as it should be, and no reason to stop: `sha256 was not checked …`. */
  readonly warnings: readonly string[];
}

/** Latents [count, dim] and, where the model takes them, labels or codes [count, columns]. */
export interface DrawRequest {
  readonly id: number;
  /** For {@link WorkerApi.abort}. */
  readonly request: number;
  readonly count: number;
  readonly z: Float32Array<ArrayBuffer>;
  readonly condition: Float32Array<ArrayBuffer> | null;
  readonly as: 'pixels' | 'floats';
}

/** What one layer gives for one image: [size, size, channels]. */
export interface LayerActivation {
  /** `generator/block1`, …, `images`. */
  readonly name: string;
  readonly size: number;
  readonly channels: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** Images [count, size, size, 4] of bytes, or [count, size, size, channels] of floats in [-1, 1]. */
export interface Drawn {
  readonly data: Uint8ClampedArray<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** Where it was drawn; not as loaded where the device was lost in between. */
  readonly device: DeviceReport;
}

/** The worker's side. */
export interface WorkerApi {
  load(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<Loaded>;
  draw(request: DrawRequest): Promise<Drawn>;
  /** What each layer gives for one image, from the smallest up. */
  layers(request: Pick<DrawRequest, 'id' | 'z' | 'condition'>): Promise<LayerActivation[]>;
  /** Lets a draw end before its next images; one that has ended is none of its business. */
  abort(request: number): void;
  release(id: number): Promise<void>;
}

/** An error as it crosses: its class by name, and what that has. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
}

/** What the worker posts first of all. */
export const readyMessage = 'dcgan-worker ready';
