// Finds latents whose images match given ones. Each target has several restarts, which start at the best of many random latents. All
// are optimised in batches; the result is the latent with the smallest loss.
import { type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import { rateAt, type TermWeights } from '../../runtime-web/format/restoring/task.ts';
import type { Engine, NamedTensors, StateFunction } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { slotNames } from '../training/state.ts';
import type { HostTensor, TensorSpec } from '../graph/trace/graph.ts';
import { restoringLoss } from './restoring-loss.ts';
import { restoringStep, type RestoringNetworks, type StepInputs } from './restoring-step.ts';
import { held } from '../held.ts';

/** An image to match, with a weight per pixel. */
export interface RestoringTarget {
  /** [height, width, channels] in [-1, 1] */
  readonly picture: Float32Array;
  /** [height, width], non-negative, not all 0. */
  readonly weights: Float32Array;
}

/** Options of {@link restoreLatents}. */
export interface RestoreOptions extends ImageShape {
  /** The networks' parameters become its state. */
  readonly engine: Engine;
  readonly networks: RestoringNetworks;
  readonly latentDim: number;
  readonly targets: readonly RestoringTarget[];
  readonly terms: TermWeights;
  readonly updates: number;
  readonly rate: number;
  /** Number of latents that are optimised per target. */
  readonly restarts: number;
  /** Number of random latents from which the starts of all targets are chosen. */
  readonly candidates: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The result for one target. */
export interface RestoredLatent {
  readonly z: Float32Array;
  /** The image of z, [height, width, channels] in [-1, 1]. */
  readonly picture: Float32Array;
  readonly loss: number;
  /** The losses of all restarts, including the best. */
  readonly losses: readonly number[];
}

/** Maximum number of latents in a batch. */
const batchSize = 64;
/** Number of candidates generated and compared at once. */
const candidateBatch = 64;

const names = { z: 'restoring/z', target: 'restoring/target', weights: 'restoring/weights' } as const;
const termNames = ['colour', 'luminance', 'realism', 'typical'] as const;
const scalar: TensorSpec = { shape: [], dtype: 'float32' };

/** Specs of the terms' weights as inputs. */
const termSpecs = Object.fromEntries(termNames.map((name) => [name, scalar]));

const float = (shape: readonly number[], data: Float32Array): HostTensor => ({
  shape,
  dtype: 'float32',
  data,
});
const number = (value: number): HostTensor => float([], Float32Array.of(value));
const termInputs = (terms: TermWeights): Readonly<Record<string, HostTensor>> =>
  Object.fromEntries(termNames.map((name) => [name, number(terms[name])]));

/** Finds a latent for each target, in order. Throws UserError if no loss of a target is finite; the signal's reason when aborted. */
export async function restoreLatents(options: RestoreOptions): Promise<RestoredLatent[]> {
  const { engine, networks, targets, restarts, updates, rate, signal, onProgress } = options;
  const { width, height, channels, latentDim: dim } = options;
  await engine.writeState({ ...networks.generator.parameters, ...networks.discriminator.parameters });
  const starts = await chooseStarts(options);

  // The last batch is padded with copies of its last target.
  const together = Math.max(1, Math.min(targets.length, Math.floor(batchSize / restarts)));
  const rows = together * restarts;
  const places = height * width;
  const length = places * channels;
  const step: StateFunction = (state, inputs) => {
    const next = restoringStep(networks, state, stepInputs(state, inputs));
    return {
      state: {
        [names.z]: next.z,
        [slotNames.first(names.z)]: next.first,
        [slotNames.second(names.z)]: next.second,
      },
      outputs: { loss: next.loss, images: next.images },
    };
  };
  const found: RestoredLatent[] = [];
  const batches = Math.ceil(targets.length / together);
  const zeros = (): HostTensor => float([rows, dim], new Float32Array(rows * dim));
  const terms = termInputs(options.terms);
  let compiled: Awaited<ReturnType<Engine['compile']>> | null = null;
  try {
    for (let batch = 0; batch < batches; batch++) {
      const z = new Float32Array(rows * dim);
      const pictures = new Float32Array(rows * length);
      const weights = new Float32Array(rows * places);
      for (let row = 0; row < rows; row++) {
        const index = Math.min(targets.length - 1, batch * together + Math.floor(row / restarts));
        z.set(starts[index]![row % restarts]!, row * dim);
        pictures.set(targets[index]!.picture, row * length);
        weights.set(targets[index]!.weights, row * places);
      }
      await engine.writeState({
        [names.z]: float([rows, dim], z),
        [slotNames.first(names.z)]: zeros(),
        [slotNames.second(names.z)]: zeros(),
        [names.target]: float([rows, height, width, channels], pictures),
        [names.weights]: float([rows, height, width, 1], weights),
      });
      compiled ??= await engine.compile(step, { update: scalar, rate: scalar, ...termSpecs });
      for (let update = 1; update <= updates; update++) {
        signal.throwIfAborted();
        const given = { update: number(update), rate: number(rateAt(update, updates, rate)), ...terms };
        await compiled.run(given, { fetch: [] });
        onProgress?.(batch * updates + update, batches * updates);
      }
      // A final run at rate 0 returns the images and losses of the latents found.
      const latents = (await engine.readState([names.z]))[names.z]!.data;
      const last = { update: number(updates + 1), rate: number(0), ...terms };
      const { loss, images } = await compiled.run(last);
      for (let i = 0; i < together && batch * together + i < targets.length; i++) {
        const losses = Array.from(loss!.data.slice(i * restarts, (i + 1) * restarts));
        const best = indexOfMin(losses);
        const row = i * restarts + best;
        found.push({
          z: Float32Array.from(latents.slice(row * dim, (row + 1) * dim)),
          picture: Float32Array.from(images!.data.slice(row * length, (row + 1) * length)),
          loss: losses[best]!,
          losses,
        });
      }
    }
  } finally {
    await compiled?.dispose();
  }
  return found;
}

/** The step's tensors, from state and inputs. */
function stepInputs(state: NamedTensors, inputs: NamedTensors): StepInputs {
  return {
    z: state[names.z]!,
    first: state[slotNames.first(names.z)]!,
    second: state[slotNames.second(names.z)]!,
    target: state[names.target]!,
    weights: state[names.weights]!,
    update: inputs['update']!,
    rate: inputs['rate']!,
    terms: termsOf(inputs),
  };
}

const termsOf = (inputs: NamedTensors): StepInputs['terms'] => ({
  colour: inputs['colour']!,
  luminance: inputs['luminance']!,
  realism: inputs['realism']!,
  typical: inputs['typical']!,
});

/** The index of the smallest loss. Throws UserError if none is finite. */
function indexOfMin(losses: readonly number[]): number {
  const min = Math.min(...losses.filter(Number.isFinite));
  const place = losses.indexOf(min);
  if (place >= 0) return place;
  throw new UserError('the loss is not finite: give a smaller --rate, or an earlier --checkpoint');
}

/** For each target, the latents of the candidates with the smallest losses, best first. */
async function chooseStarts(options: RestoreOptions): Promise<Float32Array[][]> {
  const { engine, networks, targets, restarts, random, signal } = options;
  const { width, height, channels, latentDim: dim } = options;
  const batches = Math.ceil(Math.max(options.candidates, restarts) / candidateBatch);
  const specs = {
    z: { shape: [candidateBatch, dim], dtype: 'float32' },
    images: { shape: [candidateBatch, height, width, channels], dtype: 'float32' },
    logits: { shape: [candidateBatch], dtype: 'float32' },
    target: { shape: [1, height, width, channels], dtype: 'float32' },
    weights: { shape: [1, height, width, 1], dtype: 'float32' },
  } as const;
  const drawing: StateFunction = (state, inputs) => {
    const images = networks.generator.generate(state, inputs['z']!);
    return { outputs: { images, logits: networks.discriminator.layers(state, images)['logits']! } };
  };
  const comparing: StateFunction = (_, inputs) => ({
    outputs: {
      loss: restoringLoss(
        {
          z: inputs['z']!,
          images: inputs['images']!,
          logits: inputs['logits']!,
          target: inputs['target']!,
          weights: inputs['weights']!,
          terms: termsOf(inputs),
        },
        networks.distribution,
      ),
    },
  });
  const terms = termInputs(options.terms);
  await using draw = held(await engine.compile(drawing, { z: specs.z }));
  await using compare = held(await engine.compile(comparing, { ...specs, ...termSpecs }));
  const near: { readonly z: Float32Array; readonly loss: number }[][] = targets.map(() => []);
  for (let batch = 0; batch < batches; batch++) {
    const z = random.fillLatent(new Float32Array(candidateBatch * dim), networks.distribution);
    const candidates = { ...specs.z, data: z };
    const { images, logits } = await draw.run({ z: candidates });
    for (const [t, { picture, weights }] of targets.entries()) {
      signal.throwIfAborted();
      const { loss } = await compare.run({
        z: candidates,
        images: images!,
        logits: logits!,
        target: { ...specs.target, data: picture },
        weights: { ...specs.weights, data: weights },
        ...terms,
      });
      for (let i = 0; i < candidateBatch; i++) {
        near[t]!.push({ z: z.subarray(i * dim, (i + 1) * dim), loss: loss!.data[i]! });
      }
      near[t] = near[t]!.sort((a, b) => a.loss - b.loss).slice(0, restarts);
    }
  }
  return near.map((list) => list.map(({ z }) => z));
}
