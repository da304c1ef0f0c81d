// The generator of a model package, as a page uses it. All that computes is in a worker; what comes back are pictures. A
// worker that dies is started again with the next request, and the model loaded into it from the cache.
import type { Wanted } from './format/condition.ts';
import { between, jittered, latentOf, sumOfMeans, usualPath, type LatentSource } from './format/latents.ts';
import type { Model } from './format/model.ts';
import { WorkerError } from './errors.ts';
import type { DiscriminateRequest, Opinion } from './calls/discriminate.ts';
import type { Restored, RestoreRequest } from './calls/restore.ts';
import type {
  DeviceName,
  DeviceReport,
  DeviceRequest,
  DrawRequest,
  Dtype,
  ExtraName,
  ExtraRequest,
  ExtraResult,
  LayerActivation,
  Loaded,
  LoadedRole,
} from './protocol.ts';
import type { LayersRequest } from './calls/layers.ts';
import type { MixedKind, MixStylesRequest } from './calls/mix-styles.ts';
import type { SteerRequest, Steered } from './calls/steer.ts';
import type { Surroundings } from './calls/call-context.ts';
import type {
  ArithmeticRequest,
  GenerateRequest,
  Generator,
  InterpolateRequest,
  LoadOptions,
  RequestOptions,
} from './generator-calls.ts';
import type { ImageKind, ImagesByKind } from './image-kinds.ts';
import { linkFor, type WorkerLink } from './worker-link.ts';

/** Latents to draw, each picture's turn (see `conditionFor`), and what else was asked for. */
interface Plan<K extends ImageKind> {
  readonly latents: readonly Float32Array<ArrayBuffer>[];
  readonly turns: readonly number[];
  readonly options: RequestOptions<K>;
}

/** A picture's turn: its seed, or its place where it has none. */
const turnOf = (source: LatentSource, place = 0): number => (typeof source === 'number' ? source : place);

const devices: readonly DeviceRequest[] = ['auto', 'webgpu', 'wasm'];
const dtypes: readonly Dtype[] = ['fp16', 'fp32'];
let nextRequest = 1;

/**
 * Loads the model package whose `model.json` is at `url`. Throws ModelLoadError for files that cannot be fetched or are
 * not what was published, ModelFormatError for a `model.json` that is none, DeviceUnavailableError where WebGPU was
 * asked for and is not there, WorkerError where there can be no worker, TypeError for wrong options, the signal's reason.
 */
export async function loadGenerator(url: string | URL, options: LoadOptions = {}): Promise<Generator> {
  const { device = 'auto', dtype = 'fp16', signal, onProgress } = options;
  if (!devices.includes(device)) throw new TypeError(`device: got ${device}, expected ${devices.join(', ')}`);
  if (!dtypes.includes(dtype)) throw new TypeError(`dtype: got ${dtype}, expected ${dtypes.join(' or ')}`);
  if (typeof Worker === 'undefined') throw new WorkerError('this browser has no workers');
  const address = new URL(url, document.baseURI).href;
  const script = new URL(
    options.workerUrl ?? new URL('./dcgan-worker.js', import.meta.url),
    document.baseURI,
  );
  const open: OpenRole = async (role, on) => {
    const link = await linkFor(device, script);
    try {
      const request = { url: address, device, dtype, role, on };
      const loaded = await link.load(request, (progress) => onProgress?.(progress));
      return { link, loaded };
    } catch (error) {
      link.letGo();
      throw error;
    }
  };
  signal?.throwIfAborted();
  const opening = open('generator', null);
  const { link, loaded } = await orAborted(opening, signal, () => {
    opening.then(
      ({ link: late, loaded: { id } }) => leave(late, id),
      () => undefined,
    );
  });
  return new LoadedGenerator(open, link, loaded);
}

/** Lets go of a model in a worker. */
function leave(link: WorkerLink, id: number): void {
  link
    .call((api) => api.release(id))
    .then(
      () => link.letGo(),
      () => link.letGo(),
    );
}

/** What `work` resolves to, or the signal's reason as soon as it is aborted; `undo` then cleans up behind. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, undo?: () => void): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      undo?.();
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Loads one of the package's files. */
type OpenRole = (role: LoadedRole, on: DeviceName | null) => Promise<Opened>;

/** A model in a worker. */
interface Opened {
  readonly link: WorkerLink;
  readonly loaded: Loaded;
}

class LoadedGenerator implements Generator {
  readonly model: Model;
  readonly warnings: readonly string[];
  device: DeviceReport;
  readonly #open: OpenRole;
  readonly #files = new Map<LoadedRole, Promise<Opened>>();
  readonly #disposal = new AbortController();

  constructor(open: OpenRole, link: WorkerLink, loaded: Loaded) {
    this.#open = open;
    this.model = loaded.model;
    this.warnings = loaded.warnings;
    this.device = loaded.device;
    this.#files.set('generator', Promise.resolve({ link, loaded }));
  }

  generate<K extends ImageKind = 'image'>(request: GenerateRequest<K>): Promise<ImagesByKind[K][]> {
    return this.#checked(() => {
      const sources: readonly LatentSource[] = 'seeds' in request ? request.seeds : request.z;
      if (!Array.isArray(sources)) throw new TypeError('generate: expected a list of seeds or of z');
      const latents = sources.map((source) => latentOf(this.model, source));
      return { latents, turns: sources.map(turnOf), options: request };
    });
  }

  interpolate<K extends ImageKind = 'image'>(request: InterpolateRequest<K>): Promise<ImagesByKind[K][]> {
    return this.#checked(() => {
      const [from, to] = [latentOf(this.model, request.from), latentOf(this.model, request.to)];
      const path = request.path ?? usualPath(this.model.latent.distribution);
      if (path !== 'slerp' && path !== 'linear') {
        throw new TypeError(`path: got ${path as string}, expected slerp or linear`);
      }
      const latents = between(from, to, request.steps, path);
      return { latents, turns: latents.map(() => turnOf(request.from)), options: request };
    });
  }

  arithmetic<K extends ImageKind = 'image'>(request: ArithmeticRequest<K>): Promise<ImagesByKind[K][]> {
    return this.#checked(() => {
      const termOf = (sign: 1 | -1) => (term: LatentSource | readonly ArrayLike<number>[]) => {
        const isGroup = Array.isArray(term) && typeof term[0] === 'object';
        const group = (isGroup ? term : [term]) as readonly LatentSource[];
        return { sign, exemplars: group.map((source) => latentOf(this.model, source)) };
      };
      const terms = [...request.plus.map(termOf(1)), ...request.minus.map(termOf(-1))];
      const sum = sumOfMeans(terms, this.model.latent.dim);
      const latents = request.jitter === undefined ? [sum] : jittered(sum, request.jitter);
      return { latents, turns: latents.map(() => 0), options: request };
    });
  }

  async layers(request: LayersRequest): Promise<LayerActivation[]> {
    return (await import('./calls/layers.ts')).layers(request, this.#surroundings(request));
  }

  async discriminate(request: DiscriminateRequest): Promise<Opinion[]> {
    return (await import('./calls/discriminate.ts')).discriminate(request, this.#surroundings(request));
  }

  async restore(request: RestoreRequest): Promise<Restored> {
    return (await import('./calls/restore.ts')).restore(request, this.#surroundings(request));
  }

  async steer(request: SteerRequest): Promise<Steered> {
    return (await import('./calls/steer.ts')).steer(request, this.#surroundings(request));
  }

  async mixStyles<K extends MixedKind = 'image'>(request: MixStylesRequest<K>): Promise<ImagesByKind[K][]> {
    return (await import('./calls/mix-styles.ts')).mixStyles(request, this.#surroundings(request));
  }

  #surroundings(request: { readonly signal?: AbortSignal | undefined }): Surroundings {
    const signal = this.#until(request.signal);
    signal.throwIfAborted();
    return {
      model: this.model,
      signal,
      latentOf: (source) => latentOf(this.model, source),
      condition: (wanted, turns) => this.#condition(wanted, turns),
      load: (role) => orAborted(this.#file(role), signal),
      ask: (role, name, given) => this.#ask(role, signal, name, given),
    };
  }

  /** What the generator takes beside z, by code that only models with labels or codes need. */
  async #condition({ labels, codes }: Wanted, turns: readonly number[]) {
    if (this.model.conditioning === null && labels === undefined && codes === undefined) return null;
    const { conditionFor } = await import('./format/condition.ts');
    return conditionFor(this.model, { labels, codes }, turns);
  }

  /** Asks the worker that holds one of the files. */
  async #ask<K extends ExtraName>(
    role: LoadedRole,
    signal: AbortSignal,
    name: K,
    request: Omit<ExtraRequest<K>, 'id'>,
  ): Promise<ExtraResult<K>> {
    const { link, loaded } = await orAborted(this.#file(role), signal);
    const given = { ...request, id: loaded.id } as ExtraRequest<K>;
    const answer = link.call((api) => api.extra(name, given) as Promise<unknown>);
    return orAborted(answer as Promise<ExtraResult<K>>, signal);
  }

  /** Aborts with the signal, or when this is disposed of. */
  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#disposal.signal : AbortSignal.any([signal, this.#disposal.signal]);
  }

  dispose(): void {
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort(new Error('the generator has been disposed of'));
    for (const opened of this.#files.values()) {
      opened.then(
        ({ link, loaded }) => leave(link, loaded.id),
        () => undefined,
      );
    }
  }

  /** Draws what `plan` asks for; what is wrong with the request is a rejection. */
  async #checked<K extends ImageKind>(plan: () => Plan<K>): Promise<ImagesByKind[K][]> {
    this.#disposal.signal.throwIfAborted();
    const { latents, turns, options } = plan();
    const { masks, as = 'image' as K, signal } = options;
    signal?.throwIfAborted();
    if (latents.length === 0) return [];
    const { dim } = this.model.latent;
    const z = new Float32Array(latents.length * dim);
    latents.forEach((latent, i) => z.set(latent, i * dim));
    const condition = await this.#condition(options, turns);
    const kind = as === 'floats' ? 'floats' : 'pixels';
    const data = await this.#draw({ z, condition, count: latents.length, masks, as: kind }, signal);
    const images = this.#cut(data, latents.length);
    if (as === 'floats') return images as ImagesByKind[K][];
    const { imageSize } = this.model;
    const pictures = images.map(
      (pixels) => new ImageData(pixels as Uint8ClampedArray<ArrayBuffer>, imageSize, imageSize),
    );
    if (as === 'image') return pictures as ImagesByKind[K][];
    return (await Promise.all(pictures.map((picture) => createImageBitmap(picture)))) as ImagesByKind[K][];
  }

  async #draw(wanted: Omit<DrawRequest, 'id' | 'request'>, signal: AbortSignal | undefined) {
    const stop = this.#until(signal);
    const request = nextRequest++;
    const role = wanted.masks === undefined ? 'generator' : 'masked';
    for (let attempt = 0; ; attempt++) {
      const { link, loaded } = await orAborted(this.#file(role), stop);
      const drawing = link.call((api) => api.draw({ ...wanted, id: loaded.id, request }));
      try {
        const { data, device } = await orAborted(drawing, stop, () => {
          drawing.catch(() => undefined);
          link.call((api) => api.abort(request)).catch(() => undefined);
        });
        if (role === 'generator') this.device = device;
        return data;
      } catch (error) {
        // The worker was killed: once more, in a new one.
        if (!(error instanceof WorkerError) || attempt > 0) throw error;
      }
    }
  }

  /** One of the package's files in a worker that is alive: loaded once, and again where its worker has ended. */
  async #file(role: LoadedRole): Promise<Opened> {
    const known = this.#files.get(role);
    const held = await known?.catch(() => null);
    if (held?.link.isAlive === true) return held;
    // Unless another request has begun it meanwhile.
    if (this.#files.get(role) === known) {
      // Only the generator is tried on both devices: the others run where it is the faster one.
      this.#files.set(role, this.#open(role, role === 'generator' ? null : this.device.name));
    }
    const opened = await this.#files.get(role)!;
    if (role === 'generator') this.device = opened.loaded.device;
    return opened;
  }

  /** One array for each image, of one that holds them all. */
  #cut(data: Uint8ClampedArray<ArrayBuffer> | Float32Array<ArrayBuffer>, count: number) {
    const length = data.length / count;
    return Array.from({ length: count }, (_, i) => data.slice(i * length, (i + 1) * length));
  }
}
