// <dcgan-trainer>: a GAN that learns in a page. It loads nothing but the record of its networks until a person presses Play, shows what it
// will learn from, then a wall of fixed seeds, and frees everything when it is removed.
import { readFrom } from '../elements/attribute-rules.ts';
import { wordsOf, type Words } from '../elements/words.ts';
import type { ImageShape } from '../format/image-shape.ts';
import type { Trainer, TrainerSettings, TrainingReport } from '../train/index.ts';
import type { TrainingData } from '../training/images.ts';
import type { HalfStep } from '../training/entries-of.ts';
import { attributes, type AttributeName, type AttributeValue } from './attributes.ts';
import { TrainerBase } from './base.ts';
import { breaks, type BreakName } from './breaks.ts';
import type { TrainerEvents } from './events.ts';
import type { TrainerHost, View } from './host.ts';
import { pictured } from './image-bytes.ts';
import { Learning, type Look } from './learning.ts';
import {
  addressOf,
  openedAt,
  ownOf,
  packagesIn,
  prepared,
  type Prepared,
  type PublishedPictures,
} from './packages.ts';
import { english, type StringName, type TrainerStrings } from './strings.ts';
import { fillShadow, type TrainerParts } from './template.ts';
import { Wall, type Frame } from './wall.ts';

/** Steps a second in the slow motion of the button. */
const slowSpeed = 2;
/** Attributes with which a training begins anew. */
const ofTraining: readonly string[] = ['src', 'networks', 'data', 'seed', 'device', 'assets'];

/** A training to go on with: its package and its state. */
interface Resumed {
  readonly url: string;
  readonly state: Uint8Array<ArrayBuffer>;
}

/** The element. Define it with {@link defineTrainer}. */
export class DcganTrainer extends TrainerBase {
  readonly #parts: TrainerParts;
  readonly #words: Words<StringName>;
  readonly #wall: Wall;
  readonly #host: TrainerHost;
  readonly #motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  /** Fetched when the controls are first shown. */
  #controls: Promise<(view: View) => void> | null = null;
  /** One training; aborted when another begins or the element is removed. */
  #life = new AbortController();
  #data: TrainingData | null = null;
  #preparing: Promise<Prepared> | null = null;
  #learning: Promise<Learning> | null = null;
  #begunWith: TrainerSettings | null = null;
  /** A training to go on with. */
  #resumed: Resumed | null = null;
  #broken: BreakName | null = null;
  #isRunning = false;
  /** A person pressed Play: that overrides the system's preference for less motion. */
  #isAskedToPlay = false;
  #isProbability = false;
  #report: TrainingReport | null = null;
  #look: Look | null = null;
  #collapse: string | null = null;
  readonly #reported = new Set<string>();

  constructor() {
    super();
    this.#parts = fillShadow(this.attachShadow({ mode: 'open', delegatesFocus: true }));
    this.#wall = new Wall(this.#parts.canvas);
    this.#words = wordsOf(
      this,
      english,
      () => import('./languages.ts'),
      () => this.#update(),
    );
    this.#host = this.#hosted();
  }

  override connectedCallback(): void {
    this.#life = new AbortController();
    super.connectedCallback();
    this.#words.follow();
    if (this.#motion) this.#motion.onchange = () => this.#follow();
    void this.#showReal();
    this.#follow();
  }

  disconnectedCallback(): void {
    this.#words.ignore();
    if (this.#motion) this.#motion.onchange = null;
    this.#end();
    this.#update();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'data') this.#data = null;
    if (ofTraining.includes(name)) this.#begin();
    else if (name === 'width' || name === 'height') this.#begin();
    if (name === 'playing' && after === null) this.#isAskedToPlay = false;
    if (name === 'speed' || name === 'steps') void this.#learning?.then((learning) => learning.stop());
    this.#follow();
  }

  /** Pictures to learn from: a word of the attribute, or pictures as `loadTrainer()` takes them */
  get data(): TrainingData | string {
    return this.#data ?? this.#read('data');
  }

  set data(given: TrainingData | string | null | undefined) {
    if (typeof given === 'object' && given !== null) {
      this.#data = given;
      if (this.isConnected) this.#begin();
    } else {
      const isOther = this.#data !== null;
      this.#data = null;
      if (given == null || given === 'avatars') this.removeAttribute('data');
      else this.setAttribute('data', given);
      if (isOther && this.isConnected) this.#begin();
    }
  }

  /** The training of `loadTrainer()`, once it is loaded; null before */
  get trainer(): Promise<Trainer> | null {
    return this.#learning?.then(({ trainer }) => trainer) ?? null;
  }

  /** Replaces labels and announcements; the others are in the language of the page */
  get strings(): Partial<TrainerStrings> {
    return this.#words.replaced;
  }

  set strings(given: Partial<TrainerStrings> | null | undefined) {
    this.#words.replaced = given ?? {};
    const unknown = Object.keys(this.strings).find((name) => !Object.hasOwn(english, name));
    if (unknown !== undefined)
      this.#warn(new RangeError(`strings: got "${unknown}", expected ${Object.keys(english).join(', ')}`));
    this.#update();
  }

  /** Trains, even if the system asks for reduced motion */
  play(): void {
    this.#isAskedToPlay = true;
    this.playing = true;
    this.#follow();
  }

  /** Stops after the present step */
  pause(): void {
    this.playing = false;
  }

  /** One step, or the update of one network, `discriminator` or `generator`; resolves when the wall shows it */
  async step(only: HalfStep | null = null): Promise<void> {
    this.playing = false;
    const { signal } = this.#life;
    const learning = await this.#learn();
    signal.throwIfAborted();
    await learning.once(only);
  }

  /** Begins anew, mended, with the pictures to learn from on the wall */
  reset(): void {
    this.playing = false;
    this.#broken = null;
    this.#begin();
  }

  /** Shows the wall at the kept step that is nearest; without a step the newest pictures */
  async scrub(step?: number): Promise<void> {
    const distance = (frame: Frame): number => Math.abs(frame.step - step!);
    const frames = step === undefined ? [] : [...this.#wall.frames];
    await this.#wall.scrub(frames.sort((a, b) => distance(a) - distance(b))[0] ?? null);
    this.#update();
  }

  /** The steps whose wall is kept */
  get frames(): readonly number[] {
    return this.#wall.frames.map(({ step }) => step);
  }

  /** A zip of a model package; rejects with Error before the first step */
  toPackage(): Promise<Blob> {
    return this.#trained((trainer) => trainer.toPackage());
  }

  /** A zip of a run folder for `dcgan train --resume`; rejects with Error before the first step */
  toRun(): Promise<Blob> {
    return this.#trained((trainer) => trainer.toRun());
  }

  async #trained(make: (trainer: Trainer) => Promise<Blob>): Promise<Blob> {
    if (this.#learning === null) throw new Error('nothing has been trained yet; press Play first');
    return make((await this.#learning).trainer);
  }

  /** The address of the package for the pictures, or for `count` of the visitor's. Throws Error where the page names none. */
  #address(count?: number): string {
    if (this.#resumed !== null) return this.#resumed.url;
    const own = count === undefined ? ownOf(this.#wanted) : ({ count, channels: 3 } as const);
    return addressOf({
      ...{ src: this.#read('src'), folder: this.#folder, own },
      network: this.#broken === null ? undefined : breaks[this.#broken].network,
    });
  }

  /** The folder of packages. */
  get #folder(): URL | null {
    const networks = this.#read('networks');
    return networks === '' ? null : new URL(networks.replace(/\/?$/, '/'), document.baseURI);
  }

  /** The pictures to learn from. */
  get #wanted(): TrainingData | PublishedPictures {
    if (this.#data !== null) return this.#data;
    const word = this.#read('data');
    return word === 'faces' ? 'avatars' : { clothes: new URL(word, document.baseURI).href };
  }

  /** The package's record and the pictures; read once, and again after an error. */
  #prepare(): Promise<Prepared> {
    const preparing = (this.#preparing ??= (async () =>
      prepared(this.#address(), this.#wanted, {
        signal: this.#life.signal,
        assets: this.#read('assets') || undefined,
      }))());
    preparing.catch(() => {
      if (this.#preparing === preparing) this.#preparing = null;
    });
    return preparing;
  }

  /** The pictures to learn from, on the wall until the training draws its own. */
  async #showReal(): Promise<void> {
    if (this.#read('src') === '' && this.#folder === null) return;
    const { signal } = this.#life;
    try {
      const { opened, images } = await this.#prepare();
      const columns = this.#read('width');
      const shown = await pictured(images, opened, columns * this.#read('height'), signal);
      if (this.#look !== null) return;
      this.#wall.draw(shown, columns);
      this.#parts.posterSlot.hidden = true;
      this.#update();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Ends the training and shows the pictures for the next one, which may be one to go on with. */
  #begin(resumed: Resumed | null = null): void {
    this.#end();
    this.#resumed = resumed;
    this.#life = new AbortController();
    void this.#showReal();
    this.#follow();
  }

  #end(): void {
    this.#life.abort(new DOMException('the training was ended', 'AbortError'));
    this.#learning?.then(
      ({ trainer }) => trainer.dispose(),
      () => undefined,
    );
    this.#preparing =
      this.#learning =
      this.#resumed =
      this.#report =
      this.#look =
      this.#collapse =
      this.#begunWith =
        null;
    this.#wall.clear();
    this.#showError(null);
    this.#parts.progress.hidden = true;
  }

  /** The training, loaded once. */
  #learn(): Promise<Learning> {
    const learning = (this.#learning ??= this.#load());
    learning.catch(() => {
      if (this.#learning === learning) this.#learning = null;
    });
    return learning;
  }

  async #load(): Promise<Learning> {
    const { signal } = this.#life;
    const { progress } = this.#parts;
    this.#showError(null);
    progress.hidden = false;
    progress.value = 0;
    this.#announce('loading');
    try {
      const [{ url, data, images }, { loadTrainer }] = await Promise.all([
        this.#prepare(),
        import('../train/index.ts'),
      ]);
      const state = this.#resumed?.state;
      const trainer = await loadTrainer(url, {
        ...{ data, state, signal, device: this.#read('device'), assets: this.#read('assets') || undefined },
        ...(state === undefined && { seed: this.#read('seed') }),
        onProgress: (loaded) => {
          if (signal.aborted) return;
          progress.value = loaded.total === 0 ? 0 : loaded.loaded / loaded.total;
          this.#emit('progress', loaded);
        },
      });
      this.#isProbability = trainer.package.logit === 'probability';
      this.#begunWith = trainer.settings;
      const change = this.#broken === null ? undefined : breaks[this.#broken].settings?.(trainer.settings);
      if (change !== undefined) await trainer.set(change);
      const { package: opened, device, warnings } = trainer;
      this.#emit('load', { package: opened, device, warnings });
      const seeds = Array.from({ length: this.#read('width') * this.#read('height') }, (_, i) => i);
      const isMine = (): boolean => !signal.aborted;
      return new Learning(trainer, images, seeds, {
        onReport: (report) => isMine() && this.#onReport(report),
        onLook: (look) => isMine() && this.#onLook(look),
      });
    } finally {
      if (!signal.aborted) progress.hidden = true;
    }
  }

  get #isWanted(): boolean {
    return this.isConnected && this.playing && (this.#isAskedToPlay || this.#motion?.matches !== true);
  }

  /** Starts or stops the training, as the attributes ask. */
  #follow(): void {
    if (this.#isWanted) void this.#run();
    else if (this.#isRunning) void this.#learning?.then((learning) => learning.stop()).catch(() => undefined);
    this.#update();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { signal } = this.#life;
    try {
      const learning = await this.#learn();
      if (!signal.aborted && this.#isWanted) {
        this.#announce('started');
        if (this.#look === null) await learning.look();
      }
      while (!signal.aborted && this.#isWanted) {
        const isDone = await learning.play({
          ...{ speed: this.#read('speed'), steps: this.#read('steps') },
          isQuiet: this.#motion?.matches === true,
        });
        if (!isDone) continue;
        this.playing = false;
        this.#announce('ended', learning.trainer.report.step);
        this.#emit('done', { report: learning.trainer.report });
      }
      if (!signal.aborted && !this.#isWanted) this.#announce('paused', learning.trainer.report.step);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      this.#isRunning = false;
      // Another training may have been asked for meanwhile.
      if (signal.aborted && this.#isWanted) void this.#run();
      this.#update();
    }
  }

  #onReport(report: TrainingReport): void {
    this.#report = report;
    this.#emit('report', { report });
    if (report.collapse !== null && this.#collapse === null) {
      this.#announce('collapse', report.collapse);
      this.#emit('collapse', { reason: report.collapse, step: report.step });
    }
    this.#collapse = report.collapse;
    this.#update();
  }

  #onLook(look: Look): void {
    this.#look = look;
    this.#wall.draw(look.images, this.#read('width'));
    this.#parts.posterSlot.hidden = true;
    void this.#wall.keep(look.step).then(() => this.#update());
    const seeds = look.images.map((_, seed) => seed);
    this.#emit('sample', { seeds, images: look.images, step: look.step });
    this.#update();
  }

  #fail(thrown: unknown): void {
    this.playing = false;
    this.#showError(thrown);
  }

  /** Shows an error in its slot and emits the event; null hides the slot. */
  #showError(thrown: unknown): void {
    this.#parts.error.hidden = thrown === null;
    if (thrown === null) return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#parts.message.textContent = error.message;
    this.#announce('failed', error.message);
    this.#emit('error', { error });
  }

  get #view(): View {
    return {
      isPlaying: this.#isWanted,
      isSlow: this.#read('speed') > 0,
      ...{ report: this.#report, look: this.#look, isProbability: this.#isProbability },
      ...{ frames: this.#wall.frames, shownStep: this.#wall.shownStep, broken: this.#broken },
      hasNetworks: this.#folder !== null,
      hasOwnData: this.#data !== null,
    };
  }

  #update(): void {
    const { canvas, caption, frame, progress } = this.#parts;
    const step = this.#wall.shownStep ?? this.#look?.step;
    const about =
      step === undefined ? this.#words.say('wallOfReal') : this.#words.say('wall', step.toLocaleString());
    canvas.setAttribute('aria-label', about);
    frame.setAttribute('aria-label', about);
    progress.setAttribute('aria-label', this.#words.say('loading'));
    caption.textContent =
      this.#collapse === null
        ? step === undefined
          ? `${about}. ${this.#words.say('begin')}`
          : about
        : this.#words.say('collapse', this.#collapse);
    caption.classList.toggle('warning', this.#collapse !== null);
    this.#updateControls().catch((error: Error) => this.#warn(error));
  }

  async #updateControls(): Promise<void> {
    if (!this.controls && this.#controls === null) return;
    this.#controls ??= import('./controls.ts').then(({ addControls }) =>
      addControls(this.#parts, this.#host),
    );
    (await this.#controls)(this.#view);
  }

  #hosted(): TrainerHost {
    const viewOf = (): View => this.#view;
    const guarded = (work: () => Promise<unknown>): void => {
      const { signal } = this.#life;
      work().catch((error: unknown) => {
        if (!signal.aborted) this.#fail(error);
      });
    };
    return {
      element: this as unknown as HTMLElement,
      get view() {
        return viewOf();
      },
      say: (name, value) => this.#words.say(name, value),
      announce: (name, value) => this.#announce(name, value),
      toggle: () => (this.#isWanted ? this.pause() : this.play()),
      step: (only) => guarded(() => this.step(only)),
      slow: (isSlow) => (this.speed = isSlow ? slowSpeed : 0),
      reset: () => this.reset(),
      scrub: (frame) => guarded(() => this.scrub(frame?.step)),
      breakIt: (name) => guarded(() => this.#breakIt(name)),
      shapeFor: async (count): Promise<ImageShape> => openedAt(this.#address(count), this.#life.signal),
      packages: async () => {
        const src = this.#read('src');
        if (src !== '') return [new URL(src, document.baseURI).href];
        return this.#folder === null ? [] : packagesIn(this.#folder);
      },
      resume: ({ url, state, data }) => {
        this.#data = typeof data === 'object' ? data : null;
        this.#broken = null;
        this.#begin({ url, state });
        this.play();
      },
      use: (data) => (this.data = data),
      toPackage: () => this.toPackage(),
      toRun: () => this.toRun(),
      fail: (error) => this.#showError(error),
    };
  }

  /** Breaks the training in a way, or mends it (null). */
  async #breakIt(name: BreakName | null): Promise<void> {
    const isOther = [name, this.#broken].some((each) => each !== null && breaks[each].network !== undefined);
    this.#broken = name;
    if (isOther) {
      this.#begin();
      return this.play();
    }
    const learning = await this.#learning;
    if (learning !== null && this.#begunWith !== null) {
      const before = this.#begunWith;
      await learning.trainer.set({ ...before, ...(name !== null && breaks[name].settings!(before)) });
    }
    this.play();
  }

  /** Announces a text to screen readers, once the language is there. */
  #announce(name: StringName, value?: string | number): void {
    void (async () => {
      await this.#words.ready;
      this.#parts.status.textContent = this.#words.say(name, value);
    })();
  }

  #emit<K extends keyof TrainerEvents>(type: K, detail: TrainerEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Reads an attribute; invalid text is reported once, as an `error` event. */
  #read<K extends AttributeName>(name: K): AttributeValue<K> {
    return readFrom(attributes, this as unknown as Element, name, (message) =>
      this.#warn(new RangeError(message)),
    );
  }

  /** Emits an error that does not stop the element; once, however often it occurs. */
  #warn(error: Error): void {
    if (this.#reported.has(error.message)) return;
    this.#reported.add(error.message);
    this.#emit('error', { error });
  }
}

/** Registers the element under a name, unless it is registered already or there is no DOM. */
export function defineTrainer(name = 'dcgan-trainer'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganTrainer as unknown as CustomElementConstructor);
}
