// The page's end of a worker. All generators of a page share one worker per build of ONNX Runtime; it starts on first use and ends after
// some idle time. It notices that a worker never starts, and that it has died.
import { chooseBuild } from './adapter.ts';
import { WorkerError } from './errors.ts';
import { bundledFiles, startBundledWorker } from './page-files.ts';
import type { DeviceRequest, ReadyMessage, RuntimeBuild, WorkerApi, WorkerFiles } from './protocol.ts';
import { remoteCalls } from './remote-calls.ts';

const startTimeoutMs = 30_000;
const idleMs = 10_000;

/** A running worker. */
export class WorkerLink {
  readonly build: RuntimeBuild;
  readonly files: WorkerFiles;
  readonly #worker: Worker;
  readonly #remote: ReturnType<typeof remoteCalls>;
  readonly #announceEnd: (error: Error) => void;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #users = 0;
  isAlive = true;
  /** Rejects when the worker ends. */
  readonly ended: Promise<never>;

  private constructor(build: RuntimeBuild, files: WorkerFiles, worker: Worker) {
    this.build = build;
    this.files = files;
    this.#worker = worker;
    this.#remote = remoteCalls(worker);
    let announce: (error: Error) => void = () => undefined;
    this.ended = new Promise((_, reject) => (announce = reject));
    this.ended.catch(() => undefined);
    this.#announceEnd = announce;
    worker.addEventListener('error', (event) => {
      this.#end(new WorkerError(`the worker has ended (${event.message || 'no reason given'})`));
    });
  }

  /** Starts a worker with the files of the folder `assets`, or (null) beside this script. Throws WorkerError if it fails to start. */
  static async start(build: RuntimeBuild, assets: URL | null): Promise<WorkerLink> {
    const name = assets === null ? 'the worker' : new URL('worker.js', assets).href;
    let worker: Worker;
    let files: WorkerFiles;
    try {
      if (assets === null) [worker, files] = [await startBundledWorker(), bundledFiles[build]()];
      else {
        const { servedFiles, startServedWorker } = await import('./served-files.ts');
        [worker, files] = [startServedWorker(new URL(name)), servedFiles(build, assets)];
      }
    } catch (error) {
      throw new WorkerError(`${name}: cannot be started as a worker (${String(error)})`);
    }
    const ready = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new WorkerError(`${name}: has not started within ${startTimeoutMs / 1000} s`)),
        startTimeoutMs,
      );
      worker.addEventListener(
        'message',
        ({ data }: MessageEvent<ReadyMessage>) => {
          clearTimeout(timer);
          resolve(data.ready);
        },
        { once: true },
      );
      worker.addEventListener('error', (event) => {
        clearTimeout(timer);
        const why =
          event.message === '' || event.message === undefined ? 'is the file there?' : event.message;
        reject(new WorkerError(`${name}: cannot be started as a worker (${why})`));
      });
    });
    let lock: string;
    try {
      lock = await ready;
    } catch (error) {
      worker.terminate();
      throw error;
    }
    const link = new WorkerLink(build, files, worker);
    // A killed worker sends no event, but releases its lock.
    if (lock !== '') {
      navigator.locks
        ?.request(lock, () => link.#end(new WorkerError('the worker has been ended')))
        .catch(() => undefined);
    }
    return link;
  }

  /** Calls the worker. Throws the worker's error as its own class, WorkerError where the worker has ended. */
  call<T>(work: (api: WorkerApi) => Promise<T>): Promise<T> {
    return this.isAlive ? work(this.#remote.api) : this.ended;
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
    this.#remote.end(error);
    this.#worker.terminate();
  }
}

const links = new Map<string, Promise<WorkerLink>>();

/** The page's worker for a device, started if necessary, with the caller counted as a user; `assets` as for {@link WorkerLink.start}. */
export async function linkFor(device: DeviceRequest, assets: URL | null): Promise<WorkerLink> {
  const { build } = await chooseBuild(device);
  const key = `${build} ${assets?.href}`;
  let start = links.get(key);
  if (start === undefined) {
    start = WorkerLink.start(build, assets);
    links.set(key, start);
    // A worker that failed to start or has ended makes room for another one.
    start.then(({ ended }) => ended).catch(() => links.delete(key));
  }
  const link = await start;
  link.hold();
  return link;
}
