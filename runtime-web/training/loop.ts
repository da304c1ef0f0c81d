// Training, step by step: the inputs of each update are drawn as the trainer draws them, the updates that are due run over the state, and
// the figures are watched for a collapse. A training with the same seed and images is the trainer's.
import type { Wanted } from '../format/condition.ts';
import { lengthOf } from '../format/image-shape.ts';
import { Random } from '../format/random.ts';
import { AugmentationController } from '../format/training/augmentation/controller.ts';
import { EpochOrders, type BatchOrder, type DataPosition } from '../format/training/batch-order.ts';
import type { Collapse } from '../format/training/collapse.ts';
import { drawInputs, hasAugmentation, type RealBatch } from '../format/training/draws.ts';
import { drawState } from '../format/training/initial-state.ts';
import { scheduledAt } from '../format/training/schedule.ts';
import { latentInputs, latentsOf } from '../format/training/latent-inputs.ts';
import { runSeeds } from '../format/training/seeds.ts';
import { Statistics, statisticsInputs } from '../format/training/statistics.ts';
import { stepScalars, type StepSchedule } from '../format/training/step-scalars.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import { isPhaseDue, type TrainablePackage } from '../format/training/trainable.ts';
import type { CollapseWatch } from './collapse-watch.ts';
import { figureNames, mapped, noSums, withStep, type Figures } from './gathered.ts';
import { batchOf, type TrainingImages } from './images.ts';
import { shareDone, type Position, type RunLength } from './position.ts';
import { changedSettings, scheduleWith, settingsOf, timesOf, type TrainerSettings } from './settings.ts';
import type { StateDevice } from './state-device.ts';
import type { HalfStep } from './entries-of.ts';
import type * as LoopParts from './loop-parts.ts';

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
  /** Loads the parts that are needed from some moment on; called often. */
  readonly parts: () => Promise<typeof LoopParts>;
}

/** Images, and points, in one run of the sampling. */
const sampleBatch = { images: 64, points: 1024 } as const;

/** A training. Calls must not overlap. */
export class TrainingLoop {
  readonly opened: TrainablePackage;
  readonly images: TrainingImages;
  /** Seconds inside the device, for the share of time outside it. */
  deviceSeconds = 0;
  readonly #device: StateDevice;
  readonly #now: () => number;
  readonly #parts: LoopOptions['parts'];
  #seed!: number;
  #settings: TrainerSettings;
  #schedule: StepSchedule;
  #orders!: EpochOrders;
  #random!: Random;
  #position!: Position;
  #controller!: AugmentationController | null;
  /** Null before the first step. */
  #watcher!: CollapseWatch | null;
  /** Entries of the state that every update leaves as they are. */
  #frozen: FloatTensors = {};
  /** The start of the training, as keys of the configuration. */
  #start: Readonly<Record<string, unknown>> = {};
  #measuredAt: { readonly step: number; readonly isExact: boolean } | null = null;

  /** Draws the state from the seed. Throws RangeError for a seed that is no whole number from 0 to 2^53 - 1. */
  constructor({ opened, device, images, now, parts, seed = opened.trainable.seed }: LoopOptions) {
    this.opened = opened;
    this.images = images;
    this.#device = device;
    this.#now = now;
    this.#parts = parts;
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
    return {
      ...this.opened.trainable.config,
      ...this.#settings,
      learningRateEnd,
      seed: this.#seed,
      ...this.#start,
    };
  }

  /** The sign of collapse at the last line of statistics, or null. */
  get collapse(): Collapse | null {
    return this.#watcher?.collapse ?? null;
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

  /** Goes on with these entries of the state, of which `frozen` keep their values; `start` are the configuration's keys that say so. */
  async startFrom(
    entries: FloatTensors,
    frozen: readonly string[],
    start: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    this.#device.write(entries);
    const state = await this.#device.read();
    this.#frozen = Object.fromEntries(frozen.map((name) => [name, state[name]!]));
    this.#start = start;
    this.#measuredAt = null;
  }

  /**
   * One step; of the given batch, or of the next ones. Throws NotFiniteError if a figure is not finite. With `only`, the update of one
   * network: the other's entries are as before, and D's rate is 0 while G is updated, so that G's gradient comes from the present D.
   * An update of D alone does not count as a step.
   */
  async step(given?: RealBatch, only: HalfStep | null = null): Promise<Figures> {
    const begun = this.#now();
    const kept = only === null ? {} : await this.#entriesOfOther(only);
    const { conditioning, trainable } = this.opened;
    const before = this.#position;
    const stepNumber = before.step + 1;
    const scheduled = this.#scheduledAt(stepNumber);
    const { batch, criticSteps } = this.#schedule;
    let outputs: Readonly<Record<string, FloatTensor>> = {};
    for (const phase of trainable.phases) {
      if (!isPhaseDue(phase, stepNumber)) continue;
      if (only === 'generator' && phase.updates === 'discriminator') continue;
      const isAugmented = hasAugmentation(phase.draws);
      const augmentation = isAugmented ? (await this.#parts()).augmentationDraws : null;
      for (let i = 0; i < timesOf(phase, this.#settings); i++) {
        const updateOfD = phase.updates === 'both' ? criticSteps - 1 : i;
        const scalars = stepScalars(this.#schedule, { update: stepNumber, updateOfD }, scheduled);
        const inputs = drawInputs(phase.draws, {
          ...{ random: this.#random, conditioning, stepNumber, shape: this.opened },
          real: given ?? this.#nextBatch(),
          scalars: only === 'generator' ? { ...scalars, criticRate: 0 } : scalars,
          ...{ probability: this.#controller?.probability ?? 0, augmentation },
        });
        outputs = await this.#run(phase.file, inputs);
        this.#device.write(this.#frozen);
      }
    }
    this.#device.write(kept);
    const shown = only === 'generator' ? batch : batch * criticSteps;
    const figures = mapped((name) => outputs[name]?.data[0] ?? NaN);
    this.#controller?.addStep(outputs['dSign']?.data[0] ?? NaN, shown);
    const seconds = this.#now() - begun;
    this.#position = {
      ...this.#position,
      step: only === 'discriminator' ? before.step : stepNumber,
      images: before.images + shown,
      stepSeconds: before.stepSeconds + seconds,
      secondsElapsed: before.secondsElapsed + seconds,
      gathered: withStep(before.gathered, figures, { images: shown, seconds }),
    };
    const bad = figureNames.find((name) => !Number.isFinite(figures[name]));
    if (bad !== undefined) throw new NotFiniteError(`${bad} is ${figures[bad]} at step ${stepNumber}`);
    if (only !== 'discriminator') await this.#watch();
    return figures;
  }

  async #entriesOfOther(only: HalfStep): Promise<FloatTensors> {
    const { entriesOf } = await this.#parts();
    return entriesOf(await this.#device.read(), only === 'generator' ? 'discriminator' : 'generator');
  }

  /**
   * Images of seeds, [n, height, width, channels] in [-1, 1], or points [n, 2], by the averaged weights. Exact: with all statistics measured, as the
   * trainer's samples; otherwise with those of two batches, which look the same. Throws RangeError as `conditionFor` does.
   */
  async sample(
    seeds: readonly number[],
    { wanted = {}, isExact = false }: { readonly wanted?: Wanted; readonly isExact?: boolean } = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const isWanted = Object.values(wanted).some((value) => value !== undefined);
    const rowsFor = await this.#rowsFor(isWanted);
    const inputs = latentInputs(this.opened, latentsOf(this.opened, seeds), seeds, rowsFor, wanted);
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

  /** D's outputs for images, as `judged` says. */
  async judge(images: RealBatch): Promise<Float32Array<ArrayBuffer>> {
    const { judged } = await this.#parts();
    return judged(this.opened, images, (inputs) => this.#run('judge', inputs));
  }

  /** Measures the statistics of the averaged generator for the present state, unless that has been done. */
  async measure(isExact: boolean): Promise<void> {
    const { statistics } = this.opened.trainable;
    const at = this.#measuredAt;
    const { step } = this.#position;
    if (statistics === null || (at?.step === step && (at.isExact || !isExact))) return;
    const sums = new Statistics(statistics);
    const latents = isExact ? statistics.latents : 1;
    const rowsFor = await this.#rowsFor(false);
    for (const inputs of statisticsInputs(this.opened, { ...statistics, latents }, rowsFor))
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

  /** The function that makes rows of conditions; null for a package without conditioning, unless one is wanted, which it refuses. */
  async #rowsFor(isWanted: boolean) {
    if (this.opened.conditioning === null && !isWanted) return null;
    return (await this.#parts()).conditionFor;
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
    this.#measuredAt = null;
    this.#frozen = {};
    this.#start = {};
    this.#watcher = null;
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
    const { step } = this.#position;
    const watcher = (this.#watcher ??= new (await this.#parts()).CollapseWatch(this.opened, this.images));
    if (watcher.isDiversityDue(step)) {
      const begun = this.#now();
      const diversity = await watcher.diversity((seeds) => this.sample(seeds));
      const { gathered, secondsElapsed } = this.#position;
      this.#position = {
        ...this.#position,
        gathered: { ...gathered, diversity },
        secondsElapsed: secondsElapsed + this.#now() - begun,
      };
    }
    if (!watcher.endsLine(step, this.#position.gathered)) return;
    this.#controller?.beginReport();
    this.#position = { ...this.#position, gathered: noSums };
  }
}
