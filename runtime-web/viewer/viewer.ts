// <dcgan-viewer>: a live generator in a page. It follows <model-viewer>'s conventions: attributes mirrored by properties, a poster until
// the first image, events, slots, parts. It draws only while visible, and frees its memory when it is removed.
import { readFrom } from '../elements/attribute-rules.ts';
import { wordsOf, type Words } from '../elements/words.ts';
import { loadGenerator } from '../generator.ts';
import type { Generator } from '../generator-calls.ts';
import { attributes, type AttributeName, type AttributeValue } from './attributes.ts';
import { drawScene, showScene } from './draw.ts';
import type { ViewerEvents } from './events.ts';
import type { UpdateButtons } from './buttons.ts';
import { FrameLoop } from './frame-loop.ts';
import { addKeys, type ControlActions } from './keys.ts';
import { MirroredElement } from './mirrored-element.ts';
import { english, type StringName, type ViewerStrings } from './strings.ts';
import { fillShadow, type ViewerParts } from './template.ts';

/** Milliseconds from one seed to the next on a walk. */
const walkMs = 2000;
/** Limit in milliseconds of one frame's progress, so that a walk does not jump after a pause. */
const maxAdvanceMs = 250;

/** The element. Define it with {@link defineViewer}. */
export class DcganViewer extends MirroredElement {
  readonly #parts: ViewerParts;
  readonly #loop: FrameLoop;
  readonly #words: Words<StringName>;
  /** Fetched when the buttons are first shown. */
  #buttons: Promise<UpdateButtons> | null = null;
  readonly #actions: ControlActions = {
    step: (by) => this.#show(Math.max(0, this.#read('seed') + by)),
    toggle: () => (this.#isMoving ? this.pause() : this.play()),
    sample: () => this.sample(),
    touched: () => this.#revealNow(),
  };
  readonly #motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  /** Noted, because Chromium sends no event of a change that a reading of `matches` has seen. */
  #isReduced = false;
  #generator: Generator | null = null;
  #loadingOf: AbortController | null = null;
  #observer: IntersectionObserver | null = null;
  #isVisible = false;
  #isRevealed = false;
  /** Set by play() and the keys: motion that a person asked for overrides the system's preference. */
  #isAskedToPlay = false;
  /** Progress towards the next seed, from 0 to 1. */
  #walked = 0;
  #isDirty = false;
  #lastFrameAt = 0;
  readonly #reported = new Set<string>();

  constructor() {
    super();
    this.#parts = fillShadow(this.attachShadow({ mode: 'open', delegatesFocus: true }));
    this.#words = wordsOf(
      this,
      english,
      () => import('./languages.ts'),
      () => this.#updateLook(),
    );
    // A change is drawn off the screen too, for print; only motion waits.
    this.#loop = new FrameLoop(
      () => this.#generator !== null && (this.#isDirty || (this.#isVisible && this.#isMoving)),
      (now) => this.#onFrame(now),
    );
    addKeys(this, this.#parts.frame, this.#actions);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#words.follow();
    const noteMotion = (): void => {
      this.#isReduced = this.#motion?.matches === true;
      this.#updateLook();
      this.#loop.request();
    };
    noteMotion();
    if (this.#motion) this.#motion.onchange = noteMotion;
    // A viewer counts as visible where nothing can observe it.
    this.#isVisible = typeof IntersectionObserver === 'undefined';
    if (!this.#isVisible) {
      this.#observer = new IntersectionObserver(
        (entries) => {
          this.#isVisible = entries.at(-1)?.isIntersecting === true;
          if (this.#isVisible) void this.#loadIfDue();
          this.#loop.request();
        },
        { rootMargin: '100px' },
      );
      this.#observer.observe(this);
    }
    void this.#loadIfDue();
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#words.ignore();
    if (this.#motion) this.#motion.onchange = null;
    this.#isVisible = false;
    this.#loop.cancel();
    this.#unload();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'src' || name === 'device' || name === 'assets') {
      this.#unload();
      if (this.#read('src') === '') this.#clear();
      void this.#loadIfDue();
    }
    if (name === 'loading' || name === 'reveal') void this.#loadIfDue();
    if (name === 'playing') {
      this.#lastFrameAt = 0;
      if (after === null) this.#isAskedToPlay = false;
    }
    this.#updateLook();
    this.#redraw();
  }

  /** Shows another image, with a random seed */
  sample(): void {
    this.#show(Math.floor(Math.random() * 1_000_000));
  }

  /** Plays, even if the system asks for reduced motion */
  play(): void {
    this.#isAskedToPlay = true;
    this.playing = true;
    this.#updateLook();
    this.#loop.request();
  }

  /** Stops playing */
  pause(): void {
    this.playing = false;
  }

  /** The current image as a file; rejects with Error before the first one */
  toBlob(type = 'image/png', quality?: number): Promise<Blob> {
    if (!this.#parts.posterSlot.hidden) return Promise.reject(new Error('nothing has been drawn yet'));
    return new Promise((resolve, reject) => {
      this.#parts.canvas.toBlob(
        (blob) => (blob === null ? reject(new Error(`no picture could be made as ${type}`)) : resolve(blob)),
        type,
        quality,
      );
    });
  }

  /** Replaces labels and announcements; the others are in the language of the page */
  get strings(): Partial<ViewerStrings> {
    return this.#words.replaced;
  }

  set strings(given: Partial<ViewerStrings> | null | undefined) {
    this.#words.replaced = given ?? {};
    const unknown = Object.keys(this.strings).find((name) => !Object.hasOwn(english, name));
    if (unknown !== undefined) {
      this.#report(new RangeError(`strings: got "${unknown}", expected ${Object.keys(english).join(', ')}`));
    }
    this.#updateLook();
  }

  /** Loads the model, unless it is loaded or the attributes ask to wait. */
  async #loadIfDue(): Promise<void> {
    const src = this.#read('src');
    if (!this.isConnected || src === '' || this.#loadingOf !== null) return;
    if (this.#read('loading') === 'lazy' && !this.#isVisible) return;
    if (this.#read('reveal') === 'interaction' && !this.#isRevealed) return;
    const mine = new AbortController();
    this.#loadingOf = mine;
    this.#showError(null);
    this.#parts.progress.hidden = false;
    void this.#announce('loading');
    try {
      const generator = await loadGenerator(src, {
        device: this.#read('device'),
        assets: this.#read('assets') || undefined,
        timeout: this.#read('timeout'),
        signal: mine.signal,
        onProgress: (progress) => {
          if (mine.signal.aborted) return;
          this.#parts.progress.value = progress.loaded / progress.total;
          this.#emit('progress', progress);
        },
      });
      if (mine.signal.aborted) return generator.dispose();
      this.#generator = generator;
      this.#parts.progress.hidden = true;
      const { model, device, warnings } = generator;
      this.#emit('load', { model, device, warnings });
      void this.#announce('ready', model.name);
      this.#redraw();
    } catch (error) {
      if (mine.signal.aborted) return;
      this.#parts.progress.hidden = true;
      this.#showError(error);
    }
  }

  #unload(): void {
    this.#loadingOf?.abort();
    this.#loadingOf = null;
    this.#generator?.dispose();
    this.#generator = null;
    this.#parts.progress.hidden = true;
    this.#showError(null);
  }

  #revealNow(): void {
    if (this.#isRevealed) return;
    this.#isRevealed = true;
    void this.#loadIfDue();
  }

  /** Shows the image of a seed. */
  #show(seed: number): void {
    this.#walked = 0;
    this.seed = seed;
    void this.#announce('shown', this.seed);
  }

  #redraw(): void {
    this.#isDirty = true;
    this.#loop.request();
  }

  get #isMoving(): boolean {
    if (!this.playing) return false;
    return this.#isAskedToPlay || !this.#isReduced;
  }

  /** Draws if something has changed or the next frame is due. */
  async #onFrame(now: number): Promise<void> {
    const isDue = now >= this.#lastFrameAt + 1000 / this.#read('fps') - 1;
    if (!this.#isDirty && !isDue) return;
    if (isDue && this.#isVisible && this.#isMoving) {
      if (this.#lastFrameAt > 0) this.#advance(Math.min(maxAdvanceMs, now - this.#lastFrameAt));
      this.#lastFrameAt = now;
    }
    this.#isDirty = false;
    await this.#draw();
  }

  /** Advances by `ms` milliseconds: a walk by a fraction of the way to the next seed, the other modes by one step. */
  #advance(ms: number): void {
    const mode = this.#read('mode');
    this.#walked += mode === 'walk' ? ms / walkMs : 1;
    const whole = Math.floor(this.#walked);
    if (whole === 0) return;
    this.#walked -= whole;
    this.seed = this.#read('seed') + whole * (mode === 'grid' ? this.#read('columns') : 1);
  }

  /** Draws the current scene; errors go to the page. */
  async #draw(): Promise<void> {
    const generator = this.#generator;
    if (generator === null) return;
    try {
      const drawn = await drawScene(generator, (name) => this.#read(name), this.#walked);
      if (generator !== this.#generator) return;
      showScene(this.#parts.canvas, drawn);
      this.#parts.posterSlot.hidden = true;
      this.#parts.error.hidden = true;
      this.#emit('change', { seeds: drawn.seeds });
    } catch (error) {
      if (generator === this.#generator) this.#showError(error);
    }
  }

  /** Removes the picture. */
  #clear(): void {
    const { canvas, posterSlot } = this.#parts;
    canvas.width = canvas.height = 1;
    posterSlot.hidden = false;
  }

  #updateLook(): void {
    const { frame, canvas, poster, progress } = this.#parts;
    const label = (element: Element, text: string): void => element.setAttribute('aria-label', text);
    const name = this.#read('alt') || this.#words.say('picture');
    label(frame, name);
    label(canvas, name);
    label(progress, this.#words.say('loading'));
    const source = this.#read('poster');
    poster.hidden = source === '';
    if (source !== '' && poster.getAttribute('src') !== source) poster.src = source;
    this.#updateButtons().catch((error: Error) => this.#report(error));
  }

  async #updateButtons(): Promise<void> {
    if (!this.controls && this.#buttons === null) return;
    this.#buttons ??= import('./buttons.ts').then(({ addButtons }) => addButtons(this.#parts, this.#actions));
    const update = await this.#buttons;
    update(this.controls, this.#isMoving, (name) => this.#words.say(name));
  }

  /** Shows an error in its slot and emits the event; null hides the slot. */
  #showError(thrown: unknown): void {
    this.#parts.error.hidden = thrown === null;
    if (thrown === null) return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#parts.message.textContent = error.message;
    void this.#announce('failed', error.message);
    this.#emit('error', { error });
  }

  /** Announces a text to screen readers, once the language is there. */
  async #announce(name: StringName, value?: string | number): Promise<void> {
    await this.#words.ready;
    this.#parts.status.textContent = this.#words.say(name, value);
  }

  #emit<K extends keyof ViewerEvents>(type: K, detail: ViewerEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Reads an attribute; invalid text is reported once, as an `error` event. */
  #read<K extends AttributeName>(name: K): AttributeValue<K> {
    return readFrom(attributes, this, name, (message) => this.#report(new RangeError(message)));
  }

  /** Emits an error that does not stop the viewer; once, however often it occurs. */
  #report(error: Error): void {
    if (this.#reported.has(error.message)) return;
    this.#reported.add(error.message);
    this.#emit('error', { error });
  }
}

/** Registers the element under a name, unless it is registered already or there is no DOM. */
export function defineViewer(name = 'dcgan-viewer'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganViewer);
}
