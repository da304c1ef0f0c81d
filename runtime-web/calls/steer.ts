// The steer() call, page side: moves an image's latent, update by update, until a classifier predicts the wanted attributes, while its
// other predictions are preserved.
import type { LatentSource } from '../format/latents.ts';
import { toImageData } from '../pictures.ts';
import type { LatentState } from '../worker/calls/latent-state.ts';
import type { CallContext } from './call-context.ts';

/** The image to steer, and where to. */
export interface SteerRequest {
  readonly source: LatentSource;
  /** Attributes by their names in `model.steering`: 1 adds one, -1 removes it; all others are preserved. */
  readonly push: Readonly<Record<string, 1 | -1>>;
  /** Number of updates. Default 60. */
  readonly steps?: number;
  /** Learning rate. Default 0.05. */
  readonly rate?: number;
  /** Weight of the penalty on changes of all other attributes; 0 disables it. Default 1. */
  readonly hold?: number;
  /** Stops before the next update. */
  readonly signal?: AbortSignal | undefined;
  /** Called after every update; the next update waits for the returned promise. */
  readonly onStep?: ((step: SteerStep) => void | Promise<void>) | undefined;
}

/** Progress of steering. */
export interface SteerStep {
  /** Updates so far. */
  readonly step: number;
  readonly steps: number;
  readonly image: ImageData;
  /** The classifier's predictions by attribute: probabilities, or values from -1 to 1. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** The result of steering. */
export interface Steered extends Pick<SteerStep, 'image' | 'verdicts'> {
  /** The image's latent, for `generate({ z: [z] })`. */
  readonly z: Float32Array<ArrayBuffer>;
  /** The classifier's predictions for the original image. */
  readonly before: Readonly<Record<string, number>>;
}

/** Steers an image. Throws RangeError for unknown attributes and invalid numbers, ModelLoadError, the signal's reason. */
export const steer =
  ({ model, signal, latentOf, load, ask }: CallContext) =>
  async (request: SteerRequest): Promise<Steered> => {
    const { source, push: asked, steps = 60, rate = 0.05, hold = 1, onStep } = request;
    const attributes = model.steering ?? [];
    // Without the file this throws ModelLoadError, which names the flag that adds it.
    if (attributes.length === 0) await load('steering');
    if (!Number.isInteger(steps) || steps < 1 || steps > 100_000) {
      throw new RangeError(`steps: got ${steps}, expected a whole number from 1 to 100000`);
    }
    for (const [name, value] of Object.entries({ rate, hold })) {
      if (!(Number.isFinite(value) && value >= 0))
        throw new RangeError(`${name}: got ${value}, expected a number from 0`);
    }
    const push = new Float32Array(attributes.length);
    for (const [name, sign] of Object.entries(asked)) {
      const index = attributes.findIndex((attribute) => attribute.name === name);
      if (index < 0) {
        const known = attributes.map((attribute) => attribute.name).join(', ');
        throw new RangeError(`push: got ${name}, expected some of ${known}`);
      }
      if (sign !== 1 && sign !== -1)
        throw new RangeError(`push.${name}: got ${String(sign)}, expected 1 or -1`);
      push[index] = sign;
    }
    if (push.every((sign) => sign === 0))
      throw new RangeError('push: names no attribute, so there is nothing to do');
    const predictionsOf = (raw: Float32Array): Record<string, number> =>
      Object.fromEntries(
        attributes.map(({ name, kind }, i) => [
          name,
          kind === 'binary' ? 1 / (1 + Math.exp(-raw[i]!)) : raw[i]!,
        ]),
      );
    const z = latentOf(source);
    let latents: LatentState = { z, first: new Float32Array(z.length), second: new Float32Array(z.length) };
    let start = new Float32Array(attributes.length);
    // The first and the last step have a learning rate of 0: they only measure the start and the end.
    for (let update = 0; ; update++) {
      signal.throwIfAborted();
      const isLast = update > steps;
      const given = { latents, push, start, hold, update: Math.max(1, update) };
      const isMeasured = update === 0 || isLast;
      const result = await ask('steering', 'steerStep', { ...given, rate: isMeasured ? 0 : rate });
      if (update === 0) {
        start = result.verdicts;
        continue;
      }
      const image = toImageData(result.image, model);
      const verdicts = predictionsOf(result.verdicts);
      if (result.verdicts.some(Number.isNaN))
        throw new Error('the predictions are NaN; export the model again');
      await onStep?.({ step: update - 1, steps, image, verdicts });
      if (isLast) return { image, verdicts, before: predictionsOf(start), z: latents.z };
      latents = result.latents;
    }
  };
