// What a step is fed: which tensors, of what shapes, and how they are drawn. Everything that is random in training is drawn here,
// in one order, from one stream, so that two engines see the same numbers and a resumed run goes on with the next ones.
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import { augmentInputs, drawAugmentation } from './augment.ts';
import { parseAugment } from '../config/augmentations.ts';
import type { Architecture } from './architectures/architecture.ts';
import { drawCodes, oneHot } from './conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { noisyPasses } from './step.ts';
import type { HostTensor, TensorSpec } from '../graph/trace/graph.ts';

/** A batch from the data: images [b, h, w, c] in [-1, 1]. */
export interface RealBatch {
  readonly images: Float32Array;
  readonly labels: Int32Array | null;
}

/** The inputs of both kinds of updates. */
export interface StepInputs {
  readonly critic: Readonly<Record<string, TensorSpec>>;
  readonly both: Readonly<Record<string, TensorSpec>>;
  /** For the critic's update `index` (0 for the first) of step `stepNumber`; draws z, codes, mix, D's noise and what the networks ask for, in that order. */
  makeCritic(random: Random, real: RealBatch, stepNumber: number, index: number): NamedHostTensors;
  /** For step `stepNumber` (1 for the first). */
  makeBoth(random: Random, real: RealBatch, stepNumber: number): NamedHostTensors;
}

/** What of the networks decides a step's inputs. */
type FedNetworks = Pick<Architecture, 'resolution' | 'dropped' | 'inputs' | 'drawInputs' | 'updateAt'>;

/** The inputs of a configuration's steps. */
export function stepInputs(
  config: TrainConfig,
  conditioning: Conditioning,
  networks: FedNetworks,
): StepInputs {
  const { imageSize, channels, latent, batch, dropout, averageDecay, criticSteps, augment } = config;
  const columns = conditionColumns(conditioning);
  const condition = conditioning && conditionName(conditioning);
  const changes = augmentInputs(augment === null ? [] : parseAugment(augment), {
    batch,
    imageSize: networks.resolution,
  });
  const dropped = dropout === 0 ? [] : networks.dropped;
  const hasPenalty = config.objective === 'wgan-gp';
  const hasAverage = averageDecay > 0;

  const critic: Record<string, TensorSpec> = {
    real: float(batch, imageSize, imageSize, channels),
    z: float(batch, latent),
    ...(condition !== null && { [condition]: float(batch, columns) }),
    criticRate: float(),
    criticUpdate: float(),
    ...(hasPenalty && { mix: float(batch, 1, 1, 1) }),
  };
  for (const pass of noisyPasses) {
    for (const { name, to } of dropped) critic[`noise/${pass}/${name}`] = float(batch, 1, 1, to);
    for (const [name, spec] of Object.entries(changes)) critic[`noise/${pass}/${name}`] = spec;
  }
  Object.assign(critic, networks.inputs);

  const makeCritic = (
    random: Random,
    { images, labels }: RealBatch,
    stepNumber: number,
    index: number,
  ): NamedHostTensors => {
    const tensor = (name: string, data: Float32Array): HostTensor => ({ ...critic[name]!, data });
    const inputs: Record<string, HostTensor> = {
      real: tensor('real', images),
      z: tensor('z', random.fillLatent(new Float32Array(batch * latent), config.latentDistribution)),
      criticRate: scalar(config.discriminatorLearningRate ?? config.learningRate),
      criticUpdate: scalar((networks.updateAt(stepNumber) - 1) * criticSteps + index + 1),
    };
    if (conditioning?.kind === 'classes') {
      if (labels === null) throw new RangeError('labels: got none, and the generator is given them');
      // Fakes have the labels of the real images beside them, so that D cannot tell them by how often each comes.
      inputs['labels'] = tensor('labels', oneHot(labels, columns));
    } else if (conditioning !== null) {
      inputs['codes'] = tensor('codes', drawCodes(conditioning.codes, batch, random));
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
      for (const [name, change] of Object.entries(drawAugmentation(changes, random))) {
        inputs[`noise/${pass}/${name}`] = change;
      }
    }
    return { ...inputs, ...networks.drawInputs(random, stepNumber) };
  };

  return {
    critic,
    both: {
      ...critic,
      learningRate: float(),
      update: float(),
      ...(hasAverage && { averageDecay: float() }),
    },
    makeCritic,
    makeBoth(random, real, stepNumber) {
      const update = networks.updateAt(stepNumber);
      return {
        ...makeCritic(random, real, stepNumber, criticSteps - 1),
        learningRate: scalar(config.learningRate),
        update: scalar(update),
        // The average warms up, also with each new size, so that the first grids are not the initial weights.
        ...(hasAverage && {
          averageDecay: scalar(Math.min(averageDecay, (1 + update) / (10 + update))),
        }),
      };
    },
  };
}

function float(...shape: number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

function scalar(value: number): HostTensor {
  return { ...float(), data: Float32Array.of(value) };
}

/** Zero with probability `rate`, else 1 / (1 - rate), so that the mean stays. */
function dropoutMask(spec: TensorSpec, rate: number, random: Random): HostTensor {
  const data = new Float32Array(spec.shape.reduce((product, dim) => product * dim, 1));
  for (let i = 0; i < data.length; i++) data[i] = random.uniform() < rate ? 0 : 1 / (1 - rate);
  return { ...spec, data };
}
