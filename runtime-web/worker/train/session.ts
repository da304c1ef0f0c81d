// One training in its worker: opens a package on a device, steps, and makes the files that leave the page.
import { chooseBuild } from '../../adapter.ts';
import { ModelLoadError } from '../../errors.ts';
import { conditionColumns } from '../../format/condition.ts';
import { lengthOf } from '../../format/image-shape.ts';
import { ModelFormatError } from '../../format/model-format-error.ts';
import { parseTrainable } from '../../format/training/parse-trainable.ts';
import { lengthOfShape } from '../../format/training/tensors.ts';
import { trainingRoles, type TrainablePackage, type TrainingRole } from '../../format/training/trainable.ts';
import type { DeviceReport, LoadProgress } from '../../protocol.ts';
import type {
  GivenBatch,
  Opened,
  OpenRequest,
  RunEvent,
  TrainApi,
  TrainingReport,
} from '../../train/protocol.ts';
import { datasetOf, decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../training/checkpoint.ts';
import { mapped, type Figures } from '../../training/gathered.ts';
import { givenImages, type TrainingData, type TrainingImages } from '../../training/images.ts';
import { TrainingLoop } from '../../training/loop.ts';
import { OnnxDevice, type OnnxRuntime } from '../../training/onnx-device.ts';
import type { GivenPoints } from '../../training/points.ts';
import type { TrainerSettings } from '../../training/settings.ts';
import type { StateDevice } from '../../training/state-device.ts';
import { fetchFile, fetchJson } from '../fetch-file.ts';
import { later, setLaterAddress } from '../load-later.ts';
import { loadOnnx, runtimeFile, threadCount } from '../onnx.ts';
import { paint } from '../paint.ts';
import { post } from '../post.ts';
import type * as Later from './later.ts';
import type { Parts } from './parts.ts';

/** Seconds between two reports, and between two copies of the state; copying takes at most a twentieth of the time. */
const reportEvery = 0.1;
const stateEvery = 1;
const maxShareOfCopies = 0.05;

const seconds = (): number => performance.now() / 1000;

/** Progress of a training at its last report. */
interface Mark {
  readonly at: number;
  readonly images: number;
  readonly stepSeconds: number;
  readonly deviceSeconds: number;
}

/** A training. Calls must not overlap. */
export class Session {
  readonly #parts: Parts;
  #mark: Mark;
  #sums: Figures = mapped(() => 0);
  #count = 0;
  #last: TrainingReport;
  #copiedAt = seconds();
  #copyCost = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#mark = this.#now();
    this.#last = this.#reportOf(mapped(() => NaN));
  }

  /** Opens a training. Throws what `loadTrainer` says. */
  static async open(request: OpenRequest, onProgress?: (progress: LoadProgress) => void): Promise<Session> {
    const { url, build, files, maxBytes } = request;
    setLaterAddress(files.later);
    const opened = parseTrainable(await fetchJson(url), url);
    const images = await imagesOf(request.data, opened, url);
    const threads = Math.min(threadCount(), request.threads ?? Infinity);
    checkMemory(opened, images, maxBytes);
    const { adapter } = await chooseBuild(request.device);
    const isOnGpu = build !== 'wasm' && adapter !== null;
    const wanted = trainingRoles.filter(
      (role) =>
        opened.trainable.files[role] !== undefined && (role !== 'state' || request.state === 'package'),
    );
    const table = wanted.map((role) => ({ role, ...opened.trainable.files[role]! }));
    if (request.state === 'package' && !wanted.includes('state'))
      throw new ModelLoadError(`${url}: the package has no state; export it with --trainable --state`);
    const runtime = runtimeFile(build, files);
    const total = table.reduce((sum, { bytes }) => sum + bytes, runtime.bytes);
    let loaded = 0;
    const count =
      (file: string) =>
      (bytes: number): void =>
        onProgress?.({ loaded: (loaded += bytes), total, file });
    const warnings: string[] = [];
    const bytesOf = new Map<TrainingRole, Uint8Array<ArrayBuffer>>();
    const [module] = await Promise.all([
      loadOnnx(build, files, count(runtime.url), threads),
      ...table.map(async ({ role, file, bytes, sha256 }) => {
        const address = new URL(file, url).href;
        const fetched = await fetchFile({ url: address, bytes, sha256 }, count(address));
        bytesOf.set(role, new Uint8Array(fetched.data));
        warnings.push(...fetched.warnings);
      }),
    ]);
    const inner = new OnnxDevice({
      runtime: module as unknown as OnnxRuntime,
      isOnGpu,
      opened,
      session: {
        executionProviders: [isOnGpu ? 'webgpu' : 'wasm'],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      },
      fileOf: (role) => bytesOf.get(role)!,
    });
    const device = told(inner, { of: `training of ${url}`, limit: request.timeout });
    const loop = new TrainingLoop({
      ...{ opened, device, images, now: seconds },
      ...(request.seed !== null && { seed: request.seed }),
    });
    const state = request.state === 'package' ? bytesOf.get('state')! : request.state;
    if (state !== null) restore(loop, await decodeCheckpoint(state, opened));
    loop.set(request.settings);
    const report: DeviceReport = isOnGpu
      ? { name: 'webgpu', reason: adapter.description }
      : { name: 'wasm', reason: `wasm with ${threads} ${threads === 1 ? 'thread' : 'threads'}` };
    const sampleFile = bytesOf.get('sample')!;
    return new Session({ loop, device, report, runtime: module, sampleFile, warnings });
  }

  /** The training itself. */
  get loop(): TrainingLoop {
    return this.#parts.loop;
  }

  get opened(): Opened {
    const { loop, report, warnings } = this.#parts;
    const { trainable, ...rest } = loop.opened;
    const { method, batch, logit } = trainable;
    return {
      package: { ...rest, method, batch, logit },
      device: report,
      settings: loop.settings,
      report: this.#last,
      warnings,
    };
  }

  async step(given: GivenBatch | null): Promise<TrainingReport> {
    const { loop } = this.#parts;
    this.#add(
      await loop.step(given === null ? undefined : batchOf(given, loop.opened, loop.opened.trainable.batch)),
    );
    return this.report();
  }

  /** One step, and the news after it. */
  async stepOfRun(): Promise<readonly RunEvent[]> {
    const { loop } = this.#parts;
    const events: RunEvent[] = [];
    this.#add(await loop.step());
    const now = seconds();
    if (now - this.#mark.at >= reportEvery) events.push({ kind: 'report', report: this.report() });
    if (now - this.#copiedAt >= Math.max(stateEvery, this.#copyCost / maxShareOfCopies)) {
      const state = await encodeCheckpoint(await this.#checkpoint(), this.#origin);
      this.#copiedAt = seconds();
      this.#copyCost = this.#copiedAt - now;
      // The report of this very step, since the state is that after it.
      events.push({ kind: 'state', state, report: this.report() });
    }
    return events;
  }

  /** The means since the last report; the last one again if there was no step. */
  report(): TrainingReport {
    if (this.#count === 0) return this.#last;
    this.#last = this.#reportOf(mapped((name) => this.#sums[name] / this.#count));
    this.#mark = this.#now();
    this.#sums = mapped(() => 0);
    this.#count = 0;
    return this.#last;
  }

  async sample({ seeds, wanted, isExact }: Parameters<TrainApi['sample']>[0]) {
    const { loop } = this.#parts;
    const { width, height, channels } = loop.opened;
    const floats = await loop.sample(seeds, { wanted, isExact });
    const pixels = new Uint32Array(seeds.length * width * height);
    paint(floats, channels, pixels, 0);
    return new Uint8ClampedArray(pixels.buffer);
  }

  judge(given: GivenBatch): Promise<Float32Array<ArrayBuffer>> {
    const { loop } = this.#parts;
    return loop.judge(batchOf(given, loop.opened, null));
  }

  async save(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#parts.loop.measure(true);
    return encodeCheckpoint(await this.#checkpoint(), this.#origin);
  }

  async load(state: Uint8Array<ArrayBuffer>): Promise<TrainingReport> {
    const { loop } = this.#parts;
    restore(loop, await decodeCheckpoint(state, loop.opened));
    this.#count = 0;
    this.#sums = mapped(() => 0);
    this.#mark = this.#now();
    return (this.#last = this.#reportOf(mapped(() => NaN)));
  }

  set(change: Partial<TrainerSettings>): TrainerSettings {
    this.#parts.loop.set(change);
    return this.#parts.loop.settings;
  }

  /** A zip of a run folder, or of a model package. */
  async leave(as: 'run' | 'package', hasPictures: boolean): Promise<Uint8Array<ArrayBuffer>> {
    const { runZip, packageZip } = await later<typeof Later>();
    const leaving = { ...this.#parts, origin: this.#origin };
    return as === 'run' ? runZip(leaving, hasPictures) : packageZip(leaving);
  }

  async dispose(): Promise<void> {
    await this.#parts.device.dispose();
  }

  get #origin() {
    const { loop, report, runtime } = this.#parts;
    const version = `onnxruntime-web ${runtime.env.versions.web ?? ''}`.trim();
    return {
      engine: { engine: `page-${report.name}`, version, threads: threadCount() },
      dataset: datasetOf(loop.images, loop.opened),
    };
  }

  async #checkpoint(): Promise<Checkpoint> {
    const { loop } = this.#parts;
    const { position, config } = loop;
    return { state: await loop.state(), position, config };
  }

  #add(figures: Figures): void {
    this.#sums = mapped((name) => this.#sums[name] + figures[name]);
    this.#count += 1;
  }

  #now(): Mark {
    const { loop } = this.#parts;
    const { images, stepSeconds } = loop.position;
    return { at: seconds(), images, stepSeconds, deviceSeconds: loop.deviceSeconds };
  }

  #reportOf(figures: Figures): TrainingReport {
    const { loop } = this.#parts;
    const { step, images, stepSeconds, secondsElapsed, augmentation } = loop.position;
    const spent = stepSeconds - this.#mark.stepSeconds;
    const inDevice = loop.deviceSeconds - this.#mark.deviceSeconds;
    return {
      ...figures,
      ...{ step, images, seconds: secondsElapsed },
      imagesPerSecond: spent > 0 ? (images - this.#mark.images) / spent : 0,
      shareOutside: spent > 0 ? Math.max(0, 1 - inDevice / spent) : 0,
      collapse: loop.collapse?.reason ?? null,
      augmentProbability: augmentation?.probability ?? null,
    };
  }
}

/** The images or points of a training. Throws RangeError for data that do not fit the package, ModelFormatError for one of the other kind. */
async function imagesOf(
  data: TrainingData | GivenPoints,
  opened: TrainablePackage,
  url: string,
): Promise<TrainingImages> {
  if (typeof data === 'object' && 'points' in data)
    return (await later<typeof Later>()).pointsOf(data, opened, url);
  if (opened.data === 'points')
    throw new ModelFormatError(
      `${url}: data: got points, expected images; load this package with loadPoints()`,
    );
  if (typeof data === 'object' && 'images' in data) return givenImages(data, opened);
  const { avatarImages } = await later<typeof Later>();
  return avatarImages(data === 'avatars' ? null : data.avatars, opened);
}

/** Goes on from a checkpoint, with its settings. */
function restore(loop: TrainingLoop, { state, position, config }: Checkpoint): void {
  const seed = Number(config['seed'] ?? loop.opened.trainable.seed);
  loop.restore(state, position, seed);
  const { learningRate, discriminatorLearningRate, criticSteps, flip } = config as Partial<TrainerSettings>;
  loop.set({
    ...(learningRate !== undefined && { learningRate }),
    ...(discriminatorLearningRate !== undefined && { discriminatorLearningRate }),
    ...(criticSteps !== undefined && { criticSteps }),
    ...(flip !== undefined && { flip }),
  });
}

/** The device, which tells the page when a run starts and ends: one that takes too long blocks this thread, so only the page can end it. */
function told(device: StateDevice, run: { readonly of: string; readonly limit: number }): StateDevice {
  return {
    write: (entries) => device.write(entries),
    read: () => device.read(),
    async run(role, inputs) {
      post({ kind: 'run', run });
      try {
        return await device.run(role, inputs);
      } finally {
        post({ kind: 'run', run: null });
      }
    },
    dispose: () => device.dispose(),
  };
}

/** Throws RangeError for a training that takes more memory than the limit. */
function checkMemory(
  { trainable, ...shape }: TrainablePackage,
  images: TrainingImages,
  maxBytes: number,
): void {
  const numbers = trainable.state.reduce((sum, entry) => sum + lengthOfShape(entry.shape), 0);
  // The state and the next one, each in the script's memory and in WebAssembly's, and the page's copy.
  const bytes = 5 * 4 * numbers + images.count * lengthOf(shape);
  if (bytes <= maxBytes) return;
  const megabytes = (value: number): string => `${Math.ceil(value / 2 ** 20)} MB`;
  throw new RangeError(
    `maxBytes: the training takes about ${megabytes(bytes)}, more than ${megabytes(maxBytes)}; ask the user and give maxBytes: ${bytes}, or take a smaller package`,
  );
}

/** Images of a page as the networks take them. Throws RangeError for another number of them (null: at least 1), and without their labels. */
function batchOf({ images, labels, condition }: GivenBatch, opened: TrainablePackage, wanted: number | null) {
  const count = wanted ?? Math.max(1, Math.floor(images.length / lengthOf(opened)));
  const expected = count * lengthOf(opened);
  if (images.length !== expected)
    throw new RangeError(`images: got ${images.length} bytes, expected ${expected} for ${count} images`);
  const { conditioning } = opened;
  if (conditioning?.kind === 'classes' && labels?.length !== count)
    throw new RangeError(`labels: got ${labels?.length ?? 'none'}, expected one for each of ${count} images`);
  const hasRows = conditioning?.kind === 'attributes' || conditioning?.kind === 'numbers';
  const numbers = count * conditionColumns(conditioning);
  if (hasRows && condition?.length !== numbers)
    throw new RangeError(`condition: got ${condition?.length ?? 'none'}, expected ${numbers} numbers`);
  return {
    images: Float32Array.from(images, (byte) => byte / 127.5 - 1),
    labels: labels ?? null,
    condition: condition ?? null,
  };
}
