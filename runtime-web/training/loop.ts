// Training, step by step: the inputs of each update are drawn as the trainer draws them, the updates that are due run over the state, and
// the figures are watched for a collapse. A training with the same seed and images is the trainer's.
import { conditionColumns, conditionName, type Wanted } from '../format/condition.ts';
import { oneHot } from '../format/training/codes.ts';
import { lengthOf } from '../format/image-shape.ts';
import { Random } from '../format/random.ts';
import { AugmentationController } from '../format/training/augmentation/controller.ts';
import { EpochOrders, type BatchOrder, type DataPosition } from '../format/training/batch-order.ts';
import { findCollapse, type Collapse, type WatchedLine } from '../format/training/collapse.ts';
import { relativeDiversity } from '../format/training/diversity.ts';
import { drawInputs, type RealBatch } from '../format/training/draws.ts';
import { drawState } from '../format/training/initial-state.ts';
import { scheduledAt } from '../format/training/schedule.ts';
import { seedInputs } from '../format/training/seed-inputs.ts';
import { runSeeds } from '../format/training/seeds.ts';
import { Statistics, statisticsInputs } from '../format/training/statistics.ts';
import { stepScalars, type StepSchedule } from '../format/training/step-scalars.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import { isPhaseDue, shapeOfOne, type TrainablePackage } from '../format/training/trainable.ts';
import { figureNames, mapped, meansOf, noSums, withStep, type Figures } from './gathered.ts';
import { batchOf, type TrainingImages } from './images.ts';
import { shareDone, type Position, type RunLength } from './position.ts';
import { changedSettings, scheduleWith, settingsOf, timesOf, type TrainerSettings } from './settings.ts';
import type { StateDevice } from './state-device.ts';

/** Thrown when a figure or the state is no longer finite. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
}

/** Inputs of a loop. The caller disposes of the device. */
export interface LoopOptions {
  readonly opened: TrainablePackage;
  readonly device: StateDevice;
  readonly images: TrainingImages;
  /** The run's seed. Default: the package's. */
  readonly seed?: number | undefined;
  /** Seconds on any clock that only goes forward. */
  readonly now: () => number;
}

/** Images, and points, in one run of the sampling. */
const sampleBatch = { images: 64, points: 1024 } as const;
const maxWatchedImages = 64;

/** A training. Calls must not overlap. */
export class TrainingLoop {
  readonly opened: TrainablePackage;
  readonly images: TrainingImages;
  /** The sign of collapse at the last line of statistics, or null. */
  collapse: Collapse | null = null;
  /** Seconds inside the device, for the share of time outside it. */
  deviceSeconds = 0;
  readonly #device: StateDevice;
  readonly #now: () => number;
  #seed!: number;
  #settings: TrainerSettings;
  #schedule: StepSchedule;
  #orders!: EpochOrders;
  #random!: Random;
  #position!: Position;
  #controller!: AugmentationController | null;
  #lines: WatchedLine[] = [];
  #measuredAt: { readonly step: number; readonly isExact: boolean } | null = null;
  #reals: { readonly shape: readonly number[]; readonly data: Float32Array } | null = null;

  /** Draws the state from the seed. Throws RangeError for a seed that is no whole number from 0 to 2^53 - 1. */
  constructor({ opened, device, images, now, seed = opened.trainable.seed }: LoopOptions) {
    this.opened = opened;
    this.images = images;
    this.#device = device;
    this.#now = now;
    this.#settings = settingsOf(opened.trainable);
    this.#schedule = opened.trainable.schedule;
    this.#begin(seed);
    device.write(drawState(opened.trainable.state, new Random(runSeeds({ seed }).weightSeed)));
  }

  /** The run's seed. */
  get seed(): number {
    return this.#seed;
  }

  get settings(): TrainerSettings {
    return this.#settings;
  }

  /** The configuration of the trainer that this training has now. */
  get config(): Readonly<Record<string, unknown>> {
    const { learningRateEnd } = this.#schedule;
    return { ...this.opened.trainable.config, ...this.#settings, learningRateEnd, seed: this.#seed };
  }

  get position(): Position {
    const augmentation = this.#controller?.saved;
    return { ...this.#position, random: this.#random.state, ...(augmentation && { augmentation }) };
  }

  /** Changes settings from the next step on. Throws as {@link changedSettings} does. */
  set(change: Partial<TrainerSettings>): void {
    const { phases, schedule } = this.opened.trainable;
    this.#settings = changedSettings(this.#settings, change, phases);
    this.#schedule = scheduleWith(schedule, this.#settings);
  }

  /** Goes on from another place: a whole state, its position, and the seed of its run. A position in other data begins them anew. */
  restore(state: FloatTensors, position: Position, seed: number): void {
    this.#begin(seed, position.augmentation);
    this.#random = new Random(position.random);
    const { sampler } = position;
    const isSame = sampler?.count === this.images.count;
    this.#position = { ...position, sampler: isSame ? sampler : this.#orders.start(this.images.count) };
    this.#device.write(state);
  }

  /** One step; of the given batch, or of the next ones. Throws NotFiniteError if a figure is not finite. */
  async step(given?: RealBatch): Promise<Figures> {
    const begun = this.#now();
    const { conditioning, trainable } = this.opened;
    const before = this.#position;
    const stepNumber = before.step + 1;
    const scheduled = this.#scheduledAt(stepNumber);
    const { batch, criticSteps } = this.#schedule;
    let outputs: Readonly<Record<string, FloatTensor>> = {};
    for (const phase of trainable.phases) {
      if (!isPhaseDue(phase, stepNumber)) continue;
      for (let i = 0; i < timesOf(phase, this.#settings); i++) {
        const updateOfD = phase.updates === 'both' ? criticSteps - 1 : i;
        const inputs = drawInputs(phase.draws, {
          ...{ random: this.#random, conditioning, stepNumber, shape: this.opened },
          real: given ?? this.#nextBatch(),
          scalars: stepScalars(this.#schedule, { update: stepNumber, updateOfD }, scheduled),
          probability: this.#controller?.probability ?? 0,
        });
        outputs = await this.#run(phase.file, inputs);
      }
    }
    const shown = batch * criticSteps;
    const figures = mapped((name) => outputs[name]?.data[0] ?? NaN);
    this.#controller?.addStep(outputs['dSign']?.data[0] ?? NaN, shown);
    const seconds = this.#now() - begun;
    this.#position = {
      ...this.#position,
      step: stepNumber,
      images: before.images + shown,
      stepSeconds: before.stepSeconds + seconds,
      secondsElapsed: before.secondsElapsed + seconds,
      gathered: withStep(before.gathered, figures, { images: shown, seconds }),
    };
    const bad = figureNames.find((name) => !Number.isFinite(figures[name]));
    if (bad !== undefined) throw new NotFiniteError(`${bad} is ${figures[bad]} at step ${stepNumber}`);
    await this.#watch();
    return figures;
  }

  /**
   * Images of seeds, [n, height, width, channels] in [-1, 1], or points [n, 2], by the averaged weights. Exact: with all statistics measured, as the
   * trainer's samples; otherwise with those of two batches, which look the same. Throws RangeError as `conditionFor` does.
   */
  async sample(
    seeds: readonly number[],
    { wanted = {}, isExact = false }: { readonly wanted?: Wanted; readonly isExact?: boolean } = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const inputs = seedInputs(this.opened, seeds, wanted);
    await this.measure(isExact);
    const length = lengthOf(this.opened);
    const images = new Float32Array(seeds.length * length);
    const { data: kind } = this.opened;
    const most = sampleBatch[kind];
    for (let first = 0; first < seeds.length; first += most) {
      const count = Math.min(most, seeds.length - first);
      const part = Object.entries(inputs).map(([name, { shape, data }]): [string, FloatTensor] => {
        const columns = shape[1]!;
        const rows = data.slice(first * columns, (first + count) * columns);
        return [name, { dtype: 'float32', shape: [count, columns], data: rows }];
      });
      const { [kind]: drawn } = await this.#run('sample', Object.fromEntries(part));
      images.set(drawn!.data, first * length);
    }
    return images;
  }

  /**
   * D's outputs for images: for each a probability that it is real, or a score, by the package's `logit`. A batch is judged together, as in
   * training; the last one is filled up with the first images. Throws RangeError for a package without judge.onnx.
   */
  async judge({ images, labels, condition }: RealBatch): Promise<Float32Array<ArrayBuffer>> {
    const { conditioning, trainable } = this.opened;
    if (trainable.files.judge === undefined)
      throw new RangeError('judge: the package has no judge.onnx; export it again with --trainable');
    const length = lengthOf(this.opened);
    const count = images.length / length;
    const { batch, logit } = trainable;
    const columns = conditionColumns(conditioning);
    const rows = labels === null ? condition : oneHot(labels, columns);
    const verdicts = new Float32Array(count);
    /** `batch` rows of a width, from a first one on. */
    const part = (data: Float32Array, wide: number, first: number): Float32Array => {
      const taken = new Float32Array(batch * wide);
      for (let i = 0; i < batch; i++) {
        const row = (first + i) % count;
        taken.set(data.subarray(row * wide, (row + 1) * wide), i * wide);
      }
      return taken;
    };
    for (let first = 0; first < count; first += batch) {
      const shape = [batch, ...shapeOfOne(this.opened)];
      const { logits } = await this.#run('judge', {
        [this.opened.data]: { dtype: 'float32', shape, data: part(images, length, first) },
        ...(conditioning !== null &&
          rows && {
            [conditionName(conditioning)]: {
              ...{ dtype: 'float32', shape: [batch, columns], data: part(rows, columns, first) },
            } as FloatTensor,
          }),
      });
      for (let i = 0; i < Math.min(batch, count - first); i++) {
        const value = logits!.data[i]!;
        verdicts[first + i] = logit === 'probability' ? 1 / (1 + Math.exp(-value)) : value;
      }
    }
    return verdicts;
  }

  /** Measures the statistics of the averaged generator for the present state, unless that has been done. */
  async measure(isExact: boolean): Promise<void> {
    const { statistics } = this.opened.trainable;
    const at = this.#measuredAt;
    const { step } = this.#position;
    if (statistics === null || (at?.step === step && (at.isExact || !isExact))) return;
    const sums = new Statistics(statistics);
    const latents = isExact ? statistics.latents : 1;
    for (const inputs of statisticsInputs(this.opened, { ...statistics, latents }))
      sums.add(await this.#run('statistics', inputs));
    this.#device.write(sums.all);
    this.#measuredAt = { step, isExact };
  }

  /** The whole state. Its arrays must not be changed. Throws NotFiniteError if a number is not finite. */
  async state(): Promise<Record<string, FloatTensor>> {
    const state = await this.#device.read();
    for (const [name, { data }] of Object.entries(state)) {
      // A loop: `every` takes ten times as long.
      for (let i = 0; i < data.length; i++)
        if (!Number.isFinite(data[i]!))
          throw new NotFiniteError(`${name} has a number that is not finite at step ${this.#position.step}`);
    }
    return state;
  }

  /** The scalars of the next step's update of both networks. */
  get nextScalars(): ReturnType<typeof stepScalars> {
    const update = this.#position.step + 1;
    const counts = { update, updateOfD: this.#schedule.criticSteps - 1 };
    return stepScalars(this.#schedule, counts, this.#scheduledAt(update));
  }

  /** The data of the next batch, which stays the next one. */
  get nextBatch(): RealBatch {
    return batchOf(this.images, this.#orderAt(), this.opened);
  }

  /** The schedule's values at the step after the present position. */
  #scheduledAt(stepNumber: number) {
    const { images } = this.#position;
    const done = shareDone(this.opened.trainable.config as unknown as RunLength, this.#position);
    return scheduledAt(this.#schedule, stepNumber, { done, images });
  }

  #begin(seed: number, augmentation?: Position['augmentation']): void {
    const { dataSeed, noiseSeed } = runSeeds({ seed });
    const { ada } = this.opened.trainable;
    this.#seed = seed;
    this.#orders = new EpochOrders(dataSeed);
    this.#random = new Random(noiseSeed);
    this.#controller = AugmentationController.of(
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
      random: this.#random.state,
      sampler: this.#orders.start(this.images.count),
    };
    this.#lines = [];
    this.#measuredAt = null;
    this.collapse = null;
  }

  #nextBatch(): RealBatch {
    const order = this.#orderAt();
    this.#position = { ...this.#position, sampler: order.after };
    return batchOf(this.images, order, this.opened);
  }

  #orderAt(): BatchOrder {
    const { batch } = this.#schedule;
    return this.#orders.batchAt(this.#position.sampler as DataPosition, { batch, flip: this.#settings.flip });
  }

  /** Runs a file that changes nothing. */
  run(role: 'field', inputs: FloatTensors): ReturnType<StateDevice['run']> {
    return this.#run(role, inputs);
  }

  async #run(role: Parameters<StateDevice['run']>[0], inputs: FloatTensors) {
    const begun = this.#now();
    const outputs = await this.#device.run(role, inputs);
    this.deviceSeconds += this.#now() - begun;
    return outputs;
  }

  /** Measures diversity and ends a line of statistics at the configured steps, as the trainer does. */
  async #watch(): Promise<void> {
    const { config, logit } = this.opened.trainable;
    const isDue = (key: string, otherwise: number): boolean =>
      this.#position.step % (Number(config[key]) || otherwise) === 0;
    if (isDue('sampleEvery', 100)) {
      const begun = this.#now();
      const diversity = await this.#diversity();
      const { gathered, secondsElapsed } = this.#position;
      this.#position = {
        ...this.#position,
        gathered: { ...gathered, diversity },
        secondsElapsed: secondsElapsed + this.#now() - begun,
      };
    }
    if (!isDue('reportEvery', 25)) return;
    const { step, gathered } = this.#position;
    this.#lines.push({ step, ...meansOf(gathered), diversity: gathered.diversity });
    this.collapse = findCollapse(this.#lines, logit);
    this.#controller?.beginReport();
    this.#position = { ...this.#position, gathered: noSums };
  }

  async #diversity(): Promise<number> {
    const count = Math.min(maxWatchedImages, this.images.count);
    const seeds = Array.from({ length: count }, (_, seed) => seed);
    const { width, height, channels } = this.opened;
    const shape = [count, height, width, channels];
    if (this.#reals === null) {
      const indices = Int32Array.from(seeds, (i) => Math.floor((i * this.images.count) / count));
      const order = { indices, isFlipped: seeds.map(() => false), after: this.#position.sampler! };
      this.#reals = { shape, data: batchOf(this.images, order, this.opened).images };
    }
    return relativeDiversity({ shape, data: await this.sample(seeds) }, this.#reals);
  }
}
