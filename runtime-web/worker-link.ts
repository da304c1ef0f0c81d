// The page's end of a worker. All generators of a page share one worker per build of ONNX Runtime; it starts on first use and ends after
// some idle time, when it is killed, and when one run takes too long. comlink carries the calls; it alone does not notice that a worker
// never starts or has ended, and drops the classes of errors.
import { proxy, releaseProxy, wrap, type Remote } from 'comlink';
import { chooseBuild } from './adapter.ts';
import { rebuiltError, WorkerError } from './errors.ts';
import { bundledFiles, bundledWorkerUrl, startWorker } from './page-files.ts';
import type { DeviceRequest, Run, RuntimeBuild, WorkerApi, WorkerFiles, WorkerMessage } from './protocol.ts';

const startTimeoutMs = 30_000; // The message has it in seconds.
const idleMs = 10_000;
/** Ticks of a run's limit. Ticks count, not time: while a device sleeps there are none, and in a hidden tab few. */
const ticks = 12;

/** The functions of a worker: each takes a request and a callback. */
type Functions<Api> = {
  readonly [K in keyof Api]: (request: never, onEvent?: never) => Promise<unknown>;
};

/** A worker's script: its name in the package's folder, and its address beside this script. */
export interface WorkerScript {
  readonly name: string;
  bundledUrl(): URL;
}

/** A running worker. */
export class WorkerLink<Api extends Functions<Api> = WorkerApi> {
  readonly build: RuntimeBuild;
  readonly files: WorkerFiles;
  readonly #worker: Worker;
  readonly #api: Remote<Api>;
  readonly #onEnd: () => void;
  /** Rejects the calls under way. */
  readonly #pending = new Set<(error: Error) => void>();
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #runTimer: ReturnType<typeof setInterval> | undefined;
  #users = 0;
  #ended: WorkerError | null = null;

  private constructor(build: RuntimeBuild, files: WorkerFiles, worker: Worker, onEnd: () => void) {
    this.build = build;
    this.files = files;
    this.#worker = worker;
    this.#api = wrap<Api>(worker);
    this.#onEnd = onEnd;
    worker.addEventListener('error', ({ message }) => {
      this.#end(`the worker has ended (${message || 'no reason given'})`);
    });
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.kind === 'run') this.#watchRun(data.run);
      if (data.kind === 'locked') this.#watchLock(data.lock).catch(() => undefined);
    });
  }

  /**
   * Starts a worker with the files of the folder `assets`, or (null) beside this script; `onEnd` is called when it ends. Throws
   * WorkerError if it fails to start.
   */
  static async start<Api extends Functions<Api> = WorkerApi>(
    build: RuntimeBuild,
    assets: URL | null,
    onEnd: () => void,
    script: WorkerScript = { name: 'worker.js', bundledUrl: bundledWorkerUrl },
  ): Promise<WorkerLink<Api>> {
    let { name } = script;
    const failure = (why: unknown): WorkerError =>
      new WorkerError(`${name}: cannot be started as a worker (${String(why)})`);
    let worker: Worker;
    let files: WorkerFiles;
    try {
      const url = assets === null ? script.bundledUrl() : new URL(name, assets);
      name = url.href;
      files =
        assets === null
          ? bundledFiles[build]()
          : (await import('./served-files.ts')).servedFiles(build, assets);
      worker = await startWorker(url);
    } catch (error) {
      throw failure(error);
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new WorkerError(`${name}: has not started within 30 s`)),
        startTimeoutMs,
      );
      // The worker's first message says that it is ready.
      worker.addEventListener('message', () => resolve(), { once: true });
      worker.addEventListener('error', ({ message }) => reject(failure(message || 'is the file there?')));
    });
    try {
      await ready;
    } catch (error) {
      worker.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return new WorkerLink<Api>(build, files, worker, onEnd);
  }

  /** False once the worker has ended. */
  get isAlive(): boolean {
    return this.#ended === null;
  }

  /**
   * Calls a function of the worker; `onEvent` receives what it tells meanwhile, such as the progress of a load. Throws the worker's error as
   * its own class, WorkerError where the worker has ended.
   */
  async call<K extends keyof Api & string>(
    name: K,
    request: Parameters<Api[K]>[0],
    onEvent?: Parameters<Api[K]>[1],
  ): Promise<Awaited<ReturnType<Api[K]>>> {
    type Answer = Awaited<ReturnType<Api[K]>>;
    if (this.#ended !== null) throw this.#ended;
    const ask = this.#api[name as keyof Remote<Api>] as unknown as (
      ...given: readonly unknown[]
    ) => Promise<Answer>;
    // comlink leaves calls without an answer when the worker ends. Promise.race would keep each call's memory until then.
    let rejectCall: (error: Error) => void = () => undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        rejectCall = reject;
        this.#pending.add(reject);
        ask(request, ...(onEvent === undefined ? [] : [proxy(onEvent as object)])).then(
          resolve,
          (error: unknown) => reject(rebuiltError(error as Error)),
        );
      });
    } finally {
      this.#pending.delete(rejectCall);
    }
  }

  /** Adds a user; the worker does not end while it has users. */
  hold(): void {
    clearTimeout(this.#idleTimer);
    this.#users += 1;
  }

  /** Removes a user; without users the worker ends after some idle time. */
  letGo(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#idleTimer = setTimeout(() => this.#end('idle'), idleMs);
  }

  /** Ends with the worker's lock: a killed worker sends no event, but releases it. Rejects where the page has no locks. */
  async #watchLock(name: string): Promise<void> {
    await navigator.locks.request(name, () => this.#end('the worker has been ended'));
  }

  /** Ends with a run that takes too long, such as an endless loop; its file is refused for as long as the page lives. */
  #watchRun(run: Run | null): void {
    clearInterval(this.#runTimer);
    if (run === null) return;
    let left = ticks;
    const onTick = (): void => {
      if (--left > 0) return;
      const { of, limit } = run;
      const why = `${of}: one run took more than ${limit} s and was ended`;
      refused.set(of, this.#end(`${why}; if this device is slow, reload with a larger timeout`));
    };
    this.#runTimer = setInterval(onTick, (run.limit * 1000) / ticks);
  }

  #end(why: string): WorkerError {
    if (this.#ended !== null) return this.#ended;
    this.#ended = new WorkerError(why);
    clearTimeout(this.#idleTimer);
    clearInterval(this.#runTimer);
    this.#api[releaseProxy]();
    this.#worker.terminate();
    this.#onEnd();
    for (const reject of this.#pending) reject(this.#ended);
    return this.#ended;
  }
}

/** Files that are not run again because a run of them took too long, by their `fileName`, with the reason. */
export const refused = new Map<string, WorkerError>();
const links = new Map<string, Promise<WorkerLink>>();

/**
 * The page's worker for a device and a file, by its `fileName`; started if necessary, with the caller counted as a user; `assets` as for
 * {@link WorkerLink.start}. Throws WorkerError for a file that has ended a worker, and where none can be started.
 */
export async function linkFor(device: DeviceRequest, assets: URL | null, file: string): Promise<WorkerLink> {
  const why = refused.get(file);
  if (why !== undefined) throw why;
  const { build } = await chooseBuild(device);
  const key = `${build} ${assets?.href}`;
  let start = links.get(key);
  if (start === undefined) {
    // A worker that failed to start or has ended makes room for another one.
    const remove = (): void => void links.delete(key);
    start = WorkerLink.start(build, assets, remove);
    links.set(key, start);
    start.catch(remove);
  }
  const link = await start;
  link.hold();
  return link;
}

/** Works with what `open` resolves to; again if the worker ends meanwhile: once, and once for each file that has ended one. */
export async function restarting<T, U>(open: () => Promise<T>, work: (opened: T) => Promise<U>): Promise<U> {
  for (let attempt = 0; ; attempt++) {
    const opened = await open();
    try {
      return await work(opened);
    } catch (error) {
      if (!(error instanceof WorkerError) || attempt > refused.size) throw error;
    }
  }
}
