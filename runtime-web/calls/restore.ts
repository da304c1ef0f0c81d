// The restore() call, page side: fills holes, removes noise or colours grey images. Each update of the latents is one call to the
// worker, so a page can show the progress and stop at any time.
import type { Model } from '../format/model.ts';
import { pixelWeights, type Degraded } from '../format/restoring/finish.ts';
import {
  rateAt,
  restoringTasks,
  termWeights,
  usualRealism,
  usualRate,
  type RestoringTask,
} from '../format/restoring/task.ts';
import { floatsOf, luma, maskOf, toImageData, type MaskSource, type PictureSource } from '../pictures.ts';
import type { LatentState } from '../worker/calls/latent-state.ts';
import type { CallContext, WorkerCallRequest } from './call-context.ts';

/** The image to restore, and the settings. */
export interface RestoreRequest {
  /**
   * An image of any size, cropped to the middle in the model's shape and resized; or floats [height, width, channels] in [-1, 1]. A grey model uses its
   * luminance.
   */
  readonly image: PictureSource;
  /**
   * `inpaint` only: the missing area. An image of the same size, white where something is missing (transparent counts as known), or
   * height · width numbers, nonzero where something is missing.
   */
  readonly mask?: MaskSource;
  /** Default: `inpaint`. */
  readonly task?: RestoringTask;
  /** Number of updates. Default 200. */
  readonly steps?: number;
  /** Number of latents optimised in parallel; the best one is the result. Default 2. */
  readonly restarts?: number;
  /** Number of random latents to choose the starting points from. Default 32. */
  readonly candidates?: number;
  /** Weight of the discriminator's term in the loss. Default 0.003. */
  readonly realism?: number;
  /** Seed of the first candidate. Default 0. */
  readonly seed?: number;
  /** Stops before the next update. */
  readonly signal?: AbortSignal | undefined;
  /** Called after every update; the next update waits for the returned promise. */
  readonly onStep?: ((step: RestoreStep) => void | Promise<void>) | undefined;
}

/** Progress of a restoration. */
export interface RestoreStep {
  /** Updates so far. */
  readonly step: number;
  readonly steps: number;
  /** Loss of the best latent. */
  readonly loss: number;
  /** The best latent's image, blended with the known pixels. */
  readonly image: ImageData;
}

/** The result of a restoration. */
export interface Restored {
  /** The generated image, blended with the known pixels. */
  readonly image: ImageData;
  /** The generated image alone. */
  readonly drawn: ImageData;
  /** Both images as floats [height, width, channels] in [-1, 1]. */
  readonly floats: Readonly<Record<'image' | 'drawn', Float32Array<ArrayBuffer>>>;
  /** The latent of the generated image, for `generate({ z: [z] })`. */
  readonly z: Float32Array<ArrayBuffer>;
  readonly loss: number;
}

/** Candidates compared in one call; few, so that an abort takes effect soon. */
const candidateBatch = 8;

/** Restores an image. Throws TypeError and RangeError for an invalid request, Error for a loss of NaN, the signal's reason. */
export const restore =
  ({ model, signal, latentOf, ask }: CallContext) =>
  async (request: RestoreRequest): Promise<Restored> => {
    const { task = 'inpaint', steps = 200, restarts = 2, candidates = 32, seed = 0, onStep } = request;
    const { realism = usualRealism } = request;
    if (!restoringTasks.includes(task)) {
      throw new TypeError(`task: got ${task}, expected ${restoringTasks.join(', ')}`);
    }
    whole('steps', steps, 1, 100_000);
    whole('restarts', restarts, 1, 16);
    whole('candidates', candidates, 1, 10_000);
    if (!Number.isFinite(realism) || realism < 0) {
      throw new RangeError(`realism: got ${realism}, expected a number from 0`);
    }
    const degraded = await degradedOf(model, request, task);
    const weights = pixelWeights(degraded);
    const terms = termWeights(task, realism);
    const { dim } = model.latent;
    const call = (step: WorkerCallRequest<'restoreStep'>) => ask('restoring', 'restoreStep', step);
    const common = { degraded, weights, terms };

    // A step with a learning rate of 0 only measures the losses.
    const found: { readonly z: Float32Array; readonly loss: number }[] = [];
    const count = Math.max(candidates, restarts);
    for (let from = 0; from < count; from += candidateBatch) {
      signal.throwIfAborted();
      const size = Math.min(candidateBatch, count - from);
      const latents = Array.from({ length: size }, (_, i) => latentOf(seed + from + i));
      const { losses } = await call({
        ...common,
        latents: stateOf(latents, dim),
        count: size,
        update: 1,
        rate: 0,
        isShown: false,
      });
      latents.forEach((z, i) => found.push({ z, loss: losses[i]! }));
    }
    found.sort((a, b) => a.loss - b.loss);
    let latents = stateOf(
      found.slice(0, restarts).map(({ z }) => z),
      dim,
    );
    for (let update = 1; ; update++) {
      signal.throwIfAborted();
      const isLast = update > steps;
      const before = latents;
      const result = await call({
        ...common,
        latents,
        count: restarts,
        update,
        rate: isLast ? 0 : rateAt(update, steps, usualRate),
        isShown: isLast || onStep !== undefined,
      });
      const best = result.losses.indexOf(Math.min(...result.losses));
      // Math.min gives NaN if any loss is NaN, and indexOf never finds NaN.
      if (best < 0) throw new Error('the loss is NaN; export the model again');
      latents = result.latents;
      const loss = result.losses[best]!;
      if (onStep !== undefined && result.pictures !== null) {
        const image = toImageData(result.pictures.restored, model);
        await onStep({ step: update - 1, steps, loss, image });
      }
      if (!isLast) continue;
      const { drawn, restored } = result.pictures!;
      return {
        image: toImageData(restored, model),
        drawn: toImageData(drawn, model),
        floats: { image: restored, drawn },
        z: before.z.slice(best * dim, (best + 1) * dim),
        loss,
      };
    }
  };

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name}: got ${value}, expected a whole number from ${min} to ${max}`);
  }
}

function stateOf(latents: readonly Float32Array[], dim: number): LatentState {
  const z = new Float32Array(latents.length * dim);
  latents.forEach((latent, i) => z.set(latent, i * dim));
  return { z, first: new Float32Array(z.length), second: new Float32Array(z.length) };
}

/** The request's image and mask, checked and resized to the model's size. */
async function degradedOf(
  model: Model,
  { image, mask }: RestoreRequest,
  task: RestoringTask,
): Promise<Degraded> {
  const { width, height, channels } = model;
  const shape = { width, height, channels };
  if (task === 'colourise' && channels !== 3) {
    const kind = channels === 1 ? 'grey' : 'transparent';
    throw new RangeError(`task: got colourise, and the pictures of this model are ${kind}`);
  }
  if (task !== 'inpaint' && mask !== undefined) {
    throw new TypeError(`mask: has no meaning with the task ${task}`);
  }
  const picture = await floatsOf(image, shape);
  if (task !== 'inpaint') {
    const grey = (): Float32Array<ArrayBuffer> =>
      picture.map((_, i) => luma(picture.subarray(i - (i % 3), i - (i % 3) + 3)));
    return { task, picture: task === 'colourise' ? grey() : picture, mask: null, ...shape };
  }
  if (mask === undefined) throw new TypeError('mask: got none, and nothing is missing without one');
  const missing = await maskOf(mask, shape);
  const count = missing.reduce((sum, value) => sum + value, 0);
  if (count === 0) throw new RangeError('mask: nothing is masked, so there is nothing to fill in');
  if (count === missing.length) {
    throw new RangeError('mask: everything is masked, so nothing is known of the picture');
  }
  // Pixels under the mask are ignored.
  const known = picture.map((value, i) => (missing[Math.floor(i / channels)]! > 0 ? 0 : value));
  return { task, picture: known, mask: missing, ...shape };
}
