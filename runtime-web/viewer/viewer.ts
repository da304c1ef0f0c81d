// <dcgan-viewer>: a live generator in a page. Follows <model-viewer>'s manners: attributes mirrored by properties, a poster until
// the first picture, events, slots, parts. It draws only while it can be seen, and frees what it holds when it is removed.
import type { Label } from '../format/condition.ts';
import { latentOf, mix } from '../format/latents.ts';
import { loadGenerator } from '../generator.ts';
import type { Generator } from '../generator-calls.ts';
import type { LoadProgress } from '../protocol.ts';
import {
  flagAttributes,
  readAttribute,
  valueAttributes,
  type AttributeValue,
  type ValueAttribute,
} from './attributes.ts';
import { fillShadow, type ViewerParts } from './template.ts';

/** Milliseconds from one seed to the next on a walk. */
const walkMs = 2000;

/** The events, with what their `detail` holds. */
export interface ViewerEvents {
  readonly progress: LoadProgress;
  readonly load: Pick<Generator, 'model' | 'device' | 'warnings'>;
  /** The seeds that are shown; on a walk, the two that it is between. */
  readonly change: { readonly seeds: readonly number[] };
  readonly error: { readonly error: Error };
}

// Where there is no DOM (a server that renders pages), importing this must do no harm.
const Base = (globalThis.HTMLElement ?? Object) as typeof HTMLElement;

/** The element. Define it with {@link defineViewer}. */
export class DcganViewer extends Base {
  static readonly observedAttributes: readonly string[] = [
    ...Object.keys(valueAttributes),
    ...flagAttributes,
  ];

  // Properties that mirror the attributes; they are defined on the prototype, below.
  declare src: string;
  declare alt: string;
  declare poster: string;
  declare loading: AttributeValue<'loading'>;
  declare reveal: AttributeValue<'reveal'>;
  declare device: AttributeValue<'device'>;
  declare mode: AttributeValue<'mode'>;
  declare seed: number;
  declare columns: number;
  declare rows: number;
  declare label: string;
  declare truncation: number;
  declare fps: number;
  declare playing: boolean;
  declare controls: boolean;
  declare pixelated: boolean;

  readonly #parts: ViewerParts;
  readonly #internals: ElementInternals;
  #generator: Generator | null = null;
  #loadingOf: AbortController | null = null;
  #observer: IntersectionObserver | null = null;
  #isVisible = false;
  #isRevealed = false;
  /** Set by play() and the keys: motion that somebody asked for, whatever the system prefers. */
  #isAskedToPlay = false;
  #isDirty = false;
  #isDrawing = false;
  #walked = 0;
  #lastFrameAt = 0;
  #frame = 0;
  readonly #told = new Set<string>();

  constructor() {
    super();
    this.#parts = fillShadow(this.attachShadow({ mode: 'open' }));
    this.#internals = this.attachInternals();
    this.#internals.role = 'group';
    this.addEventListener('keydown', (event) => this.#onKey(event));
    this.addEventListener('click', () => this.#revealNow());
    const { previous, play, another, next } = this.#parts.buttons;
    previous.addEventListener('click', () => this.#step(-1));
    next.addEventListener('click', () => this.#step(1));
    another.addEventListener('click', () => this.sample());
    play.addEventListener('click', () => (this.playing ? this.pause() : this.play()));
  }

  connectedCallback(): void {
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
    this.#observer = new IntersectionObserver(
      (entries) => {
        this.#isVisible = entries.at(-1)?.isIntersecting === true;
        if (this.#isVisible) void this.#loadIfDue();
        this.#requestFrame();
      },
      { rootMargin: '100px' },
    );
    this.#observer.observe(this);
    this.#updateLook();
    void this.#loadIfDue();
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#isVisible = false;
    cancelAnimationFrame(this.#frame);
    this.#unload();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'src' || name === 'device') {
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

  /** Shows another picture: a seed drawn at random. */
  sample(): void {
    this.#walked = 0;
    this.seed = Math.floor(Math.random() * 1_000_000);
    this.#say(`Picture ${this.seed}`);
  }

  play(): void {
    this.#isAskedToPlay = true;
    this.playing = true;
    this.#requestFrame();
  }

  pause(): void {
    this.playing = false;
  }

  /** What is shown, as a file. Rejects with Error while nothing is. */
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

  /** Loads now, where nothing stands against it. */
  async #loadIfDue(): Promise<void> {
    const src = this.#read('src');
    if (!this.isConnected || src === '' || this.#loadingOf !== null) return;
    if (this.#read('loading') === 'lazy' && !this.#isVisible) return;
    if (this.#read('reveal') === 'interaction' && !this.#isRevealed) return;
    const mine = new AbortController();
    this.#loadingOf = mine;
    this.#showError(null);
    this.#parts.progress.hidden = false;
    this.#say('Loading the model');
    try {
      const generator = await loadGenerator(src, {
        device: this.#read('device'),
        signal: mine.signal,
        onProgress: (progress) => {
          if (mine.signal.aborted) return;
          this.#parts.progress.value = progress.total === 0 ? 0 : progress.loaded / progress.total;
          this.#tell('progress', progress);
        },
      });
      if (mine.signal.aborted) return generator.dispose();
      this.#generator = generator;
      this.#parts.progress.hidden = true;
      const { model, device, warnings } = generator;
      this.#tell('load', { model, device, warnings });
      this.#say(`${model.name} is ready`);
      this.#redraw();
    } catch (error) {
      if (mine.signal.aborted) return;
      this.#parts.progress.hidden = true;
      this.#showError(error instanceof Error ? error : new Error(String(error)));
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

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = this.#read('mode') === 'grid' ? this.#read('columns') : 10;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -row,
      ArrowDown: row,
    };
    const by = steps[event.key];
    // Space and Enter on a button are the button's.
    const isOwn = event.composedPath()[0] === this;
    if (by !== undefined) this.#step(by);
    else if (event.key === ' ' && isOwn) {
      if (this.playing) this.pause();
      else this.play();
    } else if (event.key !== 'Enter' || !isOwn) return;
    this.#revealNow();
    event.preventDefault();
  }

  #step(by: number): void {
    this.#walked = 0;
    this.seed = Math.max(0, this.#read('seed') + by);
    this.#say(`Picture ${this.seed}`);
  }

  #redraw(): void {
    this.#isDirty = true;
    this.#requestFrame();
  }

  get #moves(): boolean {
    if (!this.playing) return false;
    return this.#isAskedToPlay || !matchMedia('(prefers-reduced-motion: reduce)').matches;
  }

  #requestFrame(): void {
    cancelAnimationFrame(this.#frame);
    if (this.#generator === null || !this.#isVisible || (!this.#isDirty && !this.#moves)) return;
    this.#frame = requestAnimationFrame((now) => void this.#onFrame(now));
  }

  async #onFrame(now: number): Promise<void> {
    const generator = this.#generator;
    // The frame that is being drawn asks for the next one.
    if (generator === null || this.#isDrawing) return;
    const due = this.#lastFrameAt + 1000 / this.#read('fps');
    if (!this.#isDirty && now < due - 1) return this.#requestFrame();
    if (this.#moves && now >= due - 1) {
      if (this.#lastFrameAt > 0) this.#advance(Math.min(250, now - this.#lastFrameAt));
      this.#lastFrameAt = now;
    }
    this.#isDirty = false;
    this.#isDrawing = true;
    try {
      await this.#draw(generator);
    } catch (error) {
      if (generator === this.#generator) {
        this.#showError(error instanceof Error ? error : new Error(String(error)));
      }
    } finally {
      this.#isDrawing = false;
    }
    this.#requestFrame();
  }

  /** Moves on by so many milliseconds: a walk by its share of the way, pictures and grids by whole ones. */
  #advance(ms: number): void {
    const mode = this.#read('mode');
    this.#walked += mode === 'walk' ? ms / walkMs : 1;
    const whole = Math.floor(this.#walked);
    if (whole === 0) return;
    this.#walked -= whole;
    this.seed = this.#read('seed') + whole * (mode === 'grid' ? this.#read('columns') : 1);
  }

  async #draw(generator: Generator): Promise<void> {
    const mode = this.#read('mode');
    const seed = this.#read('seed');
    const truncation = this.#read('truncation');
    const { model } = generator;
    const of = (source: number): Float32Array<ArrayBuffer> =>
      latentOf(model, source).map((value) => value * truncation);
    const [columns, rows] = mode === 'grid' ? [this.#read('columns'), this.#read('rows')] : [1, 1];
    const path = model.latent.distribution === 'normal' ? 'slerp' : 'linear';
    const seeds =
      mode === 'walk' ? [seed, seed + 1] : Array.from({ length: columns * rows }, (_, i) => seed + i);
    const z = mode === 'walk' ? [mix(of(seed), of(seed + 1), this.#walked, path)] : seeds.map(of);
    const given = this.#read('label');
    const label: Label | undefined = given === '' ? undefined : /^\d+$/.test(given) ? Number(given) : given;
    const images = await generator.generate({ z, labels: label });
    if (generator !== this.#generator) return;
    const { canvas, posterSlot } = this.#parts;
    const size = model.imageSize;
    if (canvas.width !== columns * size || canvas.height !== rows * size) {
      canvas.width = columns * size;
      canvas.height = rows * size;
    }
    const context = canvas.getContext('2d')!;
    images.forEach((image, i) => {
      context.putImageData(image, (i % columns) * size, Math.floor(i / columns) * size);
    });
    posterSlot.hidden = true;
    this.#parts.error.hidden = true;
    this.#tell('change', { seeds });
  }

  #updateLook(): void {
    const { canvas, poster, controls, buttons } = this.#parts;
    const alt = this.#read('alt');
    const name = alt === '' ? 'Generated picture' : alt;
    canvas.setAttribute('aria-label', name);
    this.#internals.ariaLabel = name;
    controls.hidden = !this.hasAttribute('controls');
    buttons.play.textContent = this.playing ? '❚❚' : '▶';
    buttons.play.setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
    const source = this.#read('poster');
    poster.hidden = source === '';
    if (source !== '' && poster.getAttribute('src') !== source) poster.src = source;
  }

  /** Shows what went wrong in the error slot and tells the page; null takes it away. */
  #showError(error: Error | null): void {
    this.#parts.error.hidden = error === null;
    this.#parts.message.textContent = error?.message ?? '';
    if (error === null) return;
    this.#say(`The picture could not be drawn: ${error.message}`);
    this.#tell('error', { error });
  }

  #say(words: string): void {
    this.#parts.status.textContent = words;
  }

  #tell<K extends keyof ViewerEvents>(type: K, detail: ViewerEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #read<K extends ValueAttribute>(name: K): AttributeValue<K> {
    return readAttribute(this, name, (message) => {
      if (this.#told.has(message)) return;
      this.#told.add(message);
      this.#tell('error', { error: new RangeError(message) });
    });
  }
}

for (const name of Object.keys(valueAttributes) as ValueAttribute[]) {
  Object.defineProperty(DcganViewer.prototype, name, {
    get(this: DcganViewer) {
      return readAttribute(this, name);
    },
    set(this: DcganViewer, value: string | number) {
      this.setAttribute(name, String(value));
    },
    enumerable: true,
    configurable: true,
  });
}
for (const name of flagAttributes) {
  Object.defineProperty(DcganViewer.prototype, name, {
    get(this: DcganViewer) {
      return this.hasAttribute(name);
    },
    set(this: DcganViewer, value: boolean) {
      this.toggleAttribute(name, value);
    },
    enumerable: true,
    configurable: true,
  });
}

/** Registers the element under a name; does nothing where it is registered already, or there is no DOM. */
export function defineViewer(name = 'dcgan-viewer'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganViewer);
}
