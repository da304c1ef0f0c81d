// The inputs of a step's updates: a list of draws, all from one stream in a fixed order, so that every engine sees the same numbers and a
// resumed run continues where it stopped. The format draws them (`draws.ts`), for the page as for the trainer.
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import { adaInputs } from '../../runtime-web/format/training/augmentation/ada.ts';
import { isControlled } from '../../runtime-web/format/training/augmentation/controller.ts';
import { diffAugmentInputs } from '../../runtime-web/format/training/augmentation/diff-augment-values.ts';
import { adaptive } from '../../runtime-web/format/training/augmentation/names.ts';
import { augmentationDraws } from '../../runtime-web/format/training/augmentation/draws.ts';
import { drawInputs, type InputDraw, type RealBatch } from '../../runtime-web/format/training/draws.ts';
import { atStart, scheduledAt, type Scheduled } from '../../runtime-web/format/training/schedule.ts';
import { stepScalars } from '../../runtime-web/format/training/step-scalars.ts';
import type { Shapes } from '../../runtime-web/format/training/tensors.ts';
import type { Architecture } from './architectures/architecture.ts';
import { parseAugment } from '../config/augmentations.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { isAveraged } from '../networks/state.ts';
import { groupSize } from '../networks/style-discriminator.ts';
import { objectives } from '../objectives/table.ts';
import { latentDraw } from './latent-draw.ts';
import { noisyPasses, type NoisyPass } from './step.ts';
import { sizeOf, type TensorSpec } from '../graph/trace/graph.ts';

/** The inputs of one kind of update. */
export interface PhaseInputs {
  /** The draws in their order. */
  readonly draws: readonly InputDraw[];
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /**
   * Makes the inputs of run `index` (0 for the first) in step `stepNumber` (1 for the first), with random numbers of `random`.
   * `scheduled` defaults to the values at the start of a run. `probability` is that of the augmentation, if ADA moves it (default 0).
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
type ArchitectureInputs = Pick<Architecture, 'size' | 'dropped' | 'draws' | 'updateAt'>;

/** The inputs of both updates of a training step. `one` is the shape of one image, or of whatever the networks learn to make. */
export function stepInputs(
  config: TrainConfig,
  conditioning: Conditioning,
  networks: ArchitectureInputs,
  one: readonly number[] = shapeOf(config),
): Readonly<Record<'critic' | 'step', PhaseInputs>> {
  const shape = imageShape(config);
  const { latent, batch, dropout, criticSteps, beta2End, penaltyEnd } = config;
  const hasPenalty = objectives[config.objective](config).penaltyWeight !== undefined;
  const augmented = augmentationOf(config, networks);
  const masksOf = (pass: NoisyPass): Shapes =>
    Object.fromEntries(
      (dropout === 0 ? [] : networks.dropped).map(({ name, to }) => [
        passName(pass, name),
        [batch, 1, 1, to],
      ]),
    );

  const ofCritic: readonly InputDraw[] = [
    { kind: 'images', inputs: { real: [batch, ...one] } },
    { ...latentDraw(config), inputs: { z: [batch, latent] } },
    ...(conditioning === null
      ? []
      : [
          {
            kind: 'condition',
            inputs: { [conditionName(conditioning)]: [batch, conditionColumns(conditioning)] },
          } as const,
        ]),
    {
      kind: 'scheduled',
      inputs: {
        ...{ criticRate: [], criticUpdate: [] },
        ...(beta2End !== null && { beta2: [] }),
        ...(penaltyEnd !== 1 && { penaltyFactor: [] }),
      },
    },
    ...(hasPenalty
      ? [{ kind: 'uniform', least: 0, most: 1, inputs: { mix: [batch, ...one.map(() => 1)] } } as const]
      : []),
    ...noisyPasses.flatMap((pass): InputDraw[] => [
      ...(dropout === 0 || networks.dropped.length === 0
        ? []
        : [{ kind: 'dropout', rate: dropout, inputs: masksOf(pass) } as const]),
      ...(augmented === null ? [] : [augmented(pass)]),
    ]),
    ...networks.draws,
  ];
  const ofBoth: readonly InputDraw[] = [
    ...ofCritic,
    {
      kind: 'scheduled',
      inputs: { learningRate: [], update: [], ...(isAveraged(config) && { averageDecay: [] }) },
    },
  ];

  const phase = (draws: readonly InputDraw[], isOfBoth: boolean): PhaseInputs => ({
    draws,
    inputs: Object.fromEntries(
      draws.flatMap(({ inputs }) =>
        Object.entries(inputs).map(([name, dims]): [string, TensorSpec] => [
          name,
          { shape: dims, dtype: 'float32' },
        ]),
      ),
    ),
    makeInputs(random, real, stepNumber, index, scheduled, probability = 0) {
      const counts = {
        update: networks.updateAt(stepNumber),
        updateOfD: isOfBoth ? criticSteps - 1 : index,
      };
      return drawInputs(draws, {
        ...{ random, real, conditioning, shape, stepNumber, probability },
        augmentation: augmentationDraws,
        scalars: stepScalars(config, counts, scheduled ?? scheduledAt(config, stepNumber, atStart)),
      });
    },
  });
  return { critic: phase(ofCritic, false), step: phase(ofBoth, true) };
}

function shapeOf(config: TrainConfig): readonly number[] {
  const { width, height, channels } = imageShape(config);
  return [height, width, channels];
}

function passName(pass: NoisyPass, name: string): string {
  return `noise/${pass}/${name}`;
}

/** The draw of the augmentation of one pass of D; null without augmentation. */
function augmentationOf(
  config: TrainConfig,
  { size }: Pick<Architecture, 'size'>,
): ((pass: NoisyPass) => InputDraw) | null {
  const { augment, batch } = config;
  if (augment === null) return null;
  const chosen = parseAugment(augment);
  const { channels } = imageShape(config);
  const named = (pass: NoisyPass, shapes: Shapes): Shapes =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [passName(pass, name), shape]));
  const probability = config.augmentProbability ?? 1;
  return (pass) =>
    chosen === adaptive
      ? {
          kind: 'ada',
          probability: isControlled(config) ? null : probability,
          inputs: named(pass, adaInputs(batch, { ...size, channels })),
        }
      : {
          kind: 'diffaugment',
          probability,
          inputs: named(pass, diffAugmentInputs(chosen, { batch, ...size })),
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
