// One training step: updates of D, then one of G (Goodfellow 2014, algorithm 1, with Adam as in the DCGAN paper's section 4).
// Both are pure functions of state and inputs; random numbers are inputs. Methods differ only in the options: the two networks,
// the objective, the penalties, and the number of unrolled updates.
import * as tf from '@tensorflow/tfjs-core';
import { adam, type AdamSettings } from './adam.ts';
import { slotNames } from './state.ts';
import type { NamedTensors, StateFunction } from '../engine/engine.ts';
import { nextVectors, spectrallyNormalised, vectorName } from '../networks/spectral-norm.ts';
import { below, named } from '../networks/state.ts';
import { flatnessPenalty, gradientPenalty } from '../objectives/gradient-penalty.ts';
import type { Objective } from '../objectives/objective.ts';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';

/** D's output for a batch of images. */
export interface DiscriminatorOutput {
  /** [b], positive for real. */
  readonly logits: tf.Tensor;
  /** Q's predictions of the images' codes, [b, columns]; null without Q. */
  readonly codes: tf.Tensor | null;
}

/** The two networks and the method. */
export interface StepOptions {
  /** The step's inputs → images. */
  readonly generate: (parameters: NamedTensors, inputs: NamedTensors) => tf.Tensor;
  /** The step's inputs → real images at the resolution of training. Default: `real`. */
  readonly realImages?: (inputs: NamedTensors) => tf.Tensor;
  /**
   * D and Q: images, their labels, attributes or numbers (null: none), the pass's own random tensors and the step's inputs → logits and predicted
   * codes. With `isJoined` the batch of images, labels and random tensors is twice as long.
   */
  readonly discriminate: (
    parameters: NamedTensors,
    images: tf.Tensor,
    labels: tf.Tensor | null,
    noise: NamedTensors,
    inputs: NamedTensors,
  ) => DiscriminatorOutput;
  /** Non-trained state entries that each step sets, e.g. the current resolution and fade-in factor. Default: none. */
  readonly bookkeeping?: (inputs: NamedTensors) => NamedTensors;
  /** Names of the parameters that the passes take. Default: all parameters of each network in the state. */
  readonly trained?: { readonly generator: readonly string[]; readonly discriminator: readonly string[] };
  /** Names of D's parameters among them that no update changes (FreezeD, Mo 2020). Default: none. */
  readonly frozen?: readonly string[];
  readonly objective: Objective;
  /** Loss of Q's predictions of the generator's input codes, both [b, columns]. */
  readonly information?: ((predicted: tf.Tensor, actual: tf.Tensor) => tf.Scalar) | null;
  /** D sees real and fake images in one batch. */
  readonly isJoined: boolean;
  /** Weight of the R1 penalty, on the gradient at real images. Default 0: none. */
  readonly r1?: number;
  /** Weight of the R2 penalty, on the gradient at generated images. Default 0: none. */
  readonly r2?: number;
  /**
   * A penalty of G's own, added to the loss that its gradient is of, with the state entries that it sets, such as a running mean: takes
   * G's parameters, the state and the step's inputs. Only in whole batches. Default: none.
   */
  readonly penaltyOfG?: PenaltyOfG | null;
  /** Clips D's parameters to [-clip, clip]. Default 0: no clipping. */
  readonly clip?: number;
  /** Number of unrolled updates of D that G's gradient passes through (Metz 2017). Default 0. */
  readonly unroll?: number;
  /** The weights of R1 and R2 are multiplied by the scalar input `penaltyFactor`. Default false. */
  readonly hasPenaltyFactor?: boolean;
  readonly beta1: number;
  /** Null if it is the scalar input `beta2`. */
  readonly beta2: number | null;
  /** The state holds averaged generator weights. */
  readonly hasAverage: boolean;
  /** Outputs `dSign` too. Default false. */
  readonly hasSign?: boolean;
  /** Number of parts of a batch that {@link TrainingStep.passes} sum over. Default 1. */
  readonly parts?: number;
}

/** See {@link StepOptions.penaltyOfG}. */
export type PenaltyOfG = (
  parameters: NamedTensors,
  state: NamedTensors,
  inputs: NamedTensors,
) => { readonly penalty: tf.Tensor; readonly next: NamedTensors };

/** The passes of D with random tensors of their own, `noise/PASS/…`: dropout masks and augmentation. */
export const noisyPasses = ['real', 'fake', 'generator'] as const;
/** One of {@link noisyPasses}. */
export type NoisyPass = (typeof noisyPasses)[number];

/** The two kinds of update of one state. */
export interface TrainingStep {
  /** One update of D alone, for methods that update D several times before each update of G. */
  readonly critic: StateFunction;
  /** One update of D, then one of G. */
  readonly step: StateFunction;
  /** Output `slopes`: the gradient of G's loss, by the state's D (unrolled, if the step is), at the images that `generate` returns. */
  readonly slopes: StateFunction;
  /** The same updates in passes over the parts of a batch. */
  readonly passes: {
    /** Adds a share of D's gradient to the sums in the state. Outputs `dLoss`, `dReal` and `dFake`. */
    readonly sumD: StateFunction;
    /** Updates D by its sums and sets them to zero. */
    readonly updateD: StateFunction;
    /** Adds a share of G's gradient, through the updated D. Outputs `gLoss`. */
    readonly sumG: StateFunction;
    /** Updates G by its sums, sets them to zero, and updates the averages. */
    readonly updateG: StateFunction;
  };
}

/**
 * Makes the updates. A frozen parameter has no gradient and no Adam, so a step is the cheaper. A parameter whose vector is in the state
 * (`vectorName`) has spectral norm: every pass divides it by σ, and each update of its network, frozen layers included, stores one power
 * iteration of the vector.
 *
 * Inputs of both: `real` [b, h, w, c] in [-1, 1], `z` [b, latent], `labels` [b, classes], or `codes` or `condition` [b, columns] for conditional
 * networks, the scalars `criticRate` and `criticUpdate` (D's learning rate, and its count of updates, 1 for the first),
 * `noise/PASS/…` for D's passes, `mix` [b, 1, 1, 1] for a gradient penalty, and the scalars `beta2` and `penaltyFactor` where these vary. `step` also takes the scalars `learningRate` and
 * `update` (G's) and, with averaged weights, `averageDecay`.
 *
 * Outputs of `step`, all scalars: `dLoss`, `gLoss`, and D's mean outputs for real and for generated images, `dReal` and
 * `dFake`: probabilities or scores, depending on the objective's `logit`. With `hasSign` also `dSign`, the mean sign of D's output for
 * real images, from the objective's `boundary` (Karras 2020, section 3.1). Of a paired objective it is the sign of the difference
 * from the generated image's, which R3GAN's training/loss.py reports in its place.
 *
 * The passes need the entries `slotNames.sum(NAME)` in the state, zero before the first pass. With the mean of N parts of equal size
 * (`parts` = N) they equal the whole batch up to rounding, unless a layer takes statistics of its batch.
 */
export function trainingStep(options: StepOptions): TrainingStep {
  const { generate, objective, information = null, isJoined } = options;
  const { realImages = (inputs) => inputs['real']!, bookkeeping = () => ({}) } = options;
  const { penaltyWeight = 0, isPaired = false, boundary = 0 } = objective;
  const {
    r1 = 0,
    r2 = 0,
    clip = 0,
    unroll = 0,
    beta1,
    hasPenaltyFactor = false,
    hasAverage,
    frozen = [],
    parts = 1,
    hasSign = false,
    penaltyOfG = null,
  } = options;
  if (penaltyOfG !== null && parts > 1)
    throw new RangeError(`parts: got ${parts} with a penalty of G, expected 1`);
  const beta2Of = (inputs: NamedTensors): number | tf.Tensor => options.beta2 ?? inputs['beta2']!;

  /** A network's parameters, and the vectors of those that have spectral norm. */
  const parametersOf = (state: NamedTensors, network: 'generator' | 'discriminator'): NamedTensors => {
    const names = options.trained?.[network] ?? Object.keys(named(state, `${network}/`));
    return {
      ...Object.fromEntries(names.map((name) => [name, state[name]!])),
      ...named(state, vectorName(`${network}/`)),
    };
  };

  /** Computations that both updates share. */
  const begin = (state: NamedTensors, inputs: NamedTensors) => {
    const discriminate = (
      D: NamedTensors,
      images: tf.Tensor,
      given: tf.Tensor | null,
      noise: NamedTensors,
    ): DiscriminatorOutput => options.discriminate(spectrallyNormalised(D), images, given, noise, inputs);
    const real = realImages(inputs);
    const labels = inputs['labels'] ?? inputs['condition'] ?? null;
    const codes = inputs['codes'] ?? null;
    const noiseOf = (pass: NoisyPass): NamedTensors => below(inputs, `noise/${pass}/`);
    const G = parametersOf(state, 'generator');
    // G's forward pass is computed once. D's update takes its images as constants. G's update differentiates the loss through D
    // to the images, then propagates that gradient through G.
    const fakeImages = (): tf.Tensor => generate(spectrallyNormalised(G), inputs);
    const fake = fakeImages(); // [b, h, w, c]

    const discriminateBoth = (
      D: NamedTensors,
      images: tf.Tensor,
      pass: 'fake' | 'generator' = 'fake',
    ): readonly [DiscriminatorOutput, DiscriminatorOutput] => {
      const [forReal, forFake] = [noiseOf('real'), noiseOf(pass)];
      if (!isJoined)
        return [discriminate(D, real, labels, forReal), discriminate(D, images, labels, forFake)];
      const noise = mapValues(forReal, (tensor, name) => tf.concat([tensor, forFake[name]!]));
      const twice = labels && tf.concat([labels, labels]);
      const both = discriminate(D, tf.concat([real, images]), twice, noise);
      const [a, b] = tf.split(both.logits, 2) as [tf.Tensor, tf.Tensor];
      const predictions = both.codes && tf.split(both.codes, 2);
      return [
        { logits: a, codes: predictions && predictions[0]! },
        { logits: b, codes: predictions && predictions[1]! },
      ];
    };
    /** D's loss for these parameters and fake images. */
    const lossOfD = (D: NamedTensors, images: tf.Tensor): tf.Tensor => {
      const [ofReal, ofFake] = discriminateBoth(D, images);
      let loss: tf.Tensor = objective.discriminatorLoss(ofReal.logits, ofFake.logits);
      if (information !== null) loss = tf.add(loss, information(ofFake.codes!, codes!));
      const logitsIn =
        (pass: NoisyPass) =>
        (some: tf.Tensor): tf.Tensor =>
          discriminate(D, some, labels, noiseOf(pass)).logits;
      if (penaltyWeight > 0) {
        const penalty = gradientPenalty(logitsIn('real'), real, images, inputs['mix']!);
        loss = tf.add(loss, tf.mul(penaltyWeight, penalty));
      }
      const weighted = (weight: number, penalty: tf.Tensor): tf.Tensor =>
        tf.mul(hasPenaltyFactor ? tf.mul(inputs['penaltyFactor']!, weight) : weight, penalty);
      if (r1 > 0) loss = tf.add(loss, weighted(r1, flatnessPenalty(logitsIn('real'), real)));
      if (r2 > 0) loss = tf.add(loss, weighted(r2, flatnessPenalty(logitsIn('fake'), images)));
      return loss;
    };
    /** D's loss and the gradient of each parameter that is not frozen. */
    const gradientsOfD = (from: NamedTensors) => {
      const D = parametersOf(from, 'discriminator');
      const changing = updatable(D);
      const { value, gradients } = valueAndGradients(() => lossOfD(D, fake), Object.values(changing));
      return { value, gradients: byName(changing, gradients) };
    };
    /** One update of D: its loss, and its next state entries. With `isDifferentiated`, G's gradient can pass through it. */
    const updateD = (from: NamedTensors, update: tf.Tensor, isDifferentiated = false) => {
      const { value, gradients } = gradientsOfD(from);
      return { value, next: applyToD(from, gradients, inputs, { update, isDifferentiated }) };
    };
    /** G's loss without its own penalty, with D as `ahead` leaves it, and its gradient at the generated images. */
    const slopesOfG = (ahead: NamedTensors) => {
      const lossOfG = (): tf.Tensor => {
        // Unrolled (Metz 2017): D is updated `unroll` more times on the same images, and G's gradient passes through them.
        let unrolled = ahead;
        for (let k = 1; k <= unroll; k++) {
          const { next } = updateD(unrolled, tf.add(inputs['criticUpdate']!, k), true);
          unrolled = { ...unrolled, ...next };
        }
        const D = parametersOf(unrolled, 'discriminator');
        const [ofReal, output] = isPaired
          ? discriminateBoth(D, fake, 'generator')
          : [
              unroll > 0 ? discriminate(D, real, labels, noiseOf('real')) : null,
              discriminate(D, fake, labels, noiseOf('generator')),
            ];
        const loss = objective.generatorLoss(output.logits, ofReal && ofReal.logits);
        return information === null ? loss : tf.add(loss, information(output.codes!, codes!));
      };
      const { value, gradients } = valueAndGradients(lossOfG, [fake]);
      return { value, slopes: gradients[0]! };
    };
    /** The same loss, the gradient of each parameter of G, its penalty's included, and what the penalty sets. */
    const gradientsOfG = (ahead: NamedTensors) => {
      const { value, slopes } = slopesOfG(ahead);
      const changing = updatable(G);
      const parameters = Object.values(changing);
      const backward = valueAndGradients(fakeImages, parameters, slopes);
      if (penaltyOfG === null) return { value, gradients: byName(changing, backward.gradients), next: {} };
      const own = valueAndGradients(() => penaltyOfG(G, state, inputs).penalty, parameters);
      const sums = backward.gradients.map((gradient, i) => tf.add(gradient, own.gradients[i]!));
      // Recorded a second time, outside the gradient, at no cost: identical nodes are shared.
      return { value, gradients: byName(changing, sums), next: penaltyOfG(G, state, inputs).next };
    };
    /** D's mean outputs for real and for generated images, and the mean sign. */
    const meanOutputs = (): NamedTensors => {
      const [ofReal, ofFake] = discriminateBoth(parametersOf(state, 'discriminator'), fake);
      const mean = (logits: tf.Tensor): tf.Tensor =>
        tf.mean(objective.logit === 'probability' ? tf.sigmoid(logits) : logits);
      const outputs = { dReal: mean(ofReal.logits), dFake: mean(ofFake.logits) };
      if (!hasSign) return outputs;
      const above = isPaired ? tf.sub(ofReal.logits, ofFake.logits) : tf.sub(ofReal.logits, boundary ?? 0);
      return { ...outputs, dSign: tf.mean(tf.sign(above)) };
    };
    return { gradientsOfD, updateD, slopesOfG, gradientsOfG, meanOutputs };
  };

  /** The parameters that an update changes. */
  const updatable = (parameters: NamedTensors): NamedTensors =>
    Object.fromEntries(
      Object.entries(parameters).filter(
        ([name]) => !frozen.includes(name) && !name.startsWith(vectorName('')),
      ),
    );

  /** D's next state entries by these gradients. */
  const applyToD = (
    from: NamedTensors,
    gradients: NamedTensors,
    inputs: NamedTensors,
    { update, isDifferentiated = false }: { update: tf.Tensor; isDifferentiated?: boolean },
  ): NamedTensors => {
    const betas = { beta1, beta2: beta2Of(inputs) };
    const settings = { learningRate: inputs['criticRate']!, update, ...betas, isDifferentiated };
    const next = updated(from, parametersIn(from, gradients), Object.values(gradients), settings);
    return { ...clipped(next, clip), ...nextVectors(parametersOf(from, 'discriminator')) };
  };
  /** G's next state entries by these gradients, with the averages and the bookkeeping. */
  const applyToG = (state: NamedTensors, gradients: NamedTensors, inputs: NamedTensors): NamedTensors => {
    const betas = { beta1, beta2: beta2Of(inputs) };
    const settings = { learningRate: inputs['learningRate']!, update: inputs['update']!, ...betas };
    const G = parametersIn(state, gradients);
    const next = updated(state, G, Object.values(gradients), settings);
    const averages = hasAverage ? averaged(state, next, G, inputs['averageDecay']!) : {};
    const vectors = nextVectors(parametersOf(state, 'generator'));
    return { ...next, ...averages, ...vectors, ...bookkeeping(inputs) };
  };

  /** The sums in the state with a share of these gradients added. */
  const added = (state: NamedTensors, gradients: NamedTensors): NamedTensors =>
    mapEntries(gradients, (gradient, name) => [
      slotNames.sum(name),
      tf.add(state[slotNames.sum(name)]!, tf.div(gradient, parts)),
    ]);
  const sumsOf = (state: NamedTensors, parameters: NamedTensors): NamedTensors =>
    mapEntries(parameters, (_, name) => [name, state[slotNames.sum(name)]!]);
  const zeros = (parameters: NamedTensors): NamedTensors =>
    mapEntries(parameters, (tensor, name) => [slotNames.sum(name), tf.fill(tensor.shape, 0)]);

  return {
    critic: (state, inputs) => ({
      state: begin(state, inputs).updateD(state, inputs['criticUpdate']!).next,
      outputs: {},
    }),

    step: (state, inputs) => {
      const { updateD, gradientsOfG, meanOutputs } = begin(state, inputs);
      const forD = updateD(state, inputs['criticUpdate']!);
      const forG = gradientsOfG({ ...state, ...forD.next });
      return {
        state: { ...forD.next, ...applyToG(state, forG.gradients, inputs), ...forG.next },
        outputs: { dLoss: forD.value, gLoss: forG.value, ...meanOutputs() },
      };
    },

    slopes: (state, inputs) => ({ outputs: { slopes: begin(state, inputs).slopesOfG(state).slopes } }),

    passes: {
      sumD: (state, inputs) => {
        const { gradientsOfD, meanOutputs } = begin(state, inputs);
        const { value, gradients } = gradientsOfD(state);
        return { state: added(state, gradients), outputs: { dLoss: value, ...meanOutputs() } };
      },
      updateD: (state, inputs) => {
        const D = updatable(parametersOf(state, 'discriminator'));
        const update = inputs['criticUpdate']!;
        return { state: { ...applyToD(state, sumsOf(state, D), inputs, { update }), ...zeros(D) } };
      },
      sumG: (state, inputs) => {
        const { value, gradients } = begin(state, inputs).gradientsOfG(state);
        return { state: added(state, gradients), outputs: { gLoss: value } };
      },
      updateG: (state, inputs) => {
        const G = updatable(parametersOf(state, 'generator'));
        return { state: { ...applyToG(state, sumsOf(state, G), inputs), ...zeros(G) } };
      },
    },
  };
}

/** The parameters that have a gradient. */
function parametersIn(state: NamedTensors, gradients: NamedTensors): NamedTensors {
  return mapValues(gradients, (_, name) => state[name]!);
}

function byName(parameters: NamedTensors, gradients: readonly tf.Tensor[]): NamedTensors {
  return Object.fromEntries(Object.keys(parameters).map((name, i) => [name, gradients[i]!]));
}

function mapEntries(
  tensors: NamedTensors,
  map: (tensor: tf.Tensor, name: string) => readonly [string, tf.Tensor],
): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => map(tensor, name)));
}

function mapValues(tensors: NamedTensors, map: (tensor: tf.Tensor, name: string) => tf.Tensor): NamedTensors {
  return mapEntries(tensors, (tensor, name) => [name, map(tensor, name)]);
}

/** Clips D's parameters in `entries` to [-clip, clip]; moments are unchanged. */
function clipped(entries: NamedTensors, clip: number): NamedTensors {
  if (clip === 0) return entries;
  return mapValues(entries, (tensor, name) =>
    name.startsWith('discriminator/') ? tf.clipByValue(tensor, -clip, clip) : tensor,
  );
}

/** One Adam update of every parameter. Returns the next parameters and moments by state name. */
export function updated(
  state: NamedTensors,
  parameters: NamedTensors,
  gradients: readonly tf.Tensor[],
  settings: AdamSettings,
): NamedTensors {
  const next: Record<string, tf.Tensor> = {};
  Object.entries(parameters).forEach(([name, parameter], i) => {
    const first = state[slotNames.first(name)]!;
    const second = state[slotNames.second(name)]!;
    const slot = adam({ parameter, first, second }, gradients[i]!, settings);
    next[name] = slot.parameter;
    next[slotNames.first(name)] = slot.first;
    next[slotNames.second(name)] = slot.second;
  });
  return next;
}

/** The exponential moving average of G's weights (Yazıcı 2019): average + (1 - decay) (weight - average). */
function averaged(state: NamedTensors, next: NamedTensors, G: NamedTensors, decay: tf.Tensor): NamedTensors {
  const share = tf.sub(1, decay);
  return Object.fromEntries(
    Object.keys(G).map((name) => {
      const average = state[slotNames.average(name)]!;
      return [slotNames.average(name), tf.add(average, tf.mul(share, tf.sub(next[name]!, average)))];
    }),
  );
}
