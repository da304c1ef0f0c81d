// What a generator is asked and what it gives: the types of its calls, as pages see them.
import type { DiscriminateRequest, Opinion } from './calls/discriminate.ts';
import type { Wanted } from './format/condition.ts';
import type { ImageKind, ImagesByKind } from './image-kinds.ts';
import type { LatentSource, Path } from './format/latents.ts';
import type { Model } from './format/model.ts';
import type { LayersRequest } from './calls/layers.ts';
import type { MixedKind, MixStylesRequest } from './calls/mix-styles.ts';
import type { DeviceReport, DeviceRequest, Dtype, LayerActivation, LoadProgress, Masks } from './protocol.ts';
import type { Restored, RestoreRequest } from './calls/restore.ts';
import type { SteerRequest, Steered } from './calls/steer.ts';

/** How to load. */
export interface LoadOptions {
  /** Where to draw; `auto` (default) takes the faster one, WebGPU only on a real GPU. */
  readonly device?: DeviceRequest;
  /** Which weights; `fp16` (default) is half the bytes, and the same arithmetic. */
  readonly dtype?: Dtype;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the bytes, over all files. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** The worker's script, where a bundler has moved it. Default: `dcgan-worker.js` beside this script. */
  readonly workerUrl?: URL | string;
}

/** What every request may say: {@link Wanted}, where the model has classes or codes, and how the images come. */
export interface RequestOptions<K extends ImageKind = 'image'> extends Wanted {
  /** Filters to switch off, in all images; see {@link Masks}. The first request with some loads a file of its own. */
  readonly masks?: Masks | undefined;
  readonly as?: K;
  readonly signal?: AbortSignal | undefined;
}

/** Images by seed or by latent. */
export type GenerateRequest<K extends ImageKind = 'image'> = RequestOptions<K> &
  ({ readonly seeds: readonly number[] } | { readonly z: readonly ArrayLike<number>[] });

/** Images on the way from one latent to another. */
export interface InterpolateRequest<K extends ImageKind = 'image'> extends RequestOptions<K> {
  readonly from: LatentSource;
  readonly to: LatentSource;
  /** Images, both ends included. */
  readonly steps: number;
  /** Default: `slerp` where latents are normal, `linear` where they are uniform. */
  readonly path?: Path;
}

/** A sum of latents; a list of latents in one place (exemplars of one thing) counts as their mean. */
export interface ArithmeticRequest<K extends ImageKind = 'image'> extends RequestOptions<K> {
  readonly plus: readonly (LatentSource | readonly ArrayLike<number>[])[];
  readonly minus: readonly (LatentSource | readonly ArrayLike<number>[])[];
  /** With it, nine images come: the sum in the middle of neighbours that are off by noise of ± this much. */
  readonly jitter?: number;
}

/** A loaded generator. */
export interface Generator {
  readonly model: Model;
  /** Where it draws, and why there. */
  readonly device: DeviceReport;
  /** What is not as it should be, and no reason to stop. */
  readonly warnings: readonly string[];
  generate<K extends ImageKind = 'image'>(request: GenerateRequest<K>): Promise<ImagesByKind[K][]>;
  interpolate<K extends ImageKind = 'image'>(request: InterpolateRequest<K>): Promise<ImagesByKind[K][]>;
  arithmetic<K extends ImageKind = 'image'>(request: ArithmeticRequest<K>): Promise<ImagesByKind[K][]>;
  /**
   * What each layer gives for one image, from the smallest up. The first call loads a file of its own. Throws
   * ModelLoadError for a package that was exported without it.
   */
  layers(request: LayersRequest): Promise<LayerActivation[]>;
  /**
   * How real the discriminator takes images to be. The first call loads a file and code of its own. Throws ModelLoadError for
   * a package that was exported without it, TypeError and RangeError for what is no image.
   */
  discriminate(request: DiscriminateRequest): Promise<Opinion[]>;
  /**
   * Fills a hole, removes noise or colours a grey picture. The first call loads a file and code of its own. Throws
   * ModelLoadError for a package that was exported without it, TypeError and RangeError for what makes no sense.
   */
  restore(request: RestoreRequest): Promise<Restored>;
  /**
   * Gives a picture an attribute, or takes it, by moving its latent. The first call loads a file and code of its own. Throws
   * ModelLoadError for a package that was exported without it, RangeError for attributes that it does not know.
   */
  steer(request: SteerRequest): Promise<Steered>;
  /**
   * Pictures of a style-based generator, whose layers have the styles of several latents, nearer to the mean style where asked
   * for. The first call loads two files and code of its own. Throws RangeError for a model without styles and for layers that are
   * not there.
   */
  mixStyles<K extends MixedKind = 'image'>(request: MixStylesRequest<K>): Promise<ImagesByKind[K][]>;
  /** Frees what it holds in the worker; what is at work is rejected. */
  dispose(): void;
}
