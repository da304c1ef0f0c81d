// The worker of one training: started with the first call, and again when it has ended or its GPU is lost. A call is repeated then.
import { chooseBuild } from '../adapter.ts';
import { WorkerError } from '../errors.ts';
import { orAborted } from '../or-aborted.ts';
import type { DeviceRequest, LoadProgress, RuntimeBuild } from '../protocol.ts';
import { refused, WorkerLink } from '../worker-link.ts';
import type { Opened, OpenRequest, TrainApi } from './protocol.ts';
import { laterUrl, trainWorker } from './worker-script.ts';

/** A worker is started anew this often without a copy of the state in between. */
const maxRestarts = 3;

/** The link to the training worker. */
export type TrainLink = WorkerLink<TrainApi>;

/** The part of a request to open that the worker's link determines. */
type OfLink = 'build' | 'gpu' | 'files';

/** A worker's trainer: it gives the worker its training, and is told of it. */
export interface WorkerOwner {
  readonly url: string;
  readonly device: DeviceRequest;
  /** The folder of the package's files; null beside this script. */
  readonly assets: URL | null;
  readonly onProgress: ((progress: LoadProgress) => void) | undefined;
  /** The training to open, from the newest copy of its state. */
  request(): Omit<OpenRequest, OfLink>;
  onOpened(opened: Opened): void;
  /** The step at which a new worker goes on. */
  step(): number;
  warn(message: string): void;
}

/** The living worker of a training. */
export class LivingWorker {
  readonly #owner: WorkerOwner;
  readonly #disposal = new AbortController();
  #device: DeviceRequest;
  #link: Promise<TrainLink> | null = null;
  #hasOpened = false;
  #isOnGpu = false;
  #restarts = 0;

  constructor(owner: WorkerOwner) {
    this.#owner = owner;
    this.#device = owner.device;
  }

  /**
   * Works in a living worker; in a new one, from the last copy of the state, if the worker ends or the GPU is lost. Throws what the work
   * throws; WorkerError if workers keep ending; the signal's reason.
   */
  async on<T>(work: (link: TrainLink) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const disposal = this.#disposal.signal;
    for (;;) {
      disposal.throwIfAborted();
      signal?.throwIfAborted();
      try {
        const link = await (this.#link ??= this.#start());
        return await orAborted(work(link), disposal);
      } catch (error) {
        if (disposal.aborted) throw disposal.reason;
        if (!this.#hasOpened) throw error;
        const { name, message } = error as Error;
        // Errors of ONNX Runtime on a GPU: nothing else throws a plain Error there.
        const isLost = this.#isOnGpu && this.#device !== 'wasm' && name === 'Error';
        const isEnded = error instanceof WorkerError && !refused.has(this.#fileName);
        if (!(isLost || isEnded) || ++this.#restarts > maxRestarts) throw error;
        if (isLost) {
          this.#device = 'wasm';
          this.#owner.warn(`the GPU was lost (${message.split('\n')[0]}); going on with wasm`);
        } else this.#owner.warn(`${message}; going on from step ${this.#owner.step()}`);
        await this.end();
      }
    }
  }

  /** A copy of the state was taken: the worker may be restarted as often as at first. */
  noteCopy(): void {
    this.#restarts = 0;
  }

  /** Ends the run under way after its present step. */
  async pause(): Promise<void> {
    await (await this.#link)?.call('pause', null).catch(() => undefined);
  }

  /** Ends the worker; the next call starts a new one. */
  async end(): Promise<void> {
    const ending = this.#link;
    this.#link = null;
    const link = await ending?.catch(() => null);
    link?.call('dispose', null).catch(() => undefined);
    link?.letGo();
  }

  /** Ends the worker for good; calls under way are rejected. */
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

  get #fileName(): string {
    return `training of ${this.#owner.url}`;
  }

  async #start(): Promise<TrainLink> {
    const why = refused.get(this.#fileName);
    if (why !== undefined) throw why;
    const { build, adapter } = await chooseBuild(this.#device);
    const { assets } = this.#owner;
    // The next call starts a new worker.
    const link = await WorkerLink.start<TrainApi>(build, assets, () => (this.#link = null), trainWorker);
    link.hold();
    try {
      const gpu = adapter?.description ?? null;
      const opened = await link.call('open', this.#requestOf(build, gpu, link), (progress) =>
        this.#owner.onProgress?.(progress),
      );
      this.#hasOpened = true;
      this.#isOnGpu = opened.device.name === 'webgpu';
      this.#owner.onOpened(opened);
    } catch (error) {
      link.letGo();
      throw error;
    }
    return link;
  }

  #requestOf(build: RuntimeBuild, gpu: string | null, { files }: TrainLink): OpenRequest {
    const later = laterUrl(this.#owner.assets);
    return { ...this.#owner.request(), build, gpu, files: { ...files, later } };
  }
}
