// What the page and the worker say to each other. Plain data: it crosses as structured clones.
import type { Model } from './format/model.ts';
import type { Degraded } from './format/restoring/finish.ts';
import type { TermWeights } from './format/restoring/task.ts';

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
  /** Which of the package's files. */
  readonly role: LoadedRole;
  /** Where to run it, of what {@link device} allows; null: where it is faster. */
  readonly on: DeviceName | null;
}

/** The files that a page may load: what draws, what gives each layer, what switches filters off, what judges, restores, steers, and the halves of a style-based generator. */
export type LoadedRole =
  | 'generator'
  | 'activations'
  | 'masked'
  | 'discriminator'
  | 'restoring'
  | 'steering'
  | 'mapping'
  | 'synthesis';

/** What the filters of layers are multiplied by, [filters] by the layer's name: 1 leaves one as it is, 0 switches it off. */
export type Masks = Readonly<Record<string, ArrayLike<number>>>;

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
  /** Checked in the worker, which knows the layers. */
  readonly masks: Masks | undefined;
  readonly as: 'pixels' | 'floats';
}

/** One image, whose layers are asked for. */
export type LayersOfRequest = Pick<DrawRequest, 'id' | 'z' | 'condition' | 'masks'>;

/** Images [count, size, size, channels] in [-1, 1] for the discriminator. */
export interface JudgeRequest {
  readonly id: number;
  readonly count: number;
  readonly images: Float32Array<ArrayBuffer>;
}

/** What one layer gives for one image: [size, size, channels]. */
export interface LayerActivation {
  /** `generator/block1`, …, `images`. */
  readonly name: string;
  readonly size: number;
  readonly channels: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** Adam's parameter and moments, [count, dim] each. */
export interface LatentState {
  readonly z: Float32Array<ArrayBuffer>;
  readonly first: Float32Array<ArrayBuffer>;
  readonly second: Float32Array<ArrayBuffer>;
}

/** Several latents for one degraded picture, and an update of them. The worker keeps nothing of it. */
export interface RestoreStepRequest {
  readonly id: number;
  readonly latents: LatentState;
  readonly count: number;
  readonly degraded: Degraded;
  /** Of the picture's pixels: [side · side]. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly terms: TermWeights;
  /** 1 for the first. */
  readonly update: number;
  readonly rate: number;
  /** Whether the best latent's picture is wanted, drawn and restored. */
  readonly isShown: boolean;
}

/** The next latents, and of those that came in: losses [count], and the pictures of the best, [side · side · channels]. */
export interface RestoreStepResult {
  readonly latents: LatentState;
  readonly losses: Float32Array<ArrayBuffer>;
  readonly pictures: {
    readonly drawn: Float32Array<ArrayBuffer>;
    readonly restored: Float32Array<ArrayBuffer>;
  } | null;
}

/** One latent, and an update of it towards or away from attributes. The worker keeps nothing of it. */
export interface SteerStepRequest {
  readonly id: number;
  readonly latents: LatentState;
  /** 1 for the first. */
  readonly update: number;
  readonly rate: number;
  /** For each attribute: 1 gives it, -1 takes it, 0 holds it. */
  readonly push: Float32Array<ArrayBuffer>;
  /** The verdicts that are held. */
  readonly start: Float32Array<ArrayBuffer>;
  readonly hold: number;
}

/** The next latent, and of the one that came in: the picture [size · size · channels] in [-1, 1], and verdicts. */
export interface SteerStepResult {
  readonly latents: LatentState;
  readonly image: Float32Array<ArrayBuffer>;
  readonly verdicts: Float32Array<ArrayBuffer>;
}

/** Latents and their condition, whose styles are asked for. */
export type MapStylesRequest = Pick<DrawRequest, 'id' | 'count' | 'z' | 'condition'>;

/** Styles [count, layers, dim], whose pictures are asked for. */
export interface SynthesiseRequest {
  readonly id: number;
  readonly count: number;
  readonly styles: Float32Array<ArrayBuffer>;
}

/** What the worker does beside drawing, by name: what it is given, and what it gives. */
export interface ExtraWork {
  /** What each layer gives for one image, from the smallest up. */
  layers(request: LayersOfRequest): LayerActivation[];
  /** What the discriminator gives: logits [count]. */
  discriminate(request: JudgeRequest): Float32Array<ArrayBuffer>;
  /** One update of latents that are to draw a degraded picture, and what it has led to so far. */
  restoreStep(request: RestoreStepRequest): RestoreStepResult;
  /** One update of a latent that is steered. */
  steerStep(request: SteerStepRequest): SteerStepResult;
  /** Styles [count, dim]. */
  mapStyles(request: MapStylesRequest): Float32Array<ArrayBuffer>;
  /** Images [count, size, size, channels] in [-1, 1]. */
  synthesise(request: SynthesiseRequest): Float32Array<ArrayBuffer>;
}
/** See {@link ExtraWork}. */
export type ExtraName = keyof ExtraWork;
/** See {@link ExtraWork}. */
export type ExtraRequest<K extends ExtraName> = Parameters<ExtraWork[K]>[0];
/** See {@link ExtraWork}. */
export type ExtraResult<K extends ExtraName> = ReturnType<ExtraWork[K]>;

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
  /** What few pages ask for, by code that is loaded then. */
  extra<K extends ExtraName>(name: K, request: ExtraRequest<K>): Promise<ExtraResult<K>>;
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
