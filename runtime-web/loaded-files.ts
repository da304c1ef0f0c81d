// The files of one model package, loaded into workers: each on first use, and again (from the cache) after its worker has died.
import type { WorkerCallName, WorkerCallRequest, WorkerCallResult } from './calls/call-context.ts';
import { orAborted } from './or-aborted.ts';
import type { DeviceName, DeviceReport, DrawRequest, Drawn, Loaded, LoadedRole } from './protocol.ts';
import { restarting, type WorkerLink } from './worker-link.ts';

/** A file loaded into a worker. */
export interface LoadedFile {
  readonly link: WorkerLink;
  readonly loaded: Loaded;
}

/** Loads a file on a device; null for the faster one. */
export type LoadFile = (role: LoadedRole, on: DeviceName | null) => Promise<LoadedFile>;

let nextRequest = 1;

/** The files of one package. Made with the generator's file loaded; dispose of it after use. */
export class LoadedFiles {
  /** The device that the generator runs on. */
  device: DeviceReport;
  readonly #load: LoadFile;
  readonly #files = new Map<LoadedRole, Promise<LoadedFile>>();
  readonly #disposal = new AbortController();

  constructor(load: LoadFile, generator: LoadedFile) {
    this.#load = load;
    this.device = generator.loaded.device;
    this.#files.set('generator', Promise.resolve(generator));
  }

  /** A signal that aborts with the given one, and when the files are disposed of. */
  until(signal: AbortSignal | undefined): AbortSignal {
    const own = this.#disposal.signal;
    return signal === undefined ? own : either(signal, own);
  }

  /** A file in a worker that is alive. */
  async load(role: LoadedRole): Promise<LoadedFile> {
    const known = this.#files.get(role);
    const held = await known?.catch(() => null);
    if (held?.link.isAlive === true) return held;
    // Another request may have started to load it meanwhile.
    if (this.#files.get(role) === known) {
      // Only the generator's file is timed on both devices; the others run where it is faster.
      this.#files.set(role, this.#load(role, role === 'generator' ? null : this.device.name));
    }
    const file = await this.#files.get(role)!;
    if (role === 'generator') this.device = file.loaded.device;
    return file;
  }

  /** Generates images. */
  async draw(request: Omit<DrawRequest, 'id' | 'request'>, signal: AbortSignal): Promise<Drawn['data']> {
    const number = nextRequest++;
    const role = request.masks === undefined ? 'generator' : 'masked';
    return this.#on(role, signal, async ({ link, loaded }) => {
      const drawing = link.call('draw', { ...request, id: loaded.id, request: number });
      const { data, device } = await orAborted(drawing, signal, () => {
        drawing.catch(() => undefined);
        link.call('abort', number).catch(() => undefined);
      });
      if (role === 'generator') this.device = device;
      return data;
    });
  }

  /** Runs a function of worker/calls on a file. */
  async compute<K extends WorkerCallName>(
    role: LoadedRole,
    name: K,
    request: WorkerCallRequest<K>,
    signal: AbortSignal,
  ): Promise<WorkerCallResult<K>> {
    return this.#on(role, signal, ({ link, loaded }) => {
      const result = link.call('compute', { id: loaded.id, name, request });
      return orAborted(result as Promise<WorkerCallResult<K>>, signal);
    });
  }

  /** Works on a file; again in a new worker if the first one ends. */
  #on<T>(role: LoadedRole, signal: AbortSignal, work: (file: LoadedFile) => Promise<T>): Promise<T> {
    return restarting(() => orAborted(this.load(role), signal), work);
  }

  /** Frees the files in their workers; requests under way are rejected. */
  dispose(): void {
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort(new Error('the generator has been disposed of'));
    for (const file of this.#files.values()) file.then(release, () => undefined);
  }
}

/** A signal that aborts with either of two; browsers before 2024 have no `AbortSignal.any`. */
function either(...signals: readonly [AbortSignal, AbortSignal]): AbortSignal {
  if ('any' in AbortSignal) return AbortSignal.any([...signals]);
  const both = new AbortController();
  for (const signal of signals) {
    const abort = (): void => both.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }
  return both.signal;
}

/** Frees a file in its worker, and lets the worker end if nobody else uses it. */
export function release({ link, loaded }: LoadedFile): void {
  const letGo = (): void => link.letGo();
  link.call('release', loaded.id).then(letGo, letGo);
}
