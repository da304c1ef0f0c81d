// One training of an element, from the record of its networks to its end.
import type { Trainer, TrainerSettings, TrainingReport } from '../train/index.ts';
import type { HalfStep } from '../training/entries-of.ts';
import { breaks } from './breaks.ts';
import { pictured } from './image-bytes.ts';
import type { Learning, Look } from './learning.ts';
import type { LoadingHost } from './loading.ts';
import { Once } from './once.ts';
import { prepared, type Prepared } from './packages.ts';

/** The element, as its trainings use it. */
export interface SessionHost extends LoadingHost {
  /** The element is to train now. */
  readonly isWanted: boolean;
  /** The system asks for reduced motion. */
  readonly isQuiet: boolean;
  /** Shows what has changed. */
  update(): void;
  /** Stops, and shows the error. */
  fail(thrown: unknown): void;
}

/** One training. It loads nothing before it is asked to. */
export class Session {
  /** Null before the first step. */
  report: TrainingReport | null = null;
  look: Look | null = null;
  /** D's scores are probabilities. */
  isProbability = false;
  readonly #host: SessionHost;
  readonly #life = new AbortController();
  readonly #prepared = new Once(() => this.#prepare());
  readonly #learning = new Once(() => this.#load());
  #begunWith: TrainerSettings | null = null;
  #isPlaying = false;
  /** Warnings of the trainer that are known. */
  #warnings = 0;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Aborted when the training has ended. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** The trainer, once it is asked for; null before, and at the end. */
  get trainer(): Promise<Trainer> | null {
    return this.#learning.current?.then(({ trainer }) => trainer) ?? null;
  }

  /** Ends the training and frees its memory. */
  end(): void {
    this.#life.abort(new DOMException('the training was ended', 'AbortError'));
    this.trainer?.then(
      (trainer) => trainer.dispose(),
      () => undefined,
    );
    this.#learning.current = null;
  }

  /** Works for this training; an error is shown unless the training has ended. */
  async guarded(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.signal.aborted) this.#host.fail(error);
    }
  }

  /** Shows the pictures to learn from on the wall, until the training draws its own. */
  async showReal(): Promise<void> {
    const { choices, display, surface } = this.#host;
    if (!choices.hasPackage) return;
    await this.guarded(async () => {
      const { opened, images } = await this.#prepared.get();
      const columns = surface.read('width');
      const shown = await pictured(images, opened, columns * surface.read('height'), this.signal);
      if (this.look !== null) return;
      display.draw(shown, columns);
      this.#host.update();
    });
  }

  /** Trains as long as the element wants it. */
  async play(): Promise<void> {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    await this.guarded(() => this.#play());
    this.#isPlaying = false;
    this.#host.update();
  }

  /** Ends the run under way after its present step. */
  stop(): void {
    if (this.#isPlaying)
      void this.#learning.current?.then((learning) => learning.stop()).catch(() => undefined);
  }

  /** One step, or the update of one network. */
  async step(only: HalfStep | null): Promise<void> {
    const learning = await this.#learning.get();
    this.signal.throwIfAborted();
    await learning.once(only);
  }

  /** Sets the rates of the way in which the training is broken, or those that it began with. */
  async setRates(): Promise<void> {
    const trainer = await this.trainer;
    const before = this.#begunWith;
    if (trainer === null || before === null) return;
    const { broken } = this.#host.choices;
    await trainer.set({ ...before, ...(broken !== null && breaks[broken].settings?.(before)) });
  }

  async #play(): Promise<void> {
    const { signal } = this;
    const { display, surface } = this.#host;
    const isOn = (): boolean => !signal.aborted && this.#host.isWanted;
    const learning = await this.#learning.get();
    if (isOn()) {
      display.announce('started');
      if (this.look === null) await learning.look();
    }
    let isDone = false;
    while (isOn()) {
      isDone = await learning.play({
        ...{ speed: surface.read('speed'), steps: surface.read('steps') },
        ...{ hidden: surface.read('background'), isQuiet: this.#host.isQuiet },
      });
      if (!isDone) continue;
      surface.element.playing = false;
      surface.emit('done', { report: learning.trainer.report });
    }
    if (!signal.aborted) display.announce(isDone ? 'ended' : 'paused', learning.trainer.report.step);
  }

  async #prepare(): Promise<Prepared> {
    const { choices, surface } = this.#host;
    const assets = surface.read('assets') || undefined;
    return prepared(choices.address(), choices.pictures, { signal: this.signal, assets });
  }

  async #load(): Promise<Learning> {
    const { signal } = this;
    const { choices, display, surface } = this.#host;
    display.showError(null);
    display.showProgress(0);
    display.announce('loading');
    try {
      const [ready, { loadLearning }] = await Promise.all([this.#prepared.get(), import('./loading.ts')]);
      const learning = await loadLearning(this.#host, ready, signal, {
        onReport: (report) => !signal.aborted && this.#onReport(report, learning.trainer),
        onLook: (look) => !signal.aborted && this.#onLook(look),
      });
      const { trainer } = learning;
      const { package: opened, device, settings, warnings } = trainer;
      this.isProbability = opened.logit === 'probability';
      this.#begunWith = settings;
      this.#warnings = warnings.length;
      const change = choices.broken && breaks[choices.broken].settings?.(settings);
      if (change != null) await trainer.set(change);
      surface.emit('load', { package: opened, device, warnings });
      return learning;
    } finally {
      if (!signal.aborted) display.showProgress(null);
    }
  }

  #onReport(report: TrainingReport, { warnings }: Trainer): void {
    const { display, surface, update } = this.#host;
    const { collapse, step } = report;
    const isNew = collapse !== null && (this.report?.collapse ?? null) === null;
    this.report = report;
    surface.emit('report', { report });
    if (isNew) {
      display.announce('collapse', collapse);
      surface.emit('collapse', { reason: collapse, step });
    }
    if (warnings.length > this.#warnings) display.showWarning(warnings.at(-1)!);
    this.#warnings = warnings.length;
    update();
  }

  #onLook(look: Look): void {
    const { display, surface, update } = this.#host;
    const { images, step } = look;
    this.look = look;
    display.draw(images, surface.read('width'));
    void display.wall.keep(step).then(update);
    surface.emit('sample', { seeds: images.map((_, seed) => seed), images, step });
    update();
  }
}
