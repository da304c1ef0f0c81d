// The generator of a model package, as a page uses it. All computing happens in a worker. If the worker dies, the next request starts a
// new one and loads the model into it from the cache.
import { calls, type Calls } from './calls/index.ts';
import type { CallContext } from './calls/call-context.ts';
import { WorkerError } from './errors.ts';
import type { Wanted } from './format/condition.ts';
import { between, jittered, latentOf, sumOfMeans, usualPath, type LatentSource } from './format/latents.ts';
import type { Model } from './format/model.ts';
import type {
  ArithmeticRequest,
  GenerateRequest,
  Generator,
  ImageCalls,
  InterpolateRequest,
  LoadOptions,
  RequestOptions,
} from './generator-calls.ts';
import type { ImageKind, ImagesByKind } from './image-kinds.ts';
import { orAborted } from './or-aborted.ts';
import { LoadedFiles, release, type LoadFile } from './loaded-files.ts';
import { fileName, type DeviceReport, type DeviceRequest, type Dtype, type Loaded } from './protocol.ts';
import { linkFor, restarting } from './worker-link.ts';

const devices: readonly DeviceRequest[] = ['auto', 'webgpu', 'wasm'];
const dtypes: readonly Dtype[] = ['fp16', 'fp32'];
const maxTimeout = 86_400;

/**
 * Loads the model package whose `model.json` is at `url`. Throws ModelLoadError for files that cannot be fetched or differ from the
 * published ones, ModelFormatError for an invalid `model.json`, DeviceUnavailableError where WebGPU was asked for and is missing,
 * WorkerError where no worker can be started and for a file that took too long before, TypeError and RangeError for invalid options, the signal's reason.
 */
export async function loadGenerator(url: string | URL, options: LoadOptions = {}): Promise<Generator> {
  const { device = 'auto', dtype = 'fp16', timeout = 60, signal, onProgress } = options;
  if (!devices.includes(device)) throw new TypeError(`device: got ${device}, expected ${devices.join(', ')}`);
  if (!dtypes.includes(dtype)) throw new TypeError(`dtype: got ${dtype}, expected ${dtypes.join(' or ')}`);
  if (!(timeout >= 1 && timeout <= maxTimeout)) {
    throw new RangeError(`timeout: got ${timeout}, expected a number from 1 to ${maxTimeout}`);
  }
  if (typeof Worker === 'undefined') throw new WorkerError('this browser has no workers');
  // In a worker there is no document.
  const base = globalThis.document?.baseURI ?? location.href;
  const address = new URL(url, base).href;
  const assets =
    options.assets === undefined ? null : new URL(String(options.assets).replace(/\/?$/, '/'), base);
  const load: LoadFile = (role, on) =>
    restarting(
      () => linkFor(device, assets, fileName({ role, url: address })),
      async (link) => {
        try {
          const { build, files } = link;
          const request = { url: address, device, dtype, role, build, files, on, timeout };
          const loaded = await link.call('load', request, onProgress);
          return { link, loaded };
        } catch (error) {
          link.letGo();
          throw error;
        }
      },
    );
  signal?.throwIfAborted();
  const loading = load('generator', null).catch(async (error: Error) => {
    throw await import('./explained.ts').then(
      ({ explained }) =>
        explained(error, async () => (await linkFor(device, assets, '')).letGo(), assets === null),
      () => error,
    );
  });
  const file = await orAborted(loading, signal, () => void loading.then(release, () => undefined));
  const generator = new LoadedGenerator(new LoadedFiles(load, file), file.loaded);
  return Object.assign(generator, callsOf(generator));
}

/** The lazily loaded methods of a generator. */
function callsOf(generator: LoadedGenerator): Calls {
  type Method = (request: { readonly signal?: AbortSignal | undefined }) => Promise<unknown>;
  const methods = Object.entries(calls).map(([name, load]): [string, Method] => [
    name,
    async (request) => {
      const call = (await load()) as (context: CallContext) => Method;
      return call(generator.contextOf(request.signal))(request);
    },
  ]);
  return Object.fromEntries(methods) as unknown as Calls;
}

/** Latents to generate images of, the conditioning index of each (see `conditionFor`), and the request's options. */
interface Plan<K extends ImageKind> {
  readonly latents: readonly Float32Array<ArrayBuffer>[];
  readonly indices: readonly number[];
  readonly options: RequestOptions<K>;
}

/** The conditioning index of an image: its seed, or its position for a latent. */
const indexOf = (source: LatentSource, position = 0): number =>
  typeof source === 'number' ? source : position;

class LoadedGenerator implements ImageCalls {
  readonly model: Model;
  readonly warnings: readonly string[];
  readonly #files: LoadedFiles;

  constructor(files: LoadedFiles, { model, warnings }: Loaded) {
    this.#files = files;
    this.model = model;
    this.warnings = warnings;
  }

  get device(): DeviceReport {
    return this.#files.device;
  }

  generate<K extends ImageKind = 'image'>(request: GenerateRequest<K>): Promise<ImagesByKind[K][]> {
    return this.#draw(() => {
      const sources: readonly LatentSource[] = 'seeds' in request ? request.seeds : request.z;
      if (!Array.isArray(sources)) throw new TypeError('generate: expected a list of seeds or of z');
      const latents = sources.map((source) => latentOf(this.model, source));
      const indices = 'z' in request && request.conditionIndices;
      return { latents, indices: indices || sources.map(indexOf), options: request };
    });
  }

  interpolate<K extends ImageKind = 'image'>(request: InterpolateRequest<K>): Promise<ImagesByKind[K][]> {
    return this.#draw(() => {
      const [from, to] = [latentOf(this.model, request.from), latentOf(this.model, request.to)];
      const path = request.path ?? usualPath(this.model.latent.distribution);
      if (path !== 'slerp' && path !== 'linear') {
        throw new TypeError(`path: got ${path as string}, expected slerp or linear`);
      }
      const latents = between(from, to, request.steps, path);
      return { latents, indices: latents.map(() => indexOf(request.from)), options: request };
    });
  }

  arithmetic<K extends ImageKind = 'image'>(request: ArithmeticRequest<K>): Promise<ImagesByKind[K][]> {
    return this.#draw(() => {
      const termOf = (sign: 1 | -1) => (term: LatentSource | readonly ArrayLike<number>[]) => {
        const isGroup = Array.isArray(term) && typeof term[0] === 'object';
        const group = (isGroup ? term : [term]) as readonly LatentSource[];
        return { sign, exemplars: group.map((source) => latentOf(this.model, source)) };
      };
      const terms = [...request.plus.map(termOf(1)), ...request.minus.map(termOf(-1))];
      const sum = sumOfMeans(terms, this.model.latent.dim);
      const latents = request.jitter === undefined ? [sum] : jittered(sum, request.jitter);
      return { latents, indices: latents.map(() => 0), options: request };
    });
  }

  /** The dependencies of one lazily loaded call. Throws the signal's reason if it has aborted. */
  contextOf(requestSignal: AbortSignal | undefined): CallContext {
    const signal = this.#files.until(requestSignal);
    signal.throwIfAborted();
    return {
      model: this.model,
      signal,
      latentOf: (source) => latentOf(this.model, source),
      condition: (wanted, sources) =>
        this.#condition(
          wanted,
          sources.map((source) => indexOf(source)),
        ),
      load: (role) => orAborted(this.#files.load(role), signal),
      ask: (role, name, request) => this.#files.compute(role, name, request, signal),
    };
  }

  dispose(): void {
    this.#files.dispose();
  }

  /** The generator's second input; its code is loaded only where it is needed. */
  async #condition(wanted: Wanted, indices: readonly number[]) {
    const { labels, codes, condition } = wanted;
    if ((this.model.conditioning ?? labels ?? codes ?? condition) == null) return null;
    const { conditionFor } = await import('./format/condition.ts');
    return conditionFor(this.model, wanted, indices);
  }

  /** Generates the images of a plan. Async, so that an invalid request is a rejection too. */
  async #draw<K extends ImageKind>(plan: () => Plan<K>): Promise<ImagesByKind[K][]> {
    this.#files.until(undefined).throwIfAborted();
    const { latents, indices, options } = plan();
    const { masks, as = 'image' as K, signal, truncation = 1 } = options;
    signal?.throwIfAborted();
    if (latents.length === 0) return [];
    const { width, height, latent } = this.model;
    const z = new Float32Array(latents.length * latent.dim);
    latents.forEach((each, i) => z.set(each, i * latent.dim));
    const condition = await this.#condition(options, indices);
    const kind = as === 'floats' ? 'floats' : 'pixels';
    const request = { z, condition, count: latents.length, masks, as: kind } as const;
    const truncated =
      truncation === 1
        ? null
        : await (
            await import('./calls/truncated.ts')
          ).drawTruncated(this.contextOf(signal), request, truncation);
    const data = truncated ?? (await this.#files.draw(request, this.#files.until(signal)));
    const length = data.length / latents.length;
    const images = latents.map((_, i) => data.slice(i * length, (i + 1) * length));
    if (as === 'floats') return images as ImagesByKind[K][];
    const pictures = images.map(
      (pixels) => new ImageData(pixels as Uint8ClampedArray<ArrayBuffer>, width, height),
    );
    if (as === 'image') return pictures as ImagesByKind[K][];
    return (await Promise.all(pictures.map((picture) => createImageBitmap(picture)))) as ImagesByKind[K][];
  }
}
