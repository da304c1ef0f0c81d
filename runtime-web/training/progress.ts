// The position of a training, without its tensors: settings, random streams, the order of its images, and what has been done.
import { Random } from '../format/random.ts';
import { AugmentationController } from '../format/training/augmentation/controller.ts';
import { EpochOrders, type BatchOrder, type DataPosition } from '../format/training/batch-order.ts';
import type { RealBatch } from '../format/training/draws.ts';
import { scheduledAt } from '../format/training/schedule.ts';
import { runSeeds } from '../format/training/seeds.ts';
import { stepScalars, type StepSchedule } from '../format/training/step-scalars.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { noSums, withStep, type Figures } from './gathered.ts';
import { batchOf, type TrainingImages } from './images.ts';
import { shareDone, type Position, type RunLength } from './position.ts';
import { changedSettings, scheduleWith, settingsOf, type TrainerSettings } from './settings.ts';

/** Batches that the images are told of before they are needed. */
const aheadBatches = 8;

/** A step that has been done. */
export interface DoneStep {
  readonly figures: Figures;
  /** Real images shown. */
  readonly images: number;
  readonly seconds: number;
  /** False for an update of D alone. */
  readonly isCounted: boolean;
}

/** The progress of one training. */
export class Progress {
  readonly #opened: TrainablePackage;
  readonly #images: TrainingImages;
  settings: TrainerSettings;
  schedule: StepSchedule;
  seed!: number;
  /** The stream of latents and masks. */
  random!: Random;
  /** Null where the probability of augmentation does not move. */
  controller!: AugmentationController | null;
  #orders!: EpochOrders;
  #position!: Position;

  /** Begins. Throws RangeError for a seed that is no whole number from 0 to 2^53 - 1. */
  constructor(opened: TrainablePackage, images: TrainingImages, seed: number) {
    this.#opened = opened;
    this.#images = images;
    this.settings = settingsOf(opened.trainable);
    this.schedule = opened.trainable.schedule;
    this.begin(seed);
  }

  /** Begins anew with a seed; `augmentation` is where its controller goes on. Throws as the constructor does. */
  begin(seed: number, augmentation?: Position['augmentation']): void {
    const { dataSeed, noiseSeed } = runSeeds({ seed });
    const { ada } = this.#opened.trainable;
    this.seed = seed;
    this.#orders = new EpochOrders(dataSeed);
    this.random = new Random(noiseSeed);
    this.controller = AugmentationController.of(
      {
        augment: ada === null ? null : 'ada',
        augmentProbability: null,
        adaTarget: ada?.target ?? 0,
        adaImages: ada?.images ?? 1,
      },
      augmentation,
    );
    this.#position = {
      ...{ step: 0, images: 0, stepSeconds: 0, secondsElapsed: 0, gathered: noSums },
      random: this.random.state,
      sampler: this.#orders.start(this.#images.count),
    };
  }

  /** Goes on from a position of a run with a seed. One in other data begins them anew. */
  restore(position: Position, seed: number): void {
    this.begin(seed, position.augmentation);
    this.random = new Random(position.random);
    const { sampler } = position;
    const isSame = sampler?.count === this.#images.count;
    this.#position = { ...position, sampler: isSame ? sampler : this.#position.sampler };
  }

  get position(): Position {
    const augmentation = this.controller?.saved;
    return { ...this.#position, random: this.random.state, ...(augmentation && { augmentation }) };
  }

  /** Steps done. */
  get step(): number {
    return this.#position.step;
  }

  /** Changes settings from the next step on. Throws as {@link changedSettings} does. */
  set(change: Partial<TrainerSettings>): void {
    const { phases, schedule } = this.#opened.trainable;
    this.settings = changedSettings(this.settings, change, phases);
    this.schedule = scheduleWith(schedule, this.settings);
  }

  /** The scalars of the next step's update, by the number of the update of D. */
  get scalars(): (updateOfD: number) => ReturnType<typeof stepScalars> {
    const { schedule } = this;
    const { step, images } = this.#position;
    const done = shareDone(this.#opened.trainable.config as unknown as RunLength, this.#position);
    const update = step + 1;
    const scheduled = scheduledAt(schedule, update, { done, images });
    return (updateOfD) => stepScalars(schedule, { update, updateOfD }, scheduled);
  }

  /** The data of the next batch, which stays the next one. */
  get nextBatch(): RealBatch {
    return this.#batchOf(this.#order(1));
  }

  /** The data of the next batch. */
  takeBatch(): RealBatch {
    const order = this.#order(1);
    this.#position = { ...this.#position, sampler: order.after };
    this.#images.ahead?.(this.#order(aheadBatches).indices);
    return this.#batchOf(order);
  }

  /** Counts a step. */
  add({ figures, images, seconds, isCounted }: DoneStep): void {
    const before = this.#position;
    this.#position = {
      ...before,
      step: before.step + Number(isCounted),
      images: before.images + images,
      stepSeconds: before.stepSeconds + seconds,
      secondsElapsed: before.secondsElapsed + seconds,
      gathered: withStep(before.gathered, figures, { images, seconds }),
    };
  }

  /** Notes a diversity, which took some seconds. */
  addDiversity(diversity: number, seconds: number): void {
    const { gathered, secondsElapsed } = this.#position;
    this.#position = {
      ...this.#position,
      gathered: { ...gathered, diversity },
      secondsElapsed: secondsElapsed + seconds,
    };
  }

  /** Ends a line of statistics. */
  endLine(): void {
    this.controller?.beginReport();
    this.#position = { ...this.#position, gathered: noSums };
  }

  #order(batches: number): BatchOrder {
    const batch = batches * this.schedule.batch;
    const { flip } = this.settings;
    return this.#orders.batchAt(this.#position.sampler as DataPosition, { batch, flip });
  }

  #batchOf(order: BatchOrder): RealBatch {
    return batchOf(this.#images, order, this.#opened);
  }
}
