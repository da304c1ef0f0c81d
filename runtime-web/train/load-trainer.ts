// A training of a package in a worker of its own. The page holds a copy of the state, at most a second old: if the worker ends or the GPU
// is lost, the training goes on from it in a new worker.
import { chooseBuild } from '../adapter.ts';
import { WorkerError } from '../errors.ts';
import { orAborted } from '../or-aborted.ts';
import type { DeviceRequest, RuntimeBuild } from '../protocol.ts';
import type { TrainingData } from '../training/images.ts';
import type { TrainerSettings } from '../training/settings.ts';
import { refused, WorkerLink } from '../worker-link.ts';
import { TrainingDivergedError } from './errors.ts';
import type { GivenBatch, Opened, RunEvent, TrainApi, TrainingReport } from './protocol.ts';
import { keepData, keepState, keyOf } from './saved-training.ts';
import type { RunOptions, SampleOptions, StepOptions, Trainer, TrainerOptions } from './trainer.ts';
import { assetsUrl, laterUrl, trainWorker } from './worker-script.ts';

const usualMaxBytes = 512 * 2 ** 20;
const maxTimeout = 86_400;
/** Milliseconds between two copies of the state in the browser's storage. */
const keepEveryMs = 10_000;
/** A worker is started anew this often without a copy of the state in between. */
const maxRestarts = 3;

type Link = WorkerLink<TrainApi>;

/**
 * Loads the networks to train whose `model.json` is at `url`, as `dcgan export --trainable` makes them. Throws ModelLoadError for files that
 * cannot be fetched or differ from the published ones; ModelFormatError for an invalid `model.json` or state; RangeError for images
 * that do not fit, a training above `maxBytes`, and invalid options; DeviceUnavailableError where WebGPU was asked for and is missing;
 * WorkerError where no worker can be started; the signal's reason.
 */
export async function loadTrainer(url: string | URL, options: TrainerOptions = {}): Promise<Trainer> {
  const { device = 'auto', data = 'avatars', timeout = 60, maxBytes = usualMaxBytes, signal } = options;
  if (!['auto', 'webgpu', 'wasm'].includes(device))
    throw new TypeError(`device: got ${device}, expected auto, webgpu or wasm`);
  if (!(timeout >= 1 && timeout <= maxTimeout))
    throw new RangeError(`timeout: got ${timeout}, expected a number from 1 to ${maxTimeout}`);
  if (!(maxBytes > 0)) throw new RangeError(`maxBytes: got ${maxBytes}, expected a number above 0`);
  if (data !== 'avatars' && !('avatars' in data) && !(data.images instanceof Uint8Array))
    throw new TypeError("data: expected 'avatars', { avatars: count } or { images: Uint8Array }");
  if (typeof Worker === 'undefined') throw new WorkerError('this browser has no workers');
  signal?.throwIfAborted();
  const trainer = new WorkerTrainer(keyOf(url), { ...options, device, data, timeout, maxBytes });
  const opening = trainer.open();
  return orAborted(opening, signal, () => trainer.dispose());
}

/** Options with their defaults. */
interface Known extends TrainerOptions {
  readonly device: DeviceRequest;
  readonly data: TrainingData;
  readonly timeout: number;
  readonly maxBytes: number;
}

/** Work that changes the state. */
interface Running {
  isPaused: boolean;
  ended: Promise<unknown>;
}

class WorkerTrainer implements Trainer {
  readonly #url: string;
  readonly #options: Known;
  readonly #assets: URL | null;
  readonly #disposal = new AbortController();
  #device: DeviceRequest;
  #link: Promise<Link> | null = null;
  #opened!: Opened;
  #report!: TrainingReport;
  #settings: Partial<TrainerSettings>;
  /** The newest copy of the state. */
  #copy: TrainerOptions['state'];
  #restarts = 0;
  #running: Running | null = null;
  #keptAt = -Infinity;
  #hasKeptData = false;
  readonly #ownWarnings: string[] = [];

  constructor(url: string, options: Known) {
    this.#url = url;
    this.#options = options;
    this.#device = options.device;
    this.#copy = options.state;
    this.#settings = options.settings ?? {};
    this.#assets = assetsUrl(options.assets);
  }

  /** Opens the training; call it first. */
  async open(): Promise<Trainer> {
    await this.#on(async () => undefined, this.#options.signal);
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
      const waiting = hidden === 'wait' ? this.#waitWhileHidden() : null;
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
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort(new Error('the trainer has been disposed of'));
    this.#link?.then(
      (link) => {
        const letGo = (): void => link.letGo();
        link.call('dispose', null).then(letGo, letGo);
      },
      () => undefined,
    );
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

  async #pauseWorker(running: Running): Promise<void> {
    running.isPaused = true;
    await (await this.#link)?.call('pause', null).catch(() => undefined);
  }

  /** Works in a living worker; in a new one, from the last copy of the state, if the worker ends or the GPU is lost. */
  async #on<T>(work: (link: Link) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      this.#disposal.signal.throwIfAborted();
      signal?.throwIfAborted();
      try {
        const link = await (this.#link ??= this.#start());
        return await orAborted(work(link), this.#disposal.signal);
      } catch (error) {
        if (this.#disposal.signal.aborted) throw this.#disposal.signal.reason;
        if (this.#opened === undefined) throw error;
        const isLost = this.#isLostGpu(error as Error);
        const isEnded = error instanceof WorkerError && !refused.has(this.#fileName);
        if (!(isLost || isEnded) || ++this.#restarts > maxRestarts) throw error;
        if (isLost) {
          this.#device = 'wasm';
          this.#warn(`the GPU was lost (${(error as Error).message.split('\n')[0]}); going on with wasm`);
        } else this.#warn(`${(error as Error).message}; going on from step ${this.#report.step}`);
        await this.#end();
      }
    }
  }

  get #fileName(): string {
    return `training of ${this.#url}`;
  }

  /** Errors of ONNX Runtime on a GPU: nothing else throws a plain Error there. */
  #isLostGpu({ name }: Error): boolean {
    return this.#opened?.device.name === 'webgpu' && this.#device !== 'wasm' && name === 'Error';
  }

  /** Back to the last copy of the state, or to the beginning. */
  async #goBack(): Promise<void> {
    const copy = this.#copy;
    if (copy instanceof Uint8Array) this.#report = await this.#on((link) => link.call('load', copy));
    else {
      await this.#end();
      await this.#on(async () => undefined);
    }
  }

  async #end(): Promise<void> {
    const ending = this.#link;
    this.#link = null;
    const link = await ending?.catch(() => null);
    link?.call('dispose', null).catch(() => undefined);
    link?.letGo();
  }

  async #start(): Promise<Link> {
    const why = refused.get(this.#fileName);
    if (why !== undefined) throw why;
    const { build } = await chooseBuild(this.#device);
    const link = await WorkerLink.start<TrainApi>(
      build,
      this.#assets,
      // The next call starts a new worker.
      () => (this.#link = null),
      trainWorker,
    );
    link.hold();
    try {
      this.#opened = await link.call('open', this.#requestOf(build, link), (progress) =>
        this.#options.onProgress?.(progress),
      );
    } catch (error) {
      link.letGo();
      throw error;
    }
    this.#report = this.#opened.report;
    return link;
  }

  #requestOf(build: RuntimeBuild, { files }: Link) {
    const { data, seed = null, maxBytes, timeout } = this.#options;
    return {
      ...{ url: this.#url, device: this.#device, build, seed, maxBytes, timeout },
      files: { ...files, later: laterUrl(this.#assets) },
      ...{ data, state: this.#copy ?? null, settings: this.#settings },
    };
  }

  /** Takes a copy of the state, and keeps one for a reload every ten seconds. */
  #take({ state, report }: RunEvent & { readonly kind: 'state' }): void {
    this.#copy = state;
    this.#restarts = 0;
    if (this.#options.keep === false || performance.now() - this.#keptAt < keepEveryMs) return;
    this.#keptAt = performance.now();
    void this.#keep(state, report);
  }

  async #keep(state: Uint8Array<ArrayBuffer>, { step, images }: TrainingReport): Promise<void> {
    try {
      if (!this.#hasKeptData) await keepData(this.#url, this.#options.data);
      this.#hasKeptData = true;
      await keepState(this.#url, { step, images, savedAt: new Date(), state });
    } catch (error) {
      const isFull = (error as Error | null)?.name === 'QuotaExceededError';
      const reason = isFull ? 'the storage is full' : String(error);
      this.#warn(`the training is not kept for a reload: ${reason}; keep it with toRun()`);
      this.#keptAt = Infinity;
    }
  }

  #warn(message: string): void {
    if (!this.#ownWarnings.includes(message)) this.#ownWarnings.push(message);
  }

  /** Waits while the page is hidden. */
  #waitWhileHidden() {
    let pause = (): void => undefined;
    const page = globalThis.document as Document | undefined;
    const listeners: (() => void)[] = [];
    const onChange = (): void => {
      if (page?.hidden === true) pause();
      else for (const listener of listeners.splice(0)) listener();
    };
    page?.addEventListener('visibilitychange', onChange);
    return {
      shown: (): Promise<void> =>
        page?.hidden === true ? new Promise((resolve) => listeners.push(resolve)) : Promise.resolve(),
      onHidden(call: () => void): void {
        pause = call;
      },
      end: (): void => page?.removeEventListener('visibilitychange', onChange),
    };
  }
}
