// The public interface of a training: the object that `loadTrainer` resolves to, and its options.
import type { Wanted } from '../format/condition.ts';
import type { DeviceReport, DeviceRequest, LoadProgress } from '../protocol.ts';
import type { TrainingData } from '../training/images.ts';
import type { HalfStep } from '../training/entries-of.ts';
import type { TrainerSettings } from '../training/settings.ts';
import type { GivenBatch, Opened, TrainingReport } from './protocol.ts';

/** Options of `loadTrainer`. */
export interface TrainerOptions {
  /** The images: `avatars` (default), the faces that the trainer draws, `{ avatars: count }`, or bytes. */
  readonly data?: TrainingData | undefined;
  /** Default `auto`: WebGPU on a real GPU, else WebAssembly. */
  readonly device?: DeviceRequest | undefined;
  /** The run's seed, a whole number from 0 to 2^53 - 1; by default the package's. A state has its own. */
  readonly seed?: number | undefined;
  /** A checkpoint to go on from, of a page or of `dcgan train`; `package` for the one in the package (`export --trainable --state`). */
  readonly state?: Uint8Array<ArrayBuffer> | 'package' | undefined;
  /**
   * Weights to start from, as `dcgan train --from` takes them: bytes or the URL of a checkpoint of a page or of `dcgan train`, or of a
   * file of weights such as `networks/starts/faces-32.safetensors` (`packageFor` names one). Layers that do not fit keep random weights.
   */
  readonly from?: Uint8Array<ArrayBuffer> | URL | string | undefined;
  /** With `from`: number of D's layers, from the image on, that keep their weights (FreezeD), for few images. Default 0. */
  readonly freezeD?: number | undefined;
  readonly settings?: Partial<TrainerSettings> | undefined;
  /** Limit of the memory that a training may take, in bytes; default 512 MB. Ask the user before giving more. */
  readonly maxBytes?: number | undefined;
  /** False: keep nothing in the browser's storage. Default true: the state every ten seconds of a run, for `savedTraining`. */
  readonly keep?: boolean | undefined;
  /** Limit of one run of a file, in seconds from 1 to 86400; default 60. A worker whose run takes longer is ended. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives the bytes loaded so far, of all files. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** URL of a folder that holds the files of the package's `dist`; by default where this script is. */
  readonly assets?: URL | string | undefined;
}

/** Options of a run. It ends with the first limit; without any, it goes on until it is paused. */
export interface RunOptions {
  /** Steps to do. */
  readonly steps?: number | undefined;
  /** Real images to show; the step that reaches the number is the last one. */
  readonly images?: number | undefined;
  /** Ends the run with the first report for which this is true. */
  readonly until?: ((report: TrainingReport) => boolean) | undefined;
  /** Receives reports, at most 10 a second. */
  readonly onReport?: ((report: TrainingReport) => void) | undefined;
  /** While the page is hidden: go on (default), or wait until it is shown again. */
  readonly hidden?: 'continue' | 'wait' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `step`. */
export interface StepOptions {
  /** Updates one network alone; the other, its moments and its averages stay as they are. An update of D alone does not count as a step. */
  readonly only?: HalfStep | null | undefined;
}

/** Options of `sample`. */
export interface SampleOptions extends Wanted {
  /**
   * True: with all statistics measured, so that the images are those of a package that is exported now. Default false: with fewer, much
   * faster, and hardly to be told apart.
   */
  readonly isExact?: boolean | undefined;
}

/** A training in a worker. */
export interface Trainer {
  /** Name, image size, latent and conditioning of the package, and the name of the method. */
  readonly package: Opened['package'];
  /** The device, and why; it changes when a GPU is lost. */
  readonly device: DeviceReport;
  /** Problems that do not prevent its use, the newest last. */
  readonly warnings: readonly string[];
  /** The newest report. */
  readonly report: TrainingReport;
  /** The present settings; change them with `set`. */
  readonly settings: TrainerSettings;
  /** Changes settings from the next step on. Throws RangeError for values out of range. */
  set(change: Partial<TrainerSettings>): Promise<void>;
  /** One step: of the next batch, or of a given one (null: the next). Throws TypeError for another `only`. */
  step(batch?: GivenBatch | null, options?: StepOptions): Promise<TrainingReport>;
  /**
   * Trains until a limit is reached or `pause()`; resolves to the last report. Throws TrainingDivergedError, with the trainer back at its
   * last good state, if a number is no longer finite; the signal's reason; Error if a run is under way.
   */
  run(options?: RunOptions): Promise<TrainingReport>;
  /** Ends the run after its present step; resolves when it has ended. `run()` goes on. */
  pause(): Promise<void>;
  /** Images of seeds, in the order of the seeds. */
  sample(seeds: readonly number[], options?: SampleOptions): Promise<ImageData[]>;
  /**
   * D's outputs for images, in their order: the probability that each is real, or its score, as `report.dReal`. D judges batches as in
   * training, so with batch norm a verdict depends on the images beside it. Throws RangeError for images that do not fit.
   */
  judge(images: GivenBatch): Promise<Float32Array>;
  /** The checkpoint: the bytes that the trainer writes too. */
  state(): Promise<Uint8Array<ArrayBuffer>>;
  /** Goes on from a checkpoint. Throws ModelFormatError for one that is damaged, of other networks or of another method. */
  load(state: Uint8Array<ArrayBuffer>): Promise<TrainingReport>;
  /**
   * A zip of a run folder, with which `dcgan train --resume FOLDER` goes on. The images are among its files, as PNG, unless they are the
   * trainer's own faces, have attributes or numbers, or `pictures` is false.
   */
  toRun(options?: { readonly pictures?: boolean }): Promise<Blob>;
  /** A zip of a model package of the present generator, for `<dcgan-viewer>` and the `dcgan` commands. */
  toPackage(): Promise<Blob>;
  /** Ends the training; calls under way are rejected. */
  dispose(): void;
}
