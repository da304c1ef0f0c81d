// One training in its worker: opens a package on a device, steps, and makes the files that leave the page.
import type {
  GivenBatch,
  Opened,
  OpenRequest,
  RunEvent,
  TrainApi,
  TrainingReport,
} from '../../train/protocol.ts';
import { browserSha256 } from '../../training/browser-sha256.ts';
import { datasetOf, encodeCheckpoint } from '../../training/checkpoint.ts';
import { mapped, type Figures } from '../../training/gathered.ts';
import type { TrainingLoop } from '../../training/loop.ts';
import type { TrainerSettings } from '../../training/settings.ts';
import type { LoadProgress } from '../../protocol.ts';
import { later } from '../load-later.ts';
import { threadCount } from '../onnx.ts';
import { paint } from '../paint.ts';
import type * as Later from './later.ts';
import { openParts } from './open.ts';
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
    return new Session(await openParts(request, onProgress));
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

  async step({ batch, only }: Parameters<TrainApi['step']>[0]): Promise<TrainingReport> {
    const { loop } = this.#parts;
    const { opened } = loop;
    const given =
      batch === null
        ? undefined
        : (await later<typeof Later>()).batchOf(batch, opened, opened.trainable.batch);
    this.#add(await loop.step(given, only));
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
      const state = await this.#encoded();
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

  async judge(given: GivenBatch): Promise<Float32Array<ArrayBuffer>> {
    const { loop } = this.#parts;
    const { batchOf } = await later<typeof Later>();
    return loop.judge(batchOf(given, loop.opened, null));
  }

  async save(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#parts.loop.measure(true);
    return this.#encoded();
  }

  async load(state: Uint8Array<ArrayBuffer>): Promise<TrainingReport> {
    const { loop } = this.#parts;
    await (await later<typeof Later>()).restore(loop, state);
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
    this.loop.images.end?.();
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

  async #encoded(): Promise<Uint8Array<ArrayBuffer>> {
    const { loop } = this.#parts;
    const { position, config } = loop;
    return encodeCheckpoint(
      { state: await loop.state(), position, config },
      this.#origin,
      async (bytes) => (await browserSha256(bytes)) ?? (await later<typeof Later>()).sha256Of(bytes),
    );
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
