// The inputs of a step's updates: their names, shapes and random values. All of training's random numbers are drawn here, in a
// fixed order from one stream, so that every engine sees the same numbers and a resumed run continues where it stopped.
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import { augmentationOf } from './augmentation/augmentation.ts';
import { isControlled } from './augmentation/controller.ts';
import type { Architecture } from './architectures/architecture.ts';
import { drawCodes, oneHot } from './conditioning.ts';
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { isAveraged } from '../networks/state.ts';
import { groupSize } from '../networks/style-discriminator.ts';
import { objectives } from '../objectives/table.ts';
import { atStart, averageDecayAt, scheduledAt, type Scheduled } from './schedule.ts';
import { noisyPasses } from './step.ts';
import { sizeOf, type HostTensor, type TensorSpec } from '../graph/trace/graph.ts';

/** A batch from the data: images [b, h, w, c] in [-1, 1]. */
export interface RealBatch {
  readonly images: Float32Array;
  readonly labels: Int32Array | null;
  /** Attributes or numbers as the networks get them, [b, columns]; null or absent without. */
  readonly condition?: Float32Array | null;
}

/** The inputs of one kind of update. */
export interface PhaseInputs {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /**
   * Makes the inputs of run `index` (0 for the first) in step `stepNumber` (1 for the first). Draws z, codes, mix, D's noise and
   * the architecture's own inputs, in that order, from `random`. `scheduled` defaults to the values at the start of a run.
   * `probability` is that of the augmentation, if ADA moves it (default 0).
   */
  makeInputs(
    random: Random,
    real: RealBatch,
    stepNumber: number,
    index: number,
    scheduled?: Scheduled,
    probability?: number,
  ): NamedHostTensors;
}

/** The part of an architecture that determines a step's inputs. */
type ArchitectureInputs = Pick<Architecture, 'size' | 'dropped' | 'inputs' | 'drawInputs' | 'updateAt'>;

/** The inputs of both updates of a training step. */
export function stepInputs(
  config: TrainConfig,
  conditioning: Conditioning,
  networks: ArchitectureInputs,
): Readonly<Record<'critic' | 'step', PhaseInputs>> {
  const { width, height, channels } = imageShape(config);
  const { latent, batch, dropout, criticSteps, beta2End, penaltyEnd } = config;
  const columns = conditionColumns(conditioning);
  const condition = conditioning && conditionName(conditioning);
  const augmentation = augmentationOf(config.augment, batch, { ...networks.size, channels });
  const fixedProbability = isControlled(config) ? null : (config.augmentProbability ?? 1);
  const dropped = dropout === 0 ? [] : networks.dropped;
  const hasPenalty = objectives[config.objective](config).penaltyWeight !== undefined;
  const hasAverage = isAveraged(config);
  const hasPenaltyFactor = penaltyEnd !== 1;

  const critic: Record<string, TensorSpec> = {
    real: float(batch, height, width, channels),
    z: float(batch, latent),
    ...(condition !== null && { [condition]: float(batch, columns) }),
    criticRate: float(),
    criticUpdate: float(),
    ...(beta2End !== null && { beta2: float() }),
    ...(hasPenaltyFactor && { penaltyFactor: float() }),
    ...(hasPenalty && { mix: float(batch, 1, 1, 1) }),
  };
  for (const pass of noisyPasses) {
    for (const { name, to } of dropped) critic[`noise/${pass}/${name}`] = float(batch, 1, 1, to);
    for (const [name, spec] of Object.entries(augmentation.inputs)) critic[`noise/${pass}/${name}`] = spec;
  }
  Object.assign(critic, networks.inputs);

  const makeCritic: PhaseInputs['makeInputs'] = (
    random,
    { images, labels, condition: rows = null },
    stepNumber,
    index,
    scheduled = scheduledAt(config, stepNumber, atStart),
    probability = 0,
  ) => {
    const { rateFactor, beta2, penaltyFactor } = scheduled;
    const tensor = (name: string, data: Float32Array): HostTensor => ({ ...critic[name]!, data });
    const inputs: Record<string, HostTensor> = {
      real: tensor('real', images),
      z: tensor('z', random.fillLatent(new Float32Array(batch * latent), config.latentDistribution)),
      criticRate: scalar(rateFactor * (config.discriminatorLearningRate ?? config.learningRate)),
      criticUpdate: scalar((networks.updateAt(stepNumber) - 1) * criticSteps + index + 1),
      ...(beta2End !== null && { beta2: scalar(beta2) }),
      ...(hasPenaltyFactor && { penaltyFactor: scalar(penaltyFactor) }),
    };
    if (conditioning?.kind === 'classes') {
      if (labels === null) throw new RangeError('labels: got none; a class-conditional generator needs them');
      // Generated images get the batch's own labels, so that D cannot tell them apart by the frequency of labels.
      inputs['labels'] = tensor('labels', oneHot(labels, columns));
    } else if (conditioning?.kind === 'codes') {
      inputs['codes'] = tensor('codes', drawCodes(conditioning.codes, batch, random));
    } else if (conditioning !== null) {
      if (rows === null)
        throw new RangeError(`condition: got none; a generator of ${conditioning.kind} needs it`);
      // As with classes, generated images get the real ones' rows, so only combinations of the data are learned.
      inputs['condition'] = tensor('condition', rows);
    }
    if (hasPenalty) {
      inputs['mix'] = tensor(
        'mix',
        Float32Array.from({ length: batch }, () => random.uniform()),
      );
    }
    for (const pass of noisyPasses) {
      for (const { name } of dropped) {
        const mask = `noise/${pass}/${name}`;
        inputs[mask] = dropoutMask(critic[mask]!, dropout, random);
      }
      const drawn = augmentation.draw(random, fixedProbability ?? probability);
      for (const [name, tensor] of Object.entries(drawn)) {
        inputs[`noise/${pass}/${name}`] = tensor;
      }
    }
    return { ...inputs, ...networks.drawInputs(random, stepNumber) };
  };

  return {
    critic: { inputs: critic, makeInputs: makeCritic },
    step: {
      inputs: {
        ...critic,
        learningRate: float(),
        update: float(),
        ...(hasAverage && { averageDecay: float() }),
      },
      makeInputs(
        random,
        real,
        stepNumber,
        _index,
        scheduled = scheduledAt(config, stepNumber, atStart),
        probability = 0,
      ) {
        const update = networks.updateAt(stepNumber);
        return {
          ...makeCritic(random, real, stepNumber, criticSteps - 1, scheduled, probability),
          learningRate: scalar(scheduled.rateFactor * config.learningRate),
          update: scalar(update),
          // The average warms up, also at each new resolution, so that the first samples do not show the initial weights.
          ...(hasAverage && {
            averageDecay: scalar(averageDecayAt(config, update, imagesPerStep(config))),
          }),
        };
      },
    },
  };
}

/**
 * Part `index` of the batch of `inputs` in parts of these shapes: its rows of everything that has one row for each image. The rest, such as
 * learning rates, is the same for all parts. Images that share a minibatch standard deviation stay together, so that a part's equals the
 * batch's.
 */
export function partOf(
  inputs: NamedHostTensors,
  specs: Readonly<Record<string, TensorSpec>>,
  index: number,
): NamedHostTensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => {
      const spec = specs[name]!;
      const size = sizeOf(spec.shape);
      if (size === tensor.data.length) return [name, tensor];
      const group = groupSize(spec.shape[0]!);
      const data = new Float32Array(size);
      for (let k = 0; k < group; k++) {
        const from = (k * tensor.data.length + index * size) / group;
        data.set((tensor.data as Float32Array).subarray(from, from + size / group), (k * size) / group);
      }
      return [name, { ...spec, data }];
    }),
  );
}

function float(...shape: number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

function scalar(value: number): HostTensor {
  return { ...float(), data: Float32Array.of(value) };
}

/** Zero with probability `rate`, else 1 / (1 - rate), which preserves the mean. */
function dropoutMask(spec: TensorSpec, rate: number, random: Random): HostTensor {
  const data = new Float32Array(sizeOf(spec.shape));
  for (let i = 0; i < data.length; i++) data[i] = random.uniform() < rate ? 0 : 1 / (1 - rate);
  return { ...spec, data };
}
