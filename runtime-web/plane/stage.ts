// Everything inside a <dcgan-plane>: the comparison, what plays it, the drawing, the texts.
import { wordsOf, type Words } from '../elements/words.ts';
import type { AttributeName, AttributeValue } from './attributes.ts';
import { Comparison } from './comparison.ts';
import { learnedPoints, visiblePoints } from './data.ts';
import { colourLegend, themeOf } from './draw-plane.ts';
import { drawingPad, type DrawingPad } from './drawing-pad.ts';
import type { PlaneEvents } from './events.ts';
import { readChoices } from './packages.ts';
import { Player } from './player.ts';
import { english, type PlaneString } from './strings.ts';
import type { PlaneParts } from './template.ts';
import { Announcer, showTexts } from './texts.ts';
import { Turns } from './turns.ts';

/** The element, as its stage needs it. */
export interface PlaneHost {
  readonly element: HTMLElement;
  playing: boolean;
  read<K extends AttributeName>(name: K): AttributeValue<K>;
  /** Sets the attribute of this name. */
  setMethods(names: readonly string[]): void;
  /** Emits an error that does not stop the element; once, however often it occurs. */
  warn(message: string): void;
  emit<K extends keyof PlaneEvents>(type: K, detail: PlaneEvents[K]): void;
}

/** The stage of one element. */
export class Stage {
  readonly words: Words<PlaneString>;
  readonly pad: DrawingPad;
  readonly comparison: Comparison;
  readonly player: Player;
  readonly #parts: PlaneParts;
  readonly #host: PlaneHost;
  readonly #announcer: Announcer;
  readonly #theme = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
  readonly #onTheme = (): void => this.draw();
  readonly #turns = new Turns((error) => {
    this.#host.playing = false;
    this.#showError(error);
  });

  constructor(parts: PlaneParts, host: PlaneHost) {
    this.#parts = parts;
    this.#host = host;
    this.words = wordsOf(
      host.element,
      english,
      () => import('./languages.ts'),
      () => this.draw(),
    );
    this.#announcer = new Announcer(parts, this.words);
    this.comparison = new Comparison(parts, (methods) => host.setMethods(methods));
    this.pad = drawingPad(parts.pad, (isDone) => (isDone ? this.begin() : this.showTexts()));
    this.player = new Player({
      isReady: () => this.comparison.choices.length > 0,
      isPlaying: () => host.playing,
      inTurn: (work) => this.#turns.do(work),
      advance: async (steps) => {
        await this.#advance(steps);
        this.#announcer.announceIfDue(this.comparison.panels);
      },
    });
  }

  /** Follows the page's language and theme, and loads the list, until `leave`. */
  enter(): void {
    this.#turns.begin();
    this.words.follow();
    this.#theme?.addEventListener('change', this.#onTheme);
    this.player.follow(this.#host.element);
    this.choose();
  }

  /** Ends everything. */
  leave(): void {
    this.#turns.end();
    this.player.ignore();
    this.words.ignore();
    this.#theme?.removeEventListener('change', this.#onTheme);
    this.comparison.end();
  }

  /** Reads the list of packages, and begins. */
  choose(): void {
    const src = this.#host.read('src');
    if (src === '') return;
    void this.#turns.do(async () => {
      this.comparison.choices = await readChoices(src, document.baseURI);
      await this.#fill(true);
    });
  }

  /** The methods to show. */
  get methods(): readonly string[] {
    return this.comparison.known(this.#host.read('methods'));
  }

  /** Begins anew, after the work under way; with other methods only (`isAnew` false), trainings that are loaded are kept. */
  begin(isAnew = true): void {
    void this.#turns.do(() => this.#fill(isAnew));
    this.player.tick();
  }

  /** One step of every method, with its picture. */
  step(): Promise<void> {
    return this.#turns.do(() => this.#advance(1)).then(() => this.announce());
  }

  /** Goes back to the weights of the seed. */
  reset(): Promise<void> {
    return this.#turns.do(async () => {
      await this.comparison.reset();
      this.player.rewind();
      await this.#look();
      this.#announcer.announce(this.comparison.panels);
    });
  }

  /** Draws anew what is chosen to be shown. */
  refresh(): Promise<void> {
    return this.#turns.do(() => this.#look());
  }

  /** Shows whether it plays, and plays. */
  showPlaying(): void {
    this.#announcer.renew();
    this.showTexts();
    this.player.tick();
  }

  /** Announces the figures after the work under way. */
  announce(): Promise<void> {
    return this.#turns.do(async () => this.#announcer.announce(this.comparison.panels));
  }

  draw(): void {
    this.showTexts();
    colourLegend(this.#parts.legend, themeOf(this.#parts.legend));
    this.comparison.panels.forEach((panel, i) => panel.draw(this.words, i));
    this.pad.draw();
  }

  showTexts(): void {
    const { playing } = this.#host;
    showTexts(this.#parts, this.words, {
      ...{ playing, data: this.#host.read('data'), seed: this.#host.read('seed') },
      ...{ dabs: this.pad.dabs.length / 2, isEmpty: this.#isEmpty, panels: this.comparison.panels },
    });
  }

  /** True if there is nothing to learn yet. */
  get #isEmpty(): boolean {
    return this.#host.read('data') === 'drawing' && this.pad.dabs.length === 0;
  }

  async #fill(isAnew: boolean): Promise<void> {
    const real = visiblePoints(this.#host.read('data'), this.pad.dabs);
    const unknown = this.comparison.unknown(this.#host.read('methods'));
    if (unknown !== null) this.#host.warn(`methods: ${unknown}`);
    if (await this.comparison.fill(this.methods, real, isAnew)) this.player.rewind();
    this.#showError(null);
    await this.#look();
  }

  async #advance(steps: number): Promise<void> {
    if (this.#isEmpty) {
      this.#host.playing = false;
      return;
    }
    await this.comparison.advance(steps, {
      data: learnedPoints(this.#host.read('data'), this.pad.dabs),
      seed: this.#host.read('seed'),
      assets: this.#host.read('assets') || undefined,
      signal: this.#turns.signal,
    });
    await this.#look();
  }

  /** Asks every training for its picture, and draws it. */
  async #look(): Promise<void> {
    const { heat, arrows } = this.#parts;
    await this.comparison.look({ heat: heat.checked, arrows: arrows.checked });
    this.draw();
    const methods = this.comparison.panels.flatMap(({ figures }) => (figures === null ? [] : [figures]));
    if (methods.length > 0) this.#host.emit('report', { methods });
  }

  #showError(error: Error | null): void {
    const { error: box, status } = this.#parts;
    box.hidden = error === null;
    box.textContent = error === null ? '' : this.words.say('failed', error.message);
    if (error === null) return;
    status.textContent = box.textContent;
    this.#host.emit('error', { error });
  }
}
