// <dcgan-plane>: GANs that learn points in the plane, side by side from one seed. All methods are at the same step, so they can be compared.
// Nothing is fetched for training before a person, or the attribute `playing`, starts it; it runs only while it is visible.
import { pointOf } from '../format/plane/mixtures.ts';
import { drawingPad, pointsOfDabs, type DrawingPad } from './drawing-pad.ts';
import { readChoices, type PlaneChoice } from './packages.ts';
import { Panel, type PanelFigures } from './panel.ts';
import { english, type PlaneStrings } from './strings.ts';
import { dataNames, fillShadow, type DataName, type PlaneParts } from './template.ts';
import { wordsOf, type Words } from './words.ts';

/** Panels side by side at most, and points of the data on each. */
const [maxPanels, shownPoints] = [4, 600];
/** Milliseconds between two pictures, which decide how many steps lie between them; a person may see every step at first. */
const [pictureMs, maxSteps] = [150, 200];
/** Milliseconds between two announcements to screen readers. */
const announceEveryMs = 10_000;

/** The events of the element, with their details. */
export interface PlaneEvents {
  /** A new picture is shown: the figures of each method. */
  readonly report: { readonly methods: readonly PanelFigures[] };
  readonly error: { readonly error: Error };
}

// On a server without a DOM, importing this must not throw.
const Base = (globalThis.HTMLElement ?? Object) as typeof HTMLElement;

/** The element. Define it with {@link definePlane}. */
export class DcganPlane extends Base {
  static readonly observedAttributes: readonly string[] = [
    'src',
    'methods',
    'data',
    'seed',
    'playing',
    'assets',
  ];
  readonly #parts: PlaneParts;
  readonly #words: Words;
  readonly #pad: DrawingPad;
  readonly #motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  readonly #theme = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
  readonly #onTheme = (): void => this.#draw();
  #observer: IntersectionObserver | null = null;
  #isVisible = true;
  /** Motion that a person asked for overrides the system's preference. */
  #isAsked = false;
  #choices: readonly PlaneChoice[] = [];
  #panels: readonly Panel[] = [];
  /** The end of the work under way: opening, stepping, resetting; one after the other. */
  #last: Promise<void> = Promise.resolve();
  #isTicking = false;
  #loading = new AbortController();
  #steps = 1;
  #announcedAt = 0;

  constructor() {
    super();
    this.#parts = fillShadow(this.attachShadow({ mode: 'open' }));
    this.#words = wordsOf(this, () => this.#draw());
    const { buttons, data, seed, heat, arrows, pad } = this.#parts;
    buttons.play.addEventListener('click', () => (this.playing ? this.pause() : this.play()));
    buttons.step.addEventListener('click', () => void this.step());
    buttons.reset.addEventListener('click', () => void this.reset());
    buttons.add.addEventListener('click', () => this.#addPanel());
    buttons.remove.addEventListener('click', () => (this.methods = this.#methods.slice(0, -1).join(' ')));
    buttons.clear.addEventListener('click', () => (this.points = []));
    data.addEventListener('change', () => (this.data = data.value as DataName));
    seed.addEventListener('change', () => (this.seed = Math.abs(Math.trunc(Number(seed.value))) || 0));
    for (const box of [heat, arrows]) box.addEventListener('change', () => void this.#do(() => this.#look()));
    this.#pad = drawingPad(pad, (isDone) => (isDone ? this.#begin() : this.#drawTexts()));
  }

  connectedCallback(): void {
    for (const name of [
      'src',
      'methods',
      'data',
      'seed',
      'playing',
      'assets',
      'strings',
      'points',
    ] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name) as unknown;
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    this.#loading = new AbortController();
    this.#words.follow();
    this.#theme?.addEventListener('change', this.#onTheme);
    if (typeof IntersectionObserver !== 'undefined') {
      this.#isVisible = false;
      this.#observer = new IntersectionObserver((entries) => {
        this.#isVisible = entries.at(-1)?.isIntersecting === true;
        this.#tick();
      });
      this.#observer.observe(this);
    }
    this.#choose();
  }

  disconnectedCallback(): void {
    this.#loading.abort(new DOMException('the element was removed', 'AbortError'));
    this.#observer?.disconnect();
    this.#observer = null;
    this.#words.ignore();
    this.#theme?.removeEventListener('change', this.#onTheme);
    for (const panel of this.#panels) panel.clear(new Float32Array(0));
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'src') this.#choose();
    else if (name === 'playing') {
      if (after === null) this.#isAsked = false;
      this.#announcedAt = 0;
      this.#drawTexts();
      this.#tick();
    } else this.#begin(name !== 'methods');
  }

  /** URL of the list of packages, `index.json` */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }
  set src(value: string | null | undefined) {
    this.#set('src', value);
  }

  /** Names of one to four packages, with spaces between them */
  get methods(): string {
    return this.#methods.join(' ');
  }
  set methods(value: string | null | undefined) {
    this.#set('methods', value);
  }

  /** The data: eight, ring, grid or drawing */
  get data(): DataName {
    const given = this.getAttribute('data');
    return dataNames.find((name) => name === given) ?? 'eight';
  }
  set data(value: DataName | null | undefined) {
    this.#set('data', value);
  }

  /** The seed of all trainings, a whole number */
  get seed(): number {
    const given = Number(this.getAttribute('seed') ?? 1);
    return Number.isSafeInteger(given) && given >= 0 ? given : 1;
  }
  set seed(value: number | null | undefined) {
    this.#set('seed', value);
  }

  /** URL of a folder with the files of the package's `dist`, where a page serves them elsewhere */
  get assets(): string {
    return this.getAttribute('assets') ?? '';
  }
  set assets(value: string | null | undefined) {
    this.#set('assets', value);
  }

  /** True while it trains */
  get playing(): boolean {
    return this.hasAttribute('playing');
  }
  set playing(value: boolean | null | undefined) {
    this.#set('playing', value === true ? '' : null);
  }

  /** The visitor's drawing, as x and y of each dab, from -3 to 3 */
  get points(): readonly number[] {
    return this.#pad.dabs;
  }
  set points(value: readonly number[] | null | undefined) {
    const given = Array.from(value ?? [], Number).filter(Number.isFinite);
    this.#pad.dabs = given.slice(0, given.length - (given.length % 2));
    this.#begin();
  }

  /** Replaces texts; the others are in the language of the page */
  get strings(): Partial<PlaneStrings> {
    return this.#words.replaced;
  }
  set strings(value: Partial<PlaneStrings> | null | undefined) {
    this.#words.replaced = value ?? {};
    const unknown = Object.keys(this.#words.replaced).find((name) => !Object.hasOwn(english, name));
    if (unknown !== undefined)
      this.#emit('error', {
        error: new RangeError(`strings: got "${unknown}", expected ${Object.keys(english).join(', ')}`),
      });
    this.#draw();
  }

  /** Trains, even if the system asks for reduced motion */
  play(): void {
    this.#isAsked = true;
    this.playing = true;
    this.#tick();
  }

  /** Stops training */
  pause(): void {
    this.playing = false;
    void this.#do(async () => this.#announce());
  }

  /** One step of every method */
  step(): Promise<void> {
    return this.#do(async () => {
      await this.#advance(1);
      this.#announce();
    });
  }

  /** Goes back to the weights of the seed */
  reset(): Promise<void> {
    this.playing = false;
    return this.#do(async () => {
      await Promise.all(this.#panels.map((panel) => panel.reset()));
      this.#steps = 1;
      await this.#look();
      this.#announce();
    });
  }

  get #methods(): readonly string[] {
    const names = (this.getAttribute('methods') ?? '').split(/\s+/).filter((name) => name !== '');
    const known = names.filter((name) => this.#choices.some((choice) => choice.name === name));
    return (known.length > 0 ? known : this.#choices.slice(0, 1).map(({ name }) => name)).slice(0, maxPanels);
  }

  /** True if there is nothing to learn yet. */
  get #isEmpty(): boolean {
    return this.data === 'drawing' && this.#pad.dabs.length === 0;
  }

  #set(name: string, value: unknown): void {
    if (value == null) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  #addPanel(): void {
    const unused = this.#choices.find(({ name }) => !this.#methods.includes(name)) ?? this.#choices[0];
    if (unused !== undefined) this.methods = [...this.#methods, unused.name].join(' ');
  }

  /** Reads the list of packages. */
  #choose(): void {
    const { src } = this;
    if (src === '') return;
    void this.#do(async () => {
      this.#choices = await readChoices(src, this.ownerDocument.baseURI);
      await this.#fill(true);
    });
  }

  /** Begins anew, after the work under way; with other methods only (`isAnew` false), trainings that are loaded are kept. */
  #begin(isAnew = true): void {
    void this.#do(() => this.#fill(isAnew));
    this.#tick();
  }

  /** Shows the methods, all at the same step. Panels of the same method keep their nodes, and with them the focus. */
  async #fill(isAnew: boolean): Promise<void> {
    const names = this.#methods;
    const kept = this.#panels.slice(0, names.length);
    for (const panel of this.#panels.slice(names.length)) {
      panel.clear(new Float32Array(0));
      panel.element.remove();
    }
    this.#panels = names.map((name, i) => {
      const before = kept[i];
      if (before?.method === name) return before;
      const made = new Panel(this.#choices, name, () =>
        this.#set('methods', this.#panels.map(({ method }) => method).join(' ')),
      );
      if (before === undefined) this.#parts.panels.append(made.element);
      else {
        before.clear(new Float32Array(0));
        before.element.replaceWith(made.element);
      }
      return made;
    });
    const real = this.#realPoints();
    const isBegun = this.#panels.some((panel) => !kept.includes(panel));
    for (const panel of this.#panels) {
      if (isAnew || !kept.includes(panel)) panel.clear(real);
      else if (isBegun) await panel.reset();
    }
    if (isAnew || isBegun) this.#steps = 1;
    this.#showError(null);
    await this.#look();
  }

  /** Points of the data to show. */
  #realPoints(): Float32Array {
    const { data } = this;
    if (data === 'drawing') return pointsOfDabs(this.#pad.dabs);
    const points = new Float32Array(2 * shownPoints);
    for (let i = 0; i < shownPoints; i++) points.set(pointOf(data, i), 2 * i);
    return points;
  }

  /** Does work after the work under way; an error is shown. */
  #do(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      if (!this.isConnected) return;
      const { signal } = this.#loading;
      try {
        await work();
      } catch (error) {
        if (signal.aborted) return;
        this.playing = false;
        this.#showError(error as Error);
      }
    });
    return this.#last;
  }

  get #isRunning(): boolean {
    return this.playing && this.#isVisible && (this.#isAsked || this.#motion?.matches !== true);
  }

  /** Trains on, picture by picture. A hidden page gets no frames, so training waits there. */
  #tick(): void {
    if (this.#isTicking || !this.#isRunning) return;
    this.#isTicking = true;
    requestAnimationFrame(() => {
      void this.#do(async () => {
        if (!this.#isRunning || this.#choices.length === 0) return;
        const begun = performance.now();
        await this.#advance(this.#steps);
        const ratio = pictureMs / (performance.now() - begun);
        this.#steps = Math.max(
          1,
          Math.min(maxSteps, Math.round(this.#steps * Math.max(0.5, Math.min(2, ratio)))),
        );
        if (performance.now() - this.#announcedAt >= announceEveryMs) this.#announce();
      }).then(() => {
        this.#isTicking = false;
        if (this.#choices.length > 0) this.#tick();
      });
    });
  }

  /** Steps of every method that has not diverged, and the picture after them. */
  async #advance(steps: number): Promise<void> {
    if (this.#isEmpty) {
      this.playing = false;
      return;
    }
    await this.#open();
    const results = await Promise.allSettled(
      this.#panels.map((panel) => (panel.isDiverged ? null : panel.trainer!.run({ steps }))),
    );
    results.forEach((result, i) => {
      if (result.status === 'fulfilled') return;
      const reason = result.reason as Error;
      if (reason.name !== 'TrainingDivergedError') throw reason;
      this.#panels[i]!.isDiverged = true;
    });
    await this.#look();
  }

  /** Loads the trainings that are not there yet. */
  async #open(): Promise<void> {
    const missing = this.#panels.filter(({ trainer }) => trainer === null);
    if (missing.length === 0) return;
    const data = this.data === 'drawing' ? pointsOfDabs(this.#pad.dabs) : this.data;
    const { progress } = this.#parts;
    const { signal } = this.#loading;
    const shares = missing.map(() => 0);
    progress.removeAttribute('value');
    progress.hidden = false;
    try {
      const { loadPoints } = await import('../train/index.ts');
      await Promise.all(
        missing.map(async (panel, i) => {
          const { url } = this.#choices.find(({ name }) => name === panel.method)!;
          const trainer = await loadPoints(url, {
            ...{ data, seed: this.seed, assets: this.assets || undefined, signal },
            onProgress: ({ loaded, total }) => {
              shares[i] = loaded / total;
              progress.value = shares.reduce((sum, share) => sum + share, 0) / shares.length;
            },
          });
          const begin = await trainer.state();
          if (signal.aborted) return trainer.dispose();
          panel.begin = begin;
          panel.trainer = trainer;
        }),
      );
    } finally {
      progress.hidden = true;
    }
  }

  /** Asks every training for its picture, and draws it. */
  async #look(): Promise<void> {
    const { heat, arrows } = this.#parts;
    const layers = { heat: heat.checked, arrows: arrows.checked };
    await Promise.all(this.#panels.map((panel) => panel.look(layers)));
    this.#draw();
    const methods = this.#panels.flatMap(({ figures }) => (figures === null ? [] : [figures]));
    if (methods.length > 0) this.#emit('report', { methods });
  }

  #draw(): void {
    this.#drawTexts();
    this.#panels.forEach((panel, i) => panel.draw(this.#words, i));
    this.#pad.draw();
  }

  #drawTexts(): void {
    const { buttons, data, seed, about, pad, drawing, setTexts } = this.#parts;
    const words = this.#words;
    setTexts(words);
    buttons.play.textContent = words.say(this.playing ? 'pause' : 'play');
    buttons.add.disabled = this.#panels.length >= maxPanels;
    buttons.remove.disabled = this.#panels.length <= 1;
    data.value = this.data;
    seed.value = `${this.seed}`;
    drawing.hidden = this.data !== 'drawing';
    pad.setAttribute('aria-label', words.say('pad', { count: this.#pad.dabs.length / 2 }));
    const step = this.#panels[0]?.figures?.step;
    if (this.#isEmpty) about.textContent = words.say('empty');
    else about.textContent = step === undefined ? words.say('begun') : words.say('atStep', { step });
  }

  /** Announces the figures to screen readers. */
  #announce(): void {
    this.#announcedAt = performance.now();
    const methods = this.#panels.map((panel) => [panel.title, ...panel.sentences(this.#words)].join(': '));
    this.#parts.status.textContent = [this.#parts.about.textContent, ...methods].join('. ');
  }

  #showError(error: Error | null): void {
    const { error: box } = this.#parts;
    box.hidden = error === null;
    box.textContent = error === null ? '' : this.#words.say('failed', { message: error.message });
    if (error === null) return;
    this.#parts.status.textContent = box.textContent;
    this.#emit('error', { error });
  }

  #emit<K extends keyof PlaneEvents>(type: K, detail: PlaneEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Registers the element under a name, unless it is registered already or there is no DOM. */
export function definePlane(name = 'dcgan-plane'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganPlane);
}
