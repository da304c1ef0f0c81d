// A training that is watched: runs it at full speed or in slow motion, and looks at it from time to time: pictures of fixed seeds, and D's
// scores of them and of real ones.
import type { GivenBatch, Trainer, TrainingReport } from '../train/index.ts';
import type { HalfStep } from '../training/entries-of.ts';
import type { TrainingImages } from '../training/images.ts';
import { fakeBatch, realBatch } from './judged-batches.ts';

/** One look at a training. */
export interface Look {
  readonly step: number;
  readonly report: TrainingReport;
  /** Images of the seeds. */
  readonly images: readonly ImageData[];
  /** D's scores of real pictures and of `images`; empty where the package has no judge. */
  readonly real: Float32Array;
  readonly fake: Float32Array;
}

/** Receives the reports of a training and the looks at it. */
export interface Watcher {
  onReport(report: TrainingReport): void;
  onLook(look: Look): void;
}

/** Options of `play`. */
interface PlayOptions {
  /** Limit of steps a second; 0 for none. */
  readonly speed: number;
  /** Steps that the training has made at its end; 0 for no end. */
  readonly steps: number;
  /** While the page is hidden, go on or wait. */
  readonly hidden: 'continue' | 'wait';
  /** Looks are rare. */
  readonly isQuiet: boolean;
}

/** Milliseconds between two looks, and the share of the time in between that they may take. */
const [minPauseMs, maxPauseMs] = [250, 3000];
const maxShareOfLooks = 0.08;
/** Calls of a look that wait for a step each. */
const callsInTurn = 2;
const none = new Float32Array(0);

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A watched training. The caller disposes of the trainer. */
export class Learning {
  readonly trainer: Trainer;
  readonly #images: TrainingImages<Uint8Array>;
  readonly #seeds: readonly number[];
  readonly #watcher: Watcher;
  #reals: Promise<GivenBatch> | null = null;
  #isWanted = false;
  #running: Promise<boolean> | null = null;

  constructor(
    trainer: Trainer,
    images: TrainingImages<Uint8Array>,
    seeds: readonly number[],
    watcher: Watcher,
  ) {
    this.trainer = trainer;
    this.#images = images;
    this.#seeds = seeds;
    this.#watcher = watcher;
  }

  /**
   * Trains until `stop`, or until the training has made its steps; resolves to true if they are reached. Throws what the trainer throws.
   */
  async play(options: PlayOptions): Promise<boolean> {
    await this.stop();
    const { trainer } = this;
    const left = options.steps === 0 ? Infinity : options.steps - trainer.report.step;
    if (left <= 0) return true;
    this.#isWanted = true;
    const running = options.speed > 0 ? this.#slowly(options, left) : this.#fast(options, left);
    this.#running = running;
    try {
      return await running;
    } finally {
      this.#isWanted = false;
      if (this.#running === running) this.#running = null;
    }
  }

  /** Ends `play` after the present step; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    await this.trainer.pause();
    await this.#running?.catch(() => undefined);
  }

  /** One step, or the update of one network, and a look. */
  async once(only: HalfStep | null): Promise<void> {
    await this.stop();
    this.#watcher.onReport(await this.trainer.step(null, { only }));
    await this.look();
  }

  /** Looks now. */
  async look(): Promise<void> {
    const { trainer } = this;
    const { batch } = trainer.package;
    // Calls that are made together take one turn between two steps.
    const [images, real] = await Promise.all([
      trainer.sample(this.#seeds),
      this.#scoresOf((this.#reals ??= realBatch(this.#images, batch))),
    ]);
    const { report } = trainer;
    const judged = fakeBatch(images.slice(0, batch), this.#seeds.slice(0, batch), trainer.package);
    const fake = real.length > 0 ? await this.#scoresOf(judged) : none;
    this.#watcher.onLook({ step: report.step, report, images, real, fake });
  }

  async #fast({ hidden, isQuiet }: PlayOptions, left: number): Promise<boolean> {
    const run = this.trainer.run({
      hidden,
      ...(left !== Infinity && { steps: left }),
      onReport: (report) => this.#watcher.onReport(report),
    });
    let isOver = false;
    const ended = run.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    while (!isOver && this.#isWanted) {
      const begun = performance.now();
      // A page that nobody sees is not drawn.
      if (!document.hidden) await this.look();
      const { imagesPerSecond } = this.trainer.report;
      const stepMs = imagesPerSecond > 0 ? (1000 * this.trainer.package.batch) / imagesPerSecond : 0;
      const spent = performance.now() - begun - callsInTurn * stepMs;
      const wait = Math.min(maxPauseMs, Math.max(minPauseMs, spent / maxShareOfLooks));
      await Promise.race([pause(wait * (isQuiet ? 5 : 1)), ended]);
    }
    const { step } = await run;
    await this.look();
    return this.#isWanted && left !== Infinity && step > 0;
  }

  async #slowly({ hidden, speed }: PlayOptions, left: number): Promise<boolean> {
    for (let done = 0; done < left && this.#isWanted; done++) {
      while (hidden === 'wait' && document.hidden && this.#isWanted) await pause(250);
      const due = performance.now() + 1000 / speed;
      this.#watcher.onReport(await this.trainer.step());
      await this.look();
      // Short waits, so that a pause takes effect at once.
      while (this.#isWanted && performance.now() < due) await pause(Math.min(50, due - performance.now()));
    }
    return this.#isWanted;
  }

  /** D's scores; none for a package without judge.onnx. */
  async #scoresOf(batch: GivenBatch | Promise<GivenBatch>): Promise<Float32Array> {
    try {
      return await this.trainer.judge(await batch);
    } catch (error) {
      if ((error as Error).name === 'RangeError') return none;
      throw error;
    }
  }
}
