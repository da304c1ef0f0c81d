// The page's end of a worker. All generators of a page share one worker per build of ONNX Runtime; it starts on first use and ends after
// some idle time. comlink alone does not notice that a worker never starts or has died, and drops the classes of errors.
import { proxy, releaseProxy, wrap, type Remote } from 'comlink';
import { chooseBuild } from './adapter.ts';
import { rebuiltError, WorkerError } from './errors.ts';
import {
  readyMessage,
  type DeviceRequest,
  type LoadProgress,
  type RuntimeBuild,
  type WorkerApi,
} from './protocol.ts';
import { trustedUrl } from './trusted-url.ts';

const startTimeoutMs = 30_000;
const idleMs = 10_000;

/** A running worker. */
export class WorkerLink {
  readonly build: RuntimeBuild;
  readonly #worker: Worker;
  readonly #api: Remote<WorkerApi>;
  readonly #announceEnd: (error: Error) => void;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #users = 0;
  isAlive = true;
  /** Rejects the calls that wait, when the worker ends. A promise to race against would keep something of every call. */
  readonly #waiting = new Set<(error: Error) => void>();
  /** Rejects when the worker ends. */
  readonly ended: Promise<never>;

  private constructor(build: RuntimeBuild, worker: Worker) {
    this.build = build;
    this.#worker = worker;
    this.#api = wrap<WorkerApi>(worker);
    let announce: (error: Error) => void = () => undefined;
    this.ended = new Promise((_, reject) => (announce = reject));
    this.ended.catch(() => undefined);
    this.#announceEnd = announce;
    worker.addEventListener('error', (event) => {
      this.#end(new WorkerError(`the worker has ended (${event.message || 'no reason given'})`));
    });
  }

  /** Starts a worker. Throws WorkerError if it fails to start. */
  static async start(build: RuntimeBuild, url: URL): Promise<WorkerLink> {
    const lock = `dcgan-worker-${crypto.randomUUID?.() ?? Math.random()}`;
    let worker: Worker;
    try {
      worker = new Worker(trustedUrl(url), { type: 'module', name: lock });
    } catch (error) {
      throw new WorkerError(`${url.href}: cannot be started as a worker (${String(error)})`);
    }
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new WorkerError(`${url.href}: has not started within ${startTimeoutMs / 1000} s`)),
        startTimeoutMs,
      );
      worker.addEventListener('message', function onReady({ data }) {
        if (data !== readyMessage) return;
        clearTimeout(timer);
        worker.removeEventListener('message', onReady);
        resolve();
      });
      worker.addEventListener('error', (event) => {
        clearTimeout(timer);
        const why =
          event.message === '' || event.message === undefined ? 'is the file there?' : event.message;
        reject(new WorkerError(`${url.href}: cannot be started as a worker (${why})`));
      });
    });
    try {
      await ready;
    } catch (error) {
      worker.terminate();
      throw error;
    }
    const link = new WorkerLink(build, worker);
    // A killed worker sends no event, but releases its lock.
    navigator.locks
      ?.request(lock, () => link.#end(new WorkerError('the worker has been ended')))
      .catch(() => undefined);
    return link;
  }

  /** Calls the worker. Throws the worker's error as its own class, WorkerError where the worker has ended. */
  async call<T>(work: (api: Remote<WorkerApi>) => Promise<T>): Promise<T> {
    if (!this.isAlive) return this.ended;
    let stop: (error: Error) => void = () => undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        stop = reject;
        this.#waiting.add(stop);
        work(this.#api).then(resolve, reject);
      });
    } catch (error) {
      throw rebuiltError(error);
    } finally {
      this.#waiting.delete(stop);
    }
  }

  /** Loads a model; `onProgress` is called from the worker. */
  load(request: Parameters<WorkerApi['load']>[0], onProgress: (progress: LoadProgress) => void) {
    return this.call((api) => api.load(request, proxy(onProgress)));
  }

  /** Adds a user; the worker does not end while it has users. */
  hold(): void {
    clearTimeout(this.#idleTimer);
    this.#users += 1;
  }

  /** Removes a user; without users the worker ends after some idle time. */
  letGo(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#idleTimer = setTimeout(() => this.#end(new WorkerError('idle')), idleMs);
  }

  #end(error: Error): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    clearTimeout(this.#idleTimer);
    this.#announceEnd(error);
    for (const stop of this.#waiting) stop(error);
    this.#api[releaseProxy]();
    this.#worker.terminate();
  }
}

const links = new Map<string, Promise<WorkerLink>>();

/** The page's worker for a device, started if necessary, with the caller counted as a user. */
export async function linkFor(device: DeviceRequest, url: URL): Promise<WorkerLink> {
  const { build } = await chooseBuild(device);
  const key = `${build} ${url.href}`;
  let start = links.get(key);
  if (start === undefined) {
    start = WorkerLink.start(build, url);
    links.set(key, start);
    // A worker that failed to start or has ended makes room for another one.
    start.then(({ ended }) => ended).catch(() => links.delete(key));
  }
  const link = await start;
  link.hold();
  return link;
}
