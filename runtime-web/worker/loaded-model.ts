// One model in the worker: a session on the faster device, which generates images in small batches so that an abort takes effect soon. If
// the GPU is lost, it continues on WebAssembly in the same build.
import type { Feeds, Outputs } from './feeds.ts';
import type { InferenceSession } from 'onnxruntime-web';
import type { Adapter } from '../adapter.ts';
import { ModelLoadError } from '../errors.ts';
import { conditionName } from '../format/condition.ts';
import type { Model } from '../format/model.ts';
import type { DeviceName, DeviceReport, DeviceRequest, Drawn, DrawRequest, Run } from '../protocol.ts';
import { cached } from './fetch-file.ts';
import { later } from './load-later.ts';
import { threadCount, type OrtModule } from './onnx.ts';
import { paint } from './paint.ts';
import { post } from './post.ts';
import { checkOutputs, checkSession, type FileShapes } from './tensor-shapes.ts';
import type * as Trial from './trial.ts';

/**
 * Everything needed to open a model.
 * @internal The published types must not need those of ONNX Runtime.
 */
export interface OpenOptions {
  /** The file's name and the limit of its runs, as the page is told of them. */
  readonly run: Run;
  /** The inputs and outputs that the file must have. */
  readonly shapes: FileShapes;
  readonly ort: OrtModule;
  readonly model: Model;
  readonly file: ArrayBuffer;
  readonly sha256: string;
  readonly device: DeviceRequest;
  /** Null in a build without WebGPU. */
  readonly adapter: Adapter | null;
}

/** Images a batch; small, so that an abort takes effect soon. */
const batchSize = 16;

/** A model with an open session. Calls must not overlap. */
export class LoadedModel {
  readonly model: Model;
  device: DeviceReport;
  readonly #options: OpenOptions;
  #session: InferenceSession;

  private constructor(options: OpenOptions, session: InferenceSession, device: DeviceReport) {
    this.#options = options;
    this.model = options.model;
    this.#session = session;
    this.device = device;
  }

  /**
   * Opens a session; measures both devices where there is a real GPU and no earlier measurement.
   * @internal
   */
  static async open(options: OpenOptions): Promise<LoadedModel> {
    const { device, adapter, sha256 } = options;
    const wasm = `wasm with ${threadCount()} ${threadCount() === 1 ? 'thread' : 'threads'}`;
    const on = async (name: DeviceName, reason: string): Promise<LoadedModel> =>
      new LoadedModel(options, await openSession(options, name), { name, reason });
    if (device === 'wasm') return on('wasm', `${wasm}, as asked for`);
    if (device === 'webgpu') return on('webgpu', `${adapter?.description ?? 'GPU'}, as asked for`);
    if (adapter === null || adapter.isSoftware) {
      return on('wasm', `${wasm}; ${adapter === null ? 'no WebGPU' : `${adapter.description} is no GPU`}`);
    }
    const key = `fastest of ${sha256} on ${adapter.description} with ${threadCount()}`;
    const { fasterDevice } = await later<typeof Trial>();
    const { session, report } = await fasterDevice(
      { key, cached },
      (name) => openSession(options, name),
      (tried, feeds) => runOnce(options, tried, feeds),
    );
    return new LoadedModel(options, session, report);
  }

  /**
   * The file's inputs.
   * @internal
   */
  get inputs(): InferenceSession['inputMetadata'] {
    return this.#session.inputMetadata;
  }

  /**
   * Generates images; `more` gives further inputs for a batch of a given size. Returns null once `isAborted`, which is asked before each
   * batch, is true. Throws where both the device and WebAssembly fail.
   */
  async draw(
    request: DrawRequest,
    isAborted: () => boolean,
    more?: (size: number) => Feeds,
  ): Promise<Drawn['data'] | null> {
    const { width, height, channels, latent } = this.model;
    const { count, z, condition } = request;
    const length = width * height * channels;
    const columns = (condition?.length ?? 0) / count;
    const floats = request.as === 'floats' ? new Float32Array(count * length) : null;
    const pixels = new Uint32Array(floats === null ? count * width * height : 0);
    for (let first = 0; first < count; first += batchSize) {
      // Lets messages arrive between batches, an abort among them.
      if (first > 0) await nextTurn();
      if (isAborted()) return null;
      const size = Math.min(batchSize, count - first);
      const feeds = this.feeds(
        z.subarray(first * latent.dim, (first + size) * latent.dim),
        condition?.subarray(first * columns, (first + size) * columns) ?? null,
        size,
      );
      const outputs = await this.run({ ...feeds, ...more?.(size) }, ['images']);
      const { data } = outputs['images']!;
      if (floats === null) paint(data, channels, pixels, first * width * height);
      else floats.set(data, first * length);
    }
    return floats ?? new Uint8ClampedArray(pixels.buffer);
  }

  /** A generator's inputs for `count` images. */
  feeds(z: Float32Array, condition: Float32Array | null, count = 1): Feeds {
    const { conditioning, latent } = this.model;
    return {
      z: [z, [count, latent.dim]],
      ...(condition !== null && {
        [conditionName(conditioning!)]: [condition, [count, condition.length / count]],
      }),
    };
  }

  /** Frees the session. */
  release(): Promise<void> {
    return this.#session.release();
  }

  /** Runs the session and returns all outputs, or the wanted ones, by name. If the GPU fails, switches to WebAssembly for good. */
  async run(feeds: Feeds, wanted?: readonly string[]): Promise<Outputs> {
    try {
      return await runOnce(this.#options, this.#session, feeds, wanted);
    } catch (error) {
      if (this.device.name === 'wasm' || error instanceof ModelLoadError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      await this.#session.release().catch(() => undefined);
      this.#session = await openSession(this.#options, 'wasm');
      this.device = { name: 'wasm', reason: `the GPU was lost (${reason.split('\n')[0]})` };
      return runOnce(this.#options, this.#session, feeds, wanted);
    }
  }
}

const { port1, port2 } = new MessageChannel();

/** Waits for one turn of the event loop. A message is faster than a timer, which browsers delay by 4 ms when nested. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

/** Tells the page when a run starts and ends: one that takes too long blocks this thread, so only the page can end it. */
async function told<T>(run: Run, work: () => Promise<T>): Promise<T> {
  post({ kind: 'run', run });
  try {
    return await work();
  } finally {
    post({ kind: 'run', run: null });
  }
}

async function openSession(
  { ort, file, run, shapes }: OpenOptions,
  device: DeviceName,
): Promise<InferenceSession> {
  const session = await told(run, () =>
    ort.InferenceSession.create(file, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    }),
  );
  try {
    checkSession(session, shapes, run.of);
    return session;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function runOnce(
  { ort, run, shapes }: OpenOptions,
  session: InferenceSession,
  given: Feeds,
  wanted: readonly string[] = session.outputNames,
): Promise<Outputs> {
  const feeds: Record<string, InstanceType<OrtModule['Tensor']>> = {};
  for (const [name, [data, dims]] of Object.entries(given))
    feeds[name] = new ort.Tensor('float32', data, dims);
  return told(run, async () => {
    const tensors = await session.run(feeds, wanted);
    checkOutputs(tensors, given, shapes, run.of);
    const outputs: Record<string, Outputs[string]> = {};
    for (const [key, tensor] of Object.entries(tensors)) {
      outputs[key] = { dims: tensor.dims, data: (await tensor.getData()) as Float32Array };
    }
    return outputs;
  });
}
