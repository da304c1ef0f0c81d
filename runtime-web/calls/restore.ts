// Restoring in a page: holes are filled, noise is removed, grey pictures are coloured, one update after another, each of them a
// call to the worker, so that a page can watch and stop. A chunk of its own, loaded when a page restores for the first time.
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
import type { LatentState, RestoreStepRequest, RestoreStepResult } from '../protocol.ts';
import type { Surroundings } from './call-context.ts';

/** What to restore, and how. */
export interface RestoreRequest {
  /**
   * Of any size: cut to its middle and brought to the model's; or floats [size, size, channels] in [-1, 1]. Of a grey model it
   * is the luminance.
   */
  readonly image: PictureSource;
  /**
   * Of `inpaint`: what is missing. A picture of the same size, white there (what is transparent is known), or size · size
   * numbers that are not 0 there.
   */
  readonly mask?: MaskSource;
  /** Default: `inpaint`. */
  readonly task?: RestoringTask;
  /** Updates. Default 200. */
  readonly steps?: number;
  /** Latents that are moved at once, the best of which is taken. Default 2. */
  readonly restarts?: number;
  /** Drawn pictures that the latents to start from are chosen among. Default 32. */
  readonly candidates?: number;
  /** How much the discriminator's word counts. Default 0.003. */
  readonly realism?: number;
  /** Of the pictures that are drawn to start from. Default 0. */
  readonly seed?: number;
  /** Stops it before the next update. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of every update; the next one waits for what it returns. */
  readonly onStep?: ((step: RestoreStep) => void | Promise<void>) | undefined;
}

/** How far it is. */
export interface RestoreStep {
  /** Updates so far. */
  readonly step: number;
  readonly steps: number;
  /** Of the best latent. */
  readonly loss: number;
  /** Its picture, blended with what is known. */
  readonly image: ImageData;
}

/** What was found. */
export interface Restored {
  /** The generator's picture, blended with what is known. */
  readonly image: ImageData;
  /** The generator's picture alone. */
  readonly drawn: ImageData;
  /** The same as floats [size, size, channels] in [-1, 1]. */
  readonly floats: Readonly<Record<'image' | 'drawn', Float32Array<ArrayBuffer>>>;
  /** What draws it: for `generate({ z: [z] })`. */
  readonly z: Float32Array<ArrayBuffer>;
  readonly loss: number;
}

/** Latents of the candidates that are compared at once: few enough that stopping is soon. */
const candidateBatch = 8;

/**
 * Restores a picture. Throws TypeError and RangeError for what makes no sense, Error where the loss is no number, the
 * signal's reason.
 */
export async function restore(
  request: RestoreRequest,
  { model, signal, latentOf, ask }: Surroundings,
): Promise<Restored> {
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
  const call = (step: Omit<RestoreStepRequest, 'id'>): Promise<RestoreStepResult> =>
    ask('restoring', 'restoreStep', step);
  const common = { degraded, weights, terms };

  // The step at a rate of nothing tells the losses of latents.
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
    // NaN is the least of any list that has one, and in no place of it.
    if (best < 0) throw new Error('the loss is no number: is the model what it should be?');
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
}

function whole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name}: got ${value}, expected a whole number from ${least} to ${most}`);
  }
}

function stateOf(latents: readonly Float32Array[], dim: number): LatentState {
  const z = new Float32Array(latents.length * dim);
  latents.forEach((latent, i) => z.set(latent, i * dim));
  return { z, first: new Float32Array(z.length), second: new Float32Array(z.length) };
}

/** The request's picture and mask, checked and at the model's size. */
async function degradedOf(
  { imageSize: side, channels }: Model,
  { image, mask }: RestoreRequest,
  task: RestoringTask,
): Promise<Degraded> {
  if (task === 'colourise' && channels === 1) {
    throw new RangeError('task: got colourise, and the pictures of this model are grey');
  }
  if (task !== 'inpaint' && mask !== undefined) {
    throw new TypeError(`mask: has no meaning with the task ${task}`);
  }
  const picture = await floatsOf(image, side, channels);
  if (task !== 'inpaint') {
    const grey = (): Float32Array<ArrayBuffer> =>
      picture.map((_, i) => luma(picture.subarray(i - (i % 3), i - (i % 3) + 3)));
    return { task, picture: task === 'colourise' ? grey() : picture, mask: null, side, channels };
  }
  if (mask === undefined) throw new TypeError('mask: got none, and nothing is missing without one');
  const missing = await maskOf(mask, side);
  const count = missing.reduce((sum, value) => sum + value, 0);
  if (count === 0) throw new RangeError('mask: nothing is masked, so there is nothing to fill in');
  if (count === missing.length) {
    throw new RangeError('mask: everything is masked, so nothing is known of the picture');
  }
  // What lies under the mask is not looked at.
  const known = picture.map((value, i) => (missing[Math.floor(i / channels)]! > 0 ? 0 : value));
  return { task, picture: known, mask: missing, side, channels };
}
