// Training, step by step: the inputs of each update are drawn as the trainer draws them, the updates that are due run over the state, and
// the figures are watched for a collapse. A training with the same seed and images is the trainer's.
import { Random } from '../format/random.ts';
import type { Collapse } from '../format/training/collapse.ts';
import type { RealBatch } from '../format/training/draws.ts';
import { drawState } from '../format/training/initial-state.ts';
import { runSeeds } from '../format/training/seeds.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import type { AveragedGenerator, SampleRequest } from './averaged-generator.ts';
import type { CollapseWatch } from './collapse-watch.ts';
import type { HalfStep } from './entries-of.ts';
import { mapped, type Figures } from './gathered.ts';
import type { TrainingImages } from './images.ts';
import type * as LoopParts from './loop-parts.ts';
import { checkFigures, checkState } from './not-finite.ts';
import type { Position } from './position.ts';
import { Progress } from './progress.ts';
import type { TrainerSettings } from './settings.ts';
import type { StateDevice } from './state-device.ts';
import { TimedDevice } from './timed-device.ts';
import { runUpdates } from './updates.ts';

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

/** A training. Calls must not overlap. */
export class TrainingLoop {
  readonly opened: TrainablePackage;
  readonly images: TrainingImages;
  readonly progress: Progress;
  readonly #device: TimedDevice;
  readonly #now: () => number;
  readonly #parts: LoopOptions['parts'];
  /** Null before the first step. */
  #watcher: CollapseWatch | null = null;
  /** Null before the first sample. */
  #generator: AveragedGenerator | null = null;
  /** Entries of the state that every update leaves as they are. */
  #frozen: FloatTensors = {};
  /** The start of the training, as keys of the configuration. */
  #start: Readonly<Record<string, unknown>> = {};

  /** Draws the state from the seed. Throws RangeError for a seed that is no whole number from 0 to 2^53 - 1. */
  constructor({ opened, device, images, now, parts, seed = opened.trainable.seed }: LoopOptions) {
    this.opened = opened;
    this.images = images;
    this.#device = new TimedDevice(device, now);
    this.#now = now;
    this.#parts = parts;
    this.progress = new Progress(opened, images, seed);
    device.write(drawState(opened.trainable.state, new Random(runSeeds({ seed }).weightSeed)));
  }

  /** The run's seed. */
  get seed(): number {
    return this.progress.seed;
  }

  /** Seconds inside the device, for the share of time outside it. */
  get deviceSeconds(): number {
    return this.#device.seconds;
  }

  get settings(): TrainerSettings {
    return this.progress.settings;
  }

  /** The configuration of the trainer that this training has now. */
  get config(): Readonly<Record<string, unknown>> {
    const { settings, schedule, seed } = this.progress;
    const { learningRateEnd } = schedule;
    return { ...this.opened.trainable.config, ...settings, learningRateEnd, seed, ...this.#start };
  }

  /** The sign of collapse at the last line of statistics, or null. */
  get collapse(): Collapse | null {
    return this.#watcher?.collapse ?? null;
  }

  get position(): Position {
    return this.progress.position;
  }

  /** Changes settings from the next step on. Throws RangeError and TypeError as `changedSettings` does. */
  set(change: Partial<TrainerSettings>): void {
    this.progress.set(change);
  }

  /** Goes on from another place: a whole state, its position, and the seed of its run. A position in other data begins them anew. */
  restore(state: FloatTensors, position: Position, seed: number): void {
    this.progress.restore(position, seed);
    this.#watcher = this.#generator = null;
    this.#frozen = {};
    this.#start = {};
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
    this.#generator = null;
  }

  /**
   * One step; of the given batch, or of the next ones. Throws NotFiniteError if a figure is not finite. With `only`, the update of one
   * network: the other's entries are as before. An update of D alone does not count as a step.
   */
  async step(given?: RealBatch, only: HalfStep | null = null): Promise<Figures> {
    const begun = this.#now();
    const kept = only === null ? {} : await this.#entriesOfOther(only);
    const { progress } = this;
    const { settings, schedule, random, controller, scalars } = progress;
    const stepNumber = progress.step + 1;
    const outputs = await runUpdates({
      ...{ opened: this.opened, settings, stepNumber, only, random, scalars, parts: this.#parts },
      probability: controller?.probability ?? 0,
      real: () => given ?? progress.takeBatch(),
      run: async (role, inputs) => {
        const found = await this.#device.run(role, inputs);
        this.#device.write(this.#frozen);
        return found;
      },
    });
    this.#device.write(kept);
    const images = only === 'generator' ? schedule.batch : schedule.batch * settings.criticSteps;
    const figures = mapped((name) => outputs[name]?.data[0] ?? NaN);
    controller?.addStep(outputs['dSign']?.data[0] ?? NaN, images);
    const isCounted = only !== 'discriminator';
    progress.add({ figures, images, seconds: this.#now() - begun, isCounted });
    checkFigures(figures, stepNumber);
    if (isCounted) {
      this.#watcher ??= new (await this.#parts()).CollapseWatch(this.opened, this.images);
      await this.#watcher.watch(progress, (seeds) => this.sample(seeds), this.#now);
    }
    return figures;
  }

  /**
   * Images of seeds, [n, height, width, channels] in [-1, 1], or points [n, 2], by the averaged weights. Throws RangeError as
   * `conditionFor` does.
   */
  async sample(seeds: readonly number[], request: SampleRequest = {}): Promise<Float32Array<ArrayBuffer>> {
    return (await this.#averaged()).sample(seeds, this.progress.step, request);
  }

  /** D's outputs for images, as `judged` says. */
  async judge(images: RealBatch): Promise<Float32Array<ArrayBuffer>> {
    const { judged } = await this.#parts();
    return judged(this.opened, images, (inputs) => this.#device.run('judge', inputs));
  }

  /** Measures the statistics of the averaged generator for the present state, unless that has been done. */
  async measure(isExact: boolean): Promise<void> {
    await (await this.#averaged()).measure(this.progress.step, isExact);
  }

  /** The whole state. Its arrays must not be changed. Throws NotFiniteError if a number is not finite. */
  async state(): Promise<Record<string, FloatTensor>> {
    const state = await this.#device.read();
    checkState(state, this.progress.step);
    return state;
  }

  /** Runs a file that changes nothing. */
  run(role: 'field', inputs: FloatTensors): ReturnType<StateDevice['run']> {
    return this.#device.run(role, inputs);
  }

  async #averaged(): Promise<AveragedGenerator> {
    return (this.#generator ??= new (await this.#parts()).AveragedGenerator(this.opened, this.#device));
  }

  async #entriesOfOther(only: HalfStep): Promise<FloatTensors> {
    const { entriesOf } = await this.#parts();
    return entriesOf(await this.#device.read(), only === 'generator' ? 'discriminator' : 'generator');
  }
}
