// Steering in a page: a picture's latent is moved, one update after another, until a classifier sees in it what was asked for,
// while what else it sees is held. A chunk of its own, loaded when a page steers for the first time.
import type { LatentSource } from '../format/latents.ts';
import { toImageData } from '../pictures.ts';
import type { LatentState } from '../protocol.ts';
import type { Surroundings } from './call-context.ts';

/** What to steer, and where. */
export interface SteerRequest {
  readonly source: LatentSource;
  /** By the names of `model.steering`: 1 gives an attribute, -1 takes it; what is not named is held. */
  readonly push: Readonly<Record<string, 1 | -1>>;
  /** Updates. Default 60. */
  readonly steps?: number;
  /** How far an update goes. Default 0.05. */
  readonly rate?: number;
  /** How much everything else is held; 0 not at all. Default 1. */
  readonly hold?: number;
  /** Stops it before the next update. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of every update; the next one waits for what it returns. */
  readonly onStep?: ((step: SteerStep) => void | Promise<void>) | undefined;
}

/** How far it is. */
export interface SteerStep {
  /** Updates so far. */
  readonly step: number;
  readonly steps: number;
  readonly image: ImageData;
  /** What the classifier sees, by attribute: probabilities, or values from -1 to 1. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** Where it got. */
export interface Steered extends Pick<SteerStep, 'image' | 'verdicts'> {
  /** What draws it: for `generate({ z: [z] })`. */
  readonly z: Float32Array<ArrayBuffer>;
  /** What the classifier saw before. */
  readonly before: Readonly<Record<string, number>>;
}

/** Steers a picture. Throws RangeError for attributes or numbers that make no sense, ModelLoadError, the signal's reason. */
export async function steer(
  request: SteerRequest,
  { model, signal, latentOf, load, ask }: Surroundings,
): Promise<Steered> {
  const { source, push: asked, steps = 60, rate = 0.05, hold = 1, onStep } = request;
  const attributes = model.steering ?? [];
  // A package without the file is refused by the worker, with the command that adds it.
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
  const verdictsOf = (raw: Float32Array): Record<string, number> =>
    Object.fromEntries(
      attributes.map(({ name, kind }, i) => [
        name,
        kind === 'binary' ? 1 / (1 + Math.exp(-raw[i]!)) : raw[i]!,
      ]),
    );
  const z = latentOf(source);
  let latents: LatentState = { z, first: new Float32Array(z.length), second: new Float32Array(z.length) };
  let start = new Float32Array(attributes.length);
  // At a rate of nothing the step only tells what it sees: first of the start, last of the end.
  for (let update = 0; ; update++) {
    signal.throwIfAborted();
    const isLast = update > steps;
    const given = { latents, push, start, hold, update: Math.max(1, update) };
    const isSeen = update === 0 || isLast;
    const result = await ask('steering', 'steerStep', { ...given, rate: isSeen ? 0 : rate });
    if (update === 0) {
      start = result.verdicts;
      continue;
    }
    const image = toImageData(result.image, model);
    const verdicts = verdictsOf(result.verdicts);
    if (result.verdicts.some(Number.isNaN))
      throw new Error('the verdicts are no numbers: is the model what it should be?');
    await onStep?.({ step: update - 1, steps, image, verdicts });
    if (isLast) return { image, verdicts, before: verdictsOf(start), z: latents.z };
    latents = result.latents;
  }
}
