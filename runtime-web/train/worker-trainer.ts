// A training of a package in a worker of its own. The page holds a copy of the state, at most a second old: if the worker ends or the GPU
// is lost, the training goes on from it in a new worker.
import type { TrainerSettings } from '../training/settings.ts';
import { TrainingDivergedError } from './errors.ts';
import { Keeper } from './keeper.ts';
import { requestOf, type KnownOptions } from './known-options.ts';
import { LivingWorker } from './living-worker.ts';
import type { GivenBatch, Opened, RunEvent, TrainApi, TrainingReport } from './protocol.ts';
import { checkLimits, runUntil, type Runner, type Running } from './run-until.ts';
import type { RunOptions, SampleOptions, StepOptions, Trainer, TrainerOptions } from './trainer.ts';
import { assetsUrl } from './worker-script.ts';

/** The trainer, with the calls for points. */
export class WorkerTrainer implements Trainer {
  readonly #options: KnownOptions;
  readonly #worker: LivingWorker;
  #opened!: Opened;
  #report!: TrainingReport;
  #settings: Partial<TrainerSettings>;
  /** The newest copy of the state. */
  #copy: TrainerOptions['state'];
  #running: Running | null = null;
  readonly #keeper: Keeper | null;
  readonly #ownWarnings: string[] = [];
  readonly #runner: Runner = {
    report: () => this.#report,
    noteReport: (report) => (this.#report = report),
    shown: () => this.package.batch * this.#opened.settings.criticSteps,
    take: (event) => this.#take(event),
    end: () => this.#worker.pause(),
    on: (work) => this.#worker.on(work),
  };

  constructor(url: string, options: KnownOptions) {
    this.#options = options;
    this.#copy = options.state;
    this.#settings = options.settings ?? {};
    this.#keeper = options.keep === false ? null : new Keeper(url, options.data, (why) => this.#warn(why));
    this.#worker = new LivingWorker({
      url,
      device: options.device,
      assets: assetsUrl(options.assets),
      onProgress: options.onProgress,
      request: () => ({ ...requestOf(url, options), state: this.#copy ?? null, settings: this.#settings }),
      onOpened: (opened) => {
        this.#opened = opened;
        this.#report = opened.report;
      },
      step: () => this.#report.step,
      warn: (message) => this.#warn(message),
    });
  }

  /** Opens the training; call it first. */
  async open(): Promise<this> {
    await this.#worker.on(async () => undefined, this.#options.signal);
    return this;
  }

  get package(): Opened['package'] {
    return this.#opened.package;
  }

  get device(): Opened['device'] {
    return this.#opened.device;
  }

  get warnings(): readonly string[] {
    return [...this.#opened.warnings, ...this.#ownWarnings];
  }

  get report(): TrainingReport {
    return this.#report;
  }

  get settings(): TrainerSettings {
    return { ...this.#opened.settings };
  }

  async set(change: Partial<TrainerSettings>): Promise<void> {
    const settings = await this.#worker.on((link) => link.call('set', change));
    this.#settings = { ...this.#settings, ...change };
    this.#opened = { ...this.#opened, settings };
  }

  step(batch: GivenBatch | null = null, { only = null }: StepOptions = {}): Promise<TrainingReport> {
    if (only !== null && only !== 'discriminator' && only !== 'generator')
      return Promise.reject(new TypeError(`only: got ${String(only)}, expected discriminator or generator`));
    return this.#training(async () => {
      this.#report = await this.#worker.on((link) => link.call('step', { batch, only }));
      return this.#report;
    });
  }

  async run(options: RunOptions = {}): Promise<TrainingReport> {
    checkLimits(options);
    return this.#training((running) => runUntil(running, options, this.#runner));
  }

  async pause(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    running.isPaused = true;
    await this.#worker.pause();
    await running.ended.catch(() => undefined);
  }

  async sample(seeds: readonly number[], options: SampleOptions = {}): Promise<ImageData[]> {
    const { isExact = false, ...wanted } = options;
    if (seeds.length === 0) return [];
    const pixels = await this.#worker.on((link) => link.call('sample', { seeds, wanted, isExact }));
    const { width, height } = this.package;
    const length = 4 * width * height;
    return seeds.map((_, i) => new ImageData(pixels.slice(i * length, (i + 1) * length), width, height));
  }

  /** A call for points: of seeds, or of points [n, 2]. */
  ask<K extends 'samplePoints' | 'judgePoints' | 'slopes'>(
    name: K,
    value: Parameters<TrainApi[K]>[0],
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.#worker.on((link) => link.call<'samplePoints' | 'judgePoints' | 'slopes'>(name, value));
  }

  async judge(images: GivenBatch): Promise<Float32Array> {
    return this.#worker.on((link) => link.call('judge', images));
  }

  async state(): Promise<Uint8Array<ArrayBuffer>> {
    const state = await this.#worker.on((link) => link.call('save', null));
    this.#copy = state.slice();
    return state;
  }

  load(state: Uint8Array<ArrayBuffer>): Promise<TrainingReport> {
    return this.#training(async () => {
      const report = await this.#worker.on((link) => link.call('load', state));
      this.#copy = state.slice();
      this.#settings = {};
      return (this.#report = report);
    });
  }

  async toRun({ pictures = true }: { readonly pictures?: boolean } = {}): Promise<Blob> {
    const zip = await this.#worker.on((link) => link.call('toRun', { hasPictures: pictures }));
    return new Blob([zip], { type: 'application/zip' });
  }

  async toPackage(): Promise<Blob> {
    const zip = await this.#worker.on((link) => link.call('toPackage', null));
    return new Blob([zip], { type: 'application/zip' });
  }

  dispose(): void {
    this.#worker.dispose();
  }

  /** Work that changes the state: one at a time. A number that is not finite brings back the last copy. */
  #training<T>(work: (running: Running) => Promise<T>): Promise<T> {
    if (this.#running !== null)
      return Promise.reject(new Error('the trainer is running; pause it first, or wait for its end'));
    const running: Running = { isPaused: false, ended: Promise.resolve() };
    this.#running = running;
    const done = work(running)
      .catch(async (error: Error) => {
        if (error.name !== 'NotFiniteError') throw error;
        await this.#goBack();
        const { step } = this.#report;
        throw new TrainingDivergedError(
          `${error.message}; the trainer is back at step ${step}; lower the learning rates with set(), or load an earlier state`,
        );
      })
      .finally(() => (this.#running = null));
    running.ended = done;
    return done;
  }

  /** Back to the last copy of the state, or to the beginning. */
  async #goBack(): Promise<void> {
    const copy = this.#copy;
    if (copy instanceof Uint8Array) this.#report = await this.#worker.on((link) => link.call('load', copy));
    else {
      await this.#worker.end();
      await this.#worker.on(async () => undefined);
    }
  }

  /** Takes a copy of the state. */
  #take({ state, report }: RunEvent & { readonly kind: 'state' }): void {
    this.#copy = state;
    this.#worker.noteCopy();
    this.#keeper?.keep(state, report);
  }

  #warn(message: string): void {
    if (!this.#ownWarnings.includes(message)) this.#ownWarnings.push(message);
  }
}
