// <dcgan-viewer>: a live generator in a page. It follows <model-viewer>'s conventions: attributes mirrored by properties, a poster until
// the first image, events, slots, parts. It draws only while visible, and frees its memory when it is removed.
import { loadGenerator } from '../generator.ts';
import type { Generator } from '../generator-calls.ts';
import { readAttribute, type AttributeName, type AttributeValue } from './attributes.ts';
import { addControls } from './controls.ts';
import { drawScene, showScene } from './draw.ts';
import type { ViewerEvents } from './events.ts';
import { FrameLoop } from './frame-loop.ts';
import { MirroredElement } from './mirrored-element.ts';
import { fillShadow, type ViewerParts } from './template.ts';

/** Milliseconds from one seed to the next on a walk. */
const walkMs = 2000;
/** Limit in milliseconds of one frame's progress, so that a walk does not jump after a pause. */
const maxAdvanceMs = 250;

/** The element. Define it with {@link defineViewer}. */
export class DcganViewer extends MirroredElement {
  readonly #parts: ViewerParts;
  /** What describes the element to assistive technology: itself, in browsers without `attachInternals`. */
  readonly #described: Pick<ElementInternals, 'role' | 'ariaLabel'>;
  readonly #loop: FrameLoop;
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
    this.#parts = fillShadow(this.attachShadow({ mode: 'open' }));
    this.#described = this.attachInternals?.() ?? this;
    this.#loop = new FrameLoop(
      () => this.#generator !== null && this.#isVisible && (this.#isDirty || this.#isMoving),
      (now) => this.#onFrame(now),
    );
    addControls(
      this,
      this.#parts.buttons,
      (by) => this.#show(Math.max(0, this.#read('seed') + by)),
      () => this.#revealNow(),
    );
  }

  connectedCallback(): void {
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
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
    this.#updateLook();
    void this.#loadIfDue();
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#isVisible = false;
    this.#loop.cancel();
    this.#unload();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'src' || name === 'device' || name === 'assets') {
      this.#unload();
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
    this.#loop.request();
  }

  /** Stops playing */
  pause(): void {
    this.playing = false;
  }

  /** The current image as a file; rejects with Error before the first one */
  toBlob(type = 'image/png', quality?: number): Promise<Blob> {
    if (this.#generator === null) return Promise.reject(new Error('nothing has been drawn yet'));
    return new Promise((resolve, reject) => {
      this.#parts.canvas.toBlob(
        (blob) => (blob === null ? reject(new Error(`no picture could be made as ${type}`)) : resolve(blob)),
        type,
        quality,
      );
    });
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
    this.#announce('Loading the model');
    try {
      const generator = await loadGenerator(src, {
        device: this.#read('device'),
        assets: this.#read('assets') || undefined,
        timeout: this.#read('timeout'),
        signal: mine.signal,
        onProgress: (progress) => {
          if (mine.signal.aborted) return;
          this.#parts.progress.value = progress.total === 0 ? 0 : progress.loaded / progress.total;
          this.#emit('progress', progress);
        },
      });
      if (mine.signal.aborted) return generator.dispose();
      this.#generator = generator;
      this.#parts.progress.hidden = true;
      const { model, device, warnings } = generator;
      this.#emit('load', { model, device, warnings });
      this.#announce(`${model.name} is ready`);
      this.#redraw();
    } catch (error) {
      if (mine.signal.aborted) return;
      this.#parts.progress.hidden = true;
      this.#showError(error);
    }
  }

  #unload(): void {
    this.#loadingOf?.abort(new DOMException('the viewer was removed', 'AbortError'));
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
    this.#announce(`Picture ${this.seed}`);
  }

  #redraw(): void {
    this.#isDirty = true;
    this.#loop.request();
  }

  get #isMoving(): boolean {
    if (!this.playing) return false;
    return (
      this.#isAskedToPlay || globalThis.matchMedia?.('(prefers-reduced-motion: reduce)')?.matches !== true
    );
  }

  /** Draws if something has changed or the next frame is due. */
  async #onFrame(now: number): Promise<void> {
    const isDue = now >= this.#lastFrameAt + 1000 / this.#read('fps') - 1;
    if (!this.#isDirty && !isDue) return;
    if (isDue && this.#isMoving) {
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

  #updateLook(): void {
    const { canvas, poster, controls, buttons } = this.#parts;
    const alt = this.#read('alt');
    const name = alt === '' ? 'Generated picture' : alt;
    canvas.setAttribute('aria-label', name);
    this.#described.role = 'group';
    this.#described.ariaLabel = name;
    controls.hidden = !this.controls;
    buttons.play.textContent = this.playing ? '❚❚' : '▶';
    buttons.play.setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
    const source = this.#read('poster');
    poster.hidden = source === '';
    if (source !== '' && poster.getAttribute('src') !== source) poster.src = source;
  }

  /** Shows an error in its slot and emits the event; null hides the slot. */
  #showError(thrown: unknown): void {
    this.#parts.error.hidden = thrown === null;
    const error = thrown === null || thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#parts.message.textContent = error?.message ?? '';
    if (error === null) return;
    this.#announce(`The picture could not be drawn: ${error.message}`);
    this.#emit('error', { error });
  }

  /** Announces a text to screen readers. */
  #announce(text: string): void {
    this.#parts.status.textContent = text;
  }

  #emit<K extends keyof ViewerEvents>(type: K, detail: ViewerEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Reads an attribute; invalid text is reported once, as an `error` event. */
  #read<K extends AttributeName>(name: K): AttributeValue<K> {
    return readAttribute(this, name, (message) => {
      if (this.#reported.has(message)) return;
      this.#reported.add(message);
      this.#emit('error', { error: new RangeError(message) });
    });
  }
}

/** Registers the element under a name, unless it is registered already or there is no DOM. */
export function defineViewer(name = 'dcgan-viewer'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganViewer);
}
