// The record of networks to train in `model.json`, key `trainable`: the files with the updates as graphs, and all that decides their
// inputs. docs/reference/model-package.md describes it for other readers.
import type { ImageShape } from '../image-shape.ts';
import type { Conditioning, Model, ModelFile } from '../model.ts';
import type { InputDraw } from './draws.ts';
import type { StateEntry } from './initial-state.ts';
import type { StatisticNames, StatisticsLatents } from './statistics.ts';
import type { StepSchedule } from './step-scalars.ts';

/** The files of networks to train, by role, under the names that `dcgan export --trainable` gives them. */
export const trainingFiles = {
  step: 'step.onnx',
  stepRegularised: 'step.regularised.onnx',
  stepPath: 'step.path.onnx',
  stepRegularisedPath: 'step.regularised.path.onnx',
  critic: 'critic.onnx',
  criticRegularised: 'critic.regularised.onnx',
  sample: 'sample.onnx',
  statistics: 'statistics.onnx',
  judge: 'judge.onnx',
  field: 'field.onnx',
  state: 'state.safetensors',
} as const;

/** The role of a file: a key of {@link trainingFiles}. */
export type TrainingRole = keyof typeof trainingFiles;
/** All roles, in the table's order. */
export const trainingRoles = Object.keys(trainingFiles) as readonly TrainingRole[];
/** The roles of files with an update. */
export type UpdateRole = Exclude<TrainingRole, 'sample' | 'statistics' | 'judge' | 'field' | 'state'>;

/** A condition of the steps that run an update: (stepNumber % `every` === 0) === `isDue`. */
export interface Due {
  readonly every: number;
  readonly isDue: boolean;
}

/** One kind of update. A step runs all that are due, in the record's order. */
export interface TrainingPhase {
  readonly file: UpdateRole;
  /** The networks that it updates. */
  readonly updates: 'discriminator' | 'both';
  /** Runs in a step, each with a batch of its own. */
  readonly times: number;
  /** All must hold; none for every step. */
  readonly due: readonly Due[];
  /** The inputs in the order in which they are drawn. What the file does not take is drawn all the same. */
  readonly draws: readonly InputDraw[];
  /** Scalars that a run returns: `dLoss`, `gLoss`, `dReal`, `dFake`, `dSign`. */
  readonly outputs: readonly string[];
}

/** A comparison of a file with the trainer's engine, as in the package's parity figures. */
export interface TrainingFigure {
  readonly role: TrainingRole;
  readonly runtime: string;
  readonly against: string;
  readonly maxDifference: number;
  readonly tolerance: number;
}

/** Networks to train. */
export interface Trainable {
  readonly files: Readonly<Partial<Record<TrainingRole, ModelFile>>>;
  /** Name of the method: `dcgan`, `wgan-gp`, … */
  readonly method: string;
  /** The run's seed (`runSeeds`), unless the user chooses another. */
  readonly seed: number;
  /** Images in a batch of every update. */
  readonly batch: number;
  /** Half of the real images are mirrored at random. */
  readonly flip: boolean;
  /** The state's entries, in the order in which they are drawn. */
  readonly state: readonly StateEntry[];
  readonly phases: readonly TrainingPhase[];
  readonly schedule: StepSchedule;
  /** The controller of ADA's probability; null without. */
  readonly ada: { readonly target: number; readonly images: number } | null;
  /** The statistics that samples depend on; null for a generator without. */
  readonly statistics: (StatisticNames & StatisticsLatents) | null;
  /** The meaning of `dReal` and `dFake`. */
  readonly logit: 'probability' | 'score';
  /** The configuration of the trainer, complete, by which a run folder can be made. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly parity: readonly TrainingFigure[];
}

/** The part of a package that training needs. Of points, `width`, `height` and `channels` are {@link pointShape}. */
export interface TrainablePackage extends ImageShape {
  readonly name: string;
  /** The kind of the data, which is also the name of the samples' output and of D's input. */
  readonly data: 'images' | 'points';
  readonly latent: Model['latent'];
  readonly conditioning: Conditioning;
  readonly trainable: Trainable;
}

/** True if step `stepNumber` (1 for the first) runs the phase. */
export function isPhaseDue({ due }: Pick<TrainingPhase, 'due'>, stepNumber: number): boolean {
  return due.every(({ every, isDue }) => (stepNumber % every === 0) === isDue);
}

/** A point in the plane as an image, where only the number of its values matters. */
export const pointShape: ImageShape = { width: 2, height: 1, channels: 1 };

/** The shape of one image, [h, w, c], or of one point, [2]. */
export function shapeOfOne({
  data,
  width,
  height,
  channels,
}: Pick<TrainablePackage, 'data' | keyof ImageShape>): readonly number[] {
  return data === 'points' ? [width] : [height, width, channels];
}
