// The requests and methods of a generator, as pages see them.
import type { Calls } from './calls/index.ts';
import type { Wanted } from './format/condition.ts';
import type { LatentSource, Path } from './format/latents.ts';
import type { Model } from './format/model.ts';
import type { ImageKind, ImagesByKind } from './image-kinds.ts';
import type { DeviceReport, DeviceRequest, Dtype, LoadProgress, Masks } from './protocol.ts';

/** Options of `loadGenerator`. */
export interface LoadOptions {
  /** The device to run on; `auto` (default) picks the faster one, and considers WebGPU only on a real GPU. */
  readonly device?: DeviceRequest;
  /** The precision of the weights; `fp16` (default) is half the bytes, with the same arithmetic. */
  readonly dtype?: Dtype;
  /**
   * Limit of one run of a file, in seconds from 1 to 86400; default 60. A run that takes longer, such as an endless loop, is ended with
   * its worker, and the file is refused for as long as the page lives. Downloads do not count.
   */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives the bytes loaded so far, of all files. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /**
   * URL of a folder that holds the files of the package's `dist`, for pages that serve them elsewhere. Default: where this script is,
   * or where the bundler has put them.
   */
  readonly assets?: URL | string | undefined;
}

/** Options of every request: {@link Wanted} for conditional models, masks, and the form of the images. */
export interface RequestOptions<K extends ImageKind = 'image'> extends Wanted {
  /** Filters to switch off in all images; see {@link Masks}. The first request with masks loads a file of its own. */
  readonly masks?: Masks | undefined;
  /**
   * Factor of the latents, or for a model with styles of their distance from the mean style: below 1 more typical images, above 1
   * more unusual ones; as `sample --truncation`. From 0 to 4, default 1.
   */
  readonly truncation?: number | undefined;
  readonly as?: K;
  readonly signal?: AbortSignal | undefined;
}

/** Images by seed or by latent. */
export type GenerateRequest<K extends ImageKind = 'image'> = RequestOptions<K> &
  (
    | { readonly seeds: readonly number[] }
    | {
        readonly z: readonly ArrayLike<number>[];
        /** A seed for each latent, from which its condition follows where none is given. Default: its position. */
        readonly conditionIndices?: readonly number[] | undefined;
      }
  );

/** Images on the path from one latent to another. */
export interface InterpolateRequest<K extends ImageKind = 'image'> extends RequestOptions<K> {
  readonly from: LatentSource;
  readonly to: LatentSource;
  /** Number of images, both ends included. */
  readonly steps: number;
  /** Default: `slerp` for normal latents, `linear` for uniform ones. */
  readonly path?: Path;
}

/** A sum of latents; a list of latents (exemplars of one thing) counts as their mean. */
export interface ArithmeticRequest<K extends ImageKind = 'image'> extends RequestOptions<K> {
  readonly plus: readonly (LatentSource | readonly ArrayLike<number>[])[];
  readonly minus: readonly (LatentSource | readonly ArrayLike<number>[])[];
  /** If given, the result is nine images: the sum in the middle, and neighbours with uniform noise of ± this much. */
  readonly jitter?: number;
}

/** A loaded generator without its lazily loaded {@link Calls}. */
export interface ImageCalls {
  readonly model: Model;
  /** The device it runs on, and why. */
  readonly device: DeviceReport;
  /** Problems that do not prevent its use. */
  readonly warnings: readonly string[];
  generate<K extends ImageKind = 'image'>(request: GenerateRequest<K>): Promise<ImagesByKind[K][]>;
  interpolate<K extends ImageKind = 'image'>(request: InterpolateRequest<K>): Promise<ImagesByKind[K][]>;
  arithmetic<K extends ImageKind = 'image'>(request: ArithmeticRequest<K>): Promise<ImagesByKind[K][]>;
  /** Frees its memory in the worker; requests under way are rejected. */
  dispose(): void;
}

/** A loaded generator. */
export interface Generator extends ImageCalls, Calls {}
