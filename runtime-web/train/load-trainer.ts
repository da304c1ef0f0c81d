// A training of a package in a worker of its own. The page holds a copy of the state, at most a second old: if the worker ends or the GPU
// is lost, the training goes on from it in a new worker.
import { WorkerError } from '../errors.ts';
import { orAborted } from '../or-aborted.ts';
import type { DeviceRequest } from '../protocol.ts';
import type { TrainingData } from '../training/images.ts';
import type { GivenPoints } from '../training/points.ts';
import type { TrainerSettings } from '../training/settings.ts';
import { TrainingDivergedError } from './errors.ts';
import type { GivenBatch, Opened, RunEvent, StartRequest, TrainApi, TrainingReport } from './protocol.ts';
import { waitWhileHidden } from './hidden.ts';
import { Keeper } from './keeper.ts';
import { keyOf } from './kept.ts';
import { LivingWorker, type TrainLink } from './living-worker.ts';
import type { RunOptions, SampleOptions, StepOptions, Trainer, TrainerOptions } from './trainer.ts';
import { assetsUrl } from './worker-script.ts';

const usualMaxBytes = 512 * 2 ** 20;
const maxTimeout = 86_400;

/**
 * Loads the networks to train whose `model.json` is at `url`, as `dcgan export --trainable` makes them. Throws ModelLoadError for files that
 * cannot be fetched or differ from the published ones; ModelFormatError for an invalid `model.json` or state; RangeError for images
 * that do not fit, a training above `maxBytes`, and invalid options; DeviceUnavailableError where WebGPU was asked for and is missing;
 * WorkerError where no worker can be started; the signal's reason.
 */
export async function loadTrainer(url: string | URL, options: TrainerOptions = {}): Promise<Trainer> {
  const { device = 'auto', data = 'avatars', timeout = 60, maxBytes = usualMaxBytes } = options;
  if (!['auto', 'webgpu', 'wasm'].includes(device))
    throw new TypeError(`device: got ${device}, expected auto, webgpu or wasm`);
  if (!(timeout >= 1 && timeout <= maxTimeout))
    throw new RangeError(`timeout: got ${timeout}, expected a number from 1 to ${maxTimeout}`);
  if (!(maxBytes > 0)) throw new RangeError(`maxBytes: got ${maxBytes}, expected a number above 0`);
  if (data !== 'avatars' && !('avatars' in data) && !(data.images instanceof Uint8Array))
    throw new TypeError("data: expected 'avatars', { avatars: count } or { images: Uint8Array }");
  if (options.from !== undefined && options.state !== undefined)
    throw new TypeError(
      'from, state: got both, expected one: a training starts from weights, or goes on from a state',
    );
  if (options.freezeD !== undefined && options.from === undefined)
    throw new TypeError(`freezeD: got ${options.freezeD} without from, expected weights to start from`);
  return openTrainer(url, { ...options, device, data, timeout, maxBytes });
}

/** Opens a training of options that have been checked. Throws as {@link loadTrainer} does. */
export async function openTrainer(url: string | URL, options: KnownOptions): Promise<WorkerTrainer> {
  const { signal } = options;
  if (typeof Worker === 'undefined') throw new WorkerError('this browser has no workers');
  signal?.throwIfAborted();
  const trainer = new WorkerTrainer(keyOf(url), options);
  const opening = trainer.open();
  return orAborted(opening, signal, () => trainer.dispose());
}

/** Options with their defaults. */
export interface KnownOptions extends Omit<TrainerOptions, 'data'> {
  readonly device: DeviceRequest;
  readonly data: TrainingData | GivenPoints;
  readonly timeout: number;
  readonly maxBytes: number;
  /** WebAssembly threads at most. Default: as many as are useful to networks for images. */
  readonly threads?: number;
}

/** The weights to start from; null without. */
function startOf({ from, freezeD = 0 }: Pick<TrainerOptions, 'from' | 'freezeD'>): StartRequest | null {
  if (from === undefined) return null;
  return { weights: from instanceof Uint8Array ? from : keyOf(from), freezeD };
}

/** Work that changes the state. */
interface Running {
  isPaused: boolean;
  ended: Promise<unknown>;
}

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
      request: () => {
        const { data, seed = null, maxBytes, timeout, threads = null } = this.#options;
        return {
          ...{ url, seed, maxBytes, timeout, threads, data },
          ...{ state: this.#copy ?? null, from: startOf(this.#options), settings: this.#settings },
        };
      },
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
    const settings = await this.#on((link) => link.call('set', change));
    this.#settings = { ...this.#settings, ...change };
    this.#opened = { ...this.#opened, settings };
  }

  step(batch: GivenBatch | null = null, { only = null }: StepOptions = {}): Promise<TrainingReport> {
    if (only !== null && only !== 'discriminator' && only !== 'generator')
      return Promise.reject(new TypeError(`only: got ${String(only)}, expected discriminator or generator`));
    return this.#training(async () => {
      this.#report = await this.#on((link) => link.call('step', { batch, only }));
      return this.#report;
    });
  }

  run(options: RunOptions = {}): Promise<TrainingReport> {
    const { steps, images, until = () => false, onReport = () => undefined, hidden = 'continue' } = options;
    const { signal } = options;
    for (const [name, limit] of Object.entries({ steps, images })) {
      if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
        return Promise.reject(new RangeError(`${name}: got ${limit}, expected a whole number of at least 1`));
    }
    return this.#training(async (running) => {
      signal?.throwIfAborted();
      const begin = this.#report;
      const stop = (): void => void this.#pauseWorker(running);
      signal?.addEventListener('abort', stop);
      const waiting = hidden === 'wait' ? waitWhileHidden() : null;
      // Settings may change the number of images in a step.
      const left = (): number | null => {
        const shown = this.package.batch * this.#opened.settings.criticSteps;
        const { step, images: seen } = this.#report;
        const limits = [
          ...(steps === undefined ? [] : [begin.step + steps - step]),
          ...(images === undefined ? [] : [Math.ceil((begin.images + images - seen) / shown)]),
        ];
        return limits.length === 0 ? null : Math.max(0, Math.min(...limits));
      };
      const isOver = (report: TrainingReport): boolean =>
        running.isPaused || (images !== undefined && report.images - begin.images >= images) || until(report);
      const onEvent = (event: RunEvent): void => {
        this.#report = event.report;
        if (event.kind === 'state') this.#take(event);
        else onReport(event.report);
        if (event.kind === 'report' && isOver(event.report)) stop();
      };
      try {
        for (;;) {
          await waiting?.shown();
          if (running.isPaused) break;
          if (left() === 0) break;
          this.#report = await this.#on((link) => {
            waiting?.onHidden(() => void link.call('pause', null).catch(() => undefined));
            return link.call('run', left(), onEvent);
          });
          if (isOver(this.#report)) break;
        }
      } finally {
        waiting?.end();
        signal?.removeEventListener('abort', stop);
      }
      signal?.throwIfAborted();
      onReport(this.#report);
      return this.#report;
    });
  }

  async pause(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    await this.#pauseWorker(running);
    await running.ended.catch(() => undefined);
  }

  async sample(seeds: readonly number[], options: SampleOptions = {}): Promise<ImageData[]> {
    const { isExact = false, ...wanted } = options;
    if (seeds.length === 0) return [];
    const pixels = await this.#on((link) => link.call('sample', { seeds, wanted, isExact }));
    const { width, height } = this.package;
    const length = 4 * width * height;
    return seeds.map((_, i) => new ImageData(pixels.slice(i * length, (i + 1) * length), width, height));
  }

  /** A call for points: of seeds, or of points [n, 2]. */
  ask<K extends 'samplePoints' | 'judgePoints' | 'slopes'>(
    name: K,
    value: Parameters<TrainApi[K]>[0],
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.#on((link) => link.call<'samplePoints' | 'judgePoints' | 'slopes'>(name, value));
  }

  async judge(images: GivenBatch): Promise<Float32Array> {
    return this.#on((link) => link.call('judge', images));
  }

  async state(): Promise<Uint8Array<ArrayBuffer>> {
    const state = await this.#on((link) => link.call('save', null));
    this.#copy = state.slice();
    return state;
  }

  load(state: Uint8Array<ArrayBuffer>): Promise<TrainingReport> {
    return this.#training(async () => {
      const report = await this.#on((link) => link.call('load', state));
      this.#copy = state.slice();
      this.#settings = {};
      return (this.#report = report);
    });
  }

  async toRun({ pictures = true }: { readonly pictures?: boolean } = {}): Promise<Blob> {
    const zip = await this.#on((link) => link.call('toRun', { hasPictures: pictures }));
    return new Blob([zip], { type: 'application/zip' });
  }

  async toPackage(): Promise<Blob> {
    const zip = await this.#on((link) => link.call('toPackage', null));
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

  #on<T>(work: (link: TrainLink) => Promise<T>): Promise<T> {
    return this.#worker.on(work);
  }

  async #pauseWorker(running: Running): Promise<void> {
    running.isPaused = true;
    await this.#worker.pause();
  }

  /** Back to the last copy of the state, or to the beginning. */
  async #goBack(): Promise<void> {
    const copy = this.#copy;
    if (copy instanceof Uint8Array) this.#report = await this.#on((link) => link.call('load', copy));
    else {
      await this.#worker.end();
      await this.#on(async () => undefined);
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
