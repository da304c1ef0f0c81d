// Messages between the page and the training worker: plain data, copied as structured clones.
import type { Wanted } from '../format/condition.ts';
import type { TrainingData } from '../training/images.ts';
import type { GivenPoints } from '../training/points.ts';
import type { Figures } from '../training/gathered.ts';
import type { HalfStep } from '../training/entries-of.ts';
import type { TrainerSettings } from '../training/settings.ts';
import type { Trainable, TrainablePackage } from '../format/training/trainable.ts';
import type { DeviceReport, LoadProgress, RuntimeBuild, WorkerFiles } from '../protocol.ts';

/** Weights to start from. */
export interface StartRequest {
  /** The bytes of a file, or its absolute URL. */
  readonly weights: Uint8Array<ArrayBuffer> | string;
  /** Number of D's layers, from the image on, that keep their weights. */
  readonly freezeD: number;
}

/** A training to open. */
export interface OpenRequest {
  /** Absolute URL of `model.json`. */
  readonly url: string;
  readonly build: RuntimeBuild;
  /** Description of the GPU that the page has found; null without one. */
  readonly gpu: string | null;
  readonly files: WorkerFiles;
  /** Null for the package's seed. */
  readonly seed: number | null;
  /** A checkpoint to go on from; `package` for the one in the package. Null to begin. */
  readonly state: Uint8Array<ArrayBuffer> | 'package' | null;
  /** Null to begin with random weights. */
  readonly from: StartRequest | null;
  readonly data: TrainingData | GivenPoints;
  /** Settings that differ from the package's. */
  readonly settings: Partial<TrainerSettings>;
  /** Limit of the memory that the training takes. */
  readonly maxBytes: number;
  /** Limit of one run of a file, in seconds. */
  readonly timeout: number;
  /** WebAssembly threads at most; null for as many as are useful to networks for images. */
  readonly threads: number | null;
}

/** An opened training. */
export interface Opened {
  readonly package: Omit<TrainablePackage, 'trainable'> & Pick<Trainable, 'method' | 'batch' | 'logit'>;
  readonly device: DeviceReport;
  readonly settings: TrainerSettings;
  /** Steps done in the state. */
  readonly report: TrainingReport;
  readonly warnings: readonly string[];
}

/** Progress of a training, and its latest figures. */
export interface TrainingReport extends Figures {
  /** Updates of G done. */
  readonly step: number;
  /** Real images shown. */
  readonly images: number;
  /** Rate of the steps since the last report. */
  readonly imagesPerSecond: number;
  /** Seconds of training, pauses not counted. */
  readonly seconds: number;
  /** Share of the steps' time that ONNX Runtime did not take, since the last report. */
  readonly shareOutside: number;
  /** The sign of a collapse in words; null without one. */
  readonly collapse: string | null;
  /** Probability of augmentation where ADA moves it, else null. */
  readonly augmentProbability: number | null;
}

/** Images that a page gives, for one update or to judge. */
export interface GivenBatch {
  /** [n, height, width, channels] uint8; n is the package's batch for an update. */
  readonly images: Uint8Array;
  readonly labels?: Int32Array | undefined;
  /** [n, columns] as the networks get them. */
  readonly condition?: Float32Array | undefined;
}

/** News of a run. */
export type RunEvent =
  | { readonly kind: 'report'; readonly report: TrainingReport }
  /** A checkpoint to go on from if the worker ends. */
  | { readonly kind: 'state'; readonly state: Uint8Array<ArrayBuffer>; readonly report: TrainingReport };

/** The functions of the training worker. */
export interface TrainApi {
  open(request: OpenRequest, onProgress?: (progress: LoadProgress) => void): Promise<Opened>;
  /** One step; `only` updates one network. */
  step(request: {
    readonly batch: GivenBatch | null;
    readonly only: HalfStep | null;
  }): Promise<TrainingReport>;
  /** Steps until that many are done (null: without end), or `pause`. */
  run(steps: number | null, onEvent?: (event: RunEvent) => void): Promise<TrainingReport>;
  pause(nothing: null): Promise<void>;
  /** Pixels [n, height, width, 4]. */
  sample(request: {
    readonly seeds: readonly number[];
    readonly wanted: Wanted;
    readonly isExact: boolean;
  }): Promise<Uint8ClampedArray<ArrayBuffer>>;
  /** D's outputs for images. */
  judge(images: GivenBatch): Promise<Float32Array<ArrayBuffer>>;
  /** Points of seeds, [n, 2]. */
  samplePoints(seeds: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
  /** D's outputs for points [n, 2]. */
  judgePoints(points: Float32Array): Promise<Float32Array<ArrayBuffer>>;
  /** The gradients of G's loss at points [n, 2]. */
  slopes(points: Float32Array): Promise<Float32Array<ArrayBuffer>>;
  save(nothing: null): Promise<Uint8Array<ArrayBuffer>>;
  load(state: Uint8Array<ArrayBuffer>): Promise<TrainingReport>;
  set(change: Partial<TrainerSettings>): Promise<TrainerSettings>;
  toRun(request: { readonly hasPictures: boolean }): Promise<Uint8Array<ArrayBuffer>>;
  toPackage(nothing: null): Promise<Uint8Array<ArrayBuffer>>;
  dispose(nothing: null): Promise<void>;
}
