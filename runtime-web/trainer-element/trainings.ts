// The trainings of an element, one after another, and whether it trains now.
import type { Trainer, TrainingData } from '../train/index.ts';
import type { HalfStep } from '../training/entries-of.ts';
import { breaks, type BreakName } from './breaks.ts';
import { Choices, type Resumed } from './choices.ts';
import { Display } from './display.ts';
import type { OpenedRun } from './host.ts';
import type { MemoryQuestion } from './memory-question.ts';
import { Session, type SessionHost } from './session.ts';
import type { Surface } from './surface.ts';

/** The trainings of one element. */
export class Trainings implements SessionHost {
  readonly surface: Surface;
  readonly choices: Choices;
  readonly display: Display;
  session: Session;
  /** The element is in a page, and all of its attributes are there. */
  isLive = false;
  readonly #updateControls: () => Promise<void>;
  readonly #motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  /** A person pressed Play: that overrides the system's preference for less motion. */
  #isAskedToPlay = false;

  /** `controlsOf` returns what updates the controls. */
  constructor(surface: Surface, controlsOf: (trainings: Trainings) => () => Promise<void>) {
    this.surface = surface;
    this.choices = new Choices(surface);
    this.display = new Display(surface.element as unknown as HTMLElement, () => this.update());
    this.session = new Session(this);
    this.#updateControls = controlsOf(this);
  }

  /** Begins when the element has come into a page. */
  connect(): void {
    this.isLive = true;
    this.display.words.follow();
    if (this.#motion) this.#motion.onchange = () => this.follow();
    if (this.session.signal.aborted) this.session = new Session(this);
    void this.session.showReal();
    this.follow();
  }

  /** Ends everything when the element has left its page. */
  disconnect(): void {
    this.isLive = false;
    this.display.words.ignore();
    if (this.#motion) this.#motion.onchange = null;
    this.#end();
    this.update();
  }

  get isQuiet(): boolean {
    return this.#motion?.matches === true;
  }

  get isWanted(): boolean {
    return this.isLive && this.surface.element.playing && (this.#isAskedToPlay || !this.isQuiet);
  }

  /** The step of the wall; null while it shows the pictures to learn from. */
  get shownStep(): number | null {
    return this.display.wall.shownStep ?? this.session.look?.step ?? null;
  }

  /** Trains, even if the system asks for reduced motion. */
  play(): void {
    this.#isAskedToPlay = true;
    this.surface.element.playing = true;
    this.follow();
  }

  /** Stops after the present step. */
  pause(): void {
    this.surface.element.playing = false;
  }

  /** Ends the training and shows the pictures for the next one, which may be one to go on with. */
  begin(resumed: Resumed | null = null): void {
    this.#end();
    this.choices.resumed = resumed;
    this.session = new Session(this);
    void this.session.showReal();
    this.follow();
  }

  /** Starts or stops the training, as the attributes ask. */
  follow(): void {
    // A person's wish ends with the attribute.
    this.#isAskedToPlay &&= this.surface.element.playing;
    if (this.isWanted) void this.session.play();
    else this.session.stop();
    this.update();
  }

  /** One step, or the update of one network. */
  step(only: HalfStep | null): Promise<void> {
    this.pause();
    return this.session.step(only);
  }

  /** Begins anew, mended. */
  reset(): void {
    this.pause();
    this.choices.broken = null;
    this.begin();
  }

  /** Goes on with a training that was kept or saved. */
  resume({ url, state, data }: OpenedRun): void {
    if (data !== null) this.choices.given = typeof data === 'object' ? data : null;
    this.choices.broken = null;
    this.begin({ url, state });
    this.play();
  }

  /** Begins anew with other pictures; null for those of the attribute. */
  use(given: TrainingData | null): void {
    this.choices.given = given;
    if (this.isLive) this.begin();
  }

  /** Has the visitor's pictures start from a trained generator, or from noise; a training of them begins anew. */
  startFromTrained(isWanted: boolean): void {
    this.choices.isFromTrained = isWanted;
    if (this.choices.given !== null) this.begin();
  }

  /** Shows the wall at the kept step that is nearest; without a step the newest pictures. */
  async scrub(step?: number): Promise<void> {
    await this.display.wall.scrub(step);
    this.update();
  }

  /** Makes a file of the training. Throws Error before the first step. */
  async trained(make: (trainer: Trainer) => Promise<Blob>): Promise<Blob> {
    const trainer = await this.session.trainer;
    if (trainer === null) throw new Error('nothing has been trained yet; press Play first');
    return make(trainer);
  }

  /** Breaks the training in a way, or mends it (null). */
  async breakIt(name: BreakName | null): Promise<void> {
    const { choices } = this;
    const isOther = [name, choices.broken].some(
      (each) => each !== null && breaks[each].network !== undefined,
    );
    choices.broken = name;
    if (isOther) this.begin();
    else await this.session.setRates();
    this.play();
  }

  /** Stops, and shows the error. */
  fail(thrown: unknown): void {
    this.pause();
    // A training that cannot go on leaves the way free for a new one.
    if (this.choices.resumed !== null && this.session.report === null) this.begin();
    this.showError(thrown);
  }

  /** Shows an error in its slot, announces it, and emits the event. */
  showError(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const asked = error.name === 'MemoryQuestion' ? (error as MemoryQuestion).bytes : null;
    const allow = (): void => {
      this.choices.allowedBytes = asked!;
      this.play();
    };
    this.display.showError(error.message, asked === null ? null : { text: 'useMemory', act: allow });
    this.display.announce('failed', error.message);
    this.surface.emit('error', { error });
  }

  /** Shows what has changed. An arrow function, so that it can be handed over. */
  readonly update = (): void => {
    this.display.showStep(this.shownStep, this.session.report?.collapse ?? null);
    this.#updateControls().catch((error: Error) => this.surface.warn(error));
  };

  #end(): void {
    this.session.end();
    this.choices.resumed = null;
    this.display.wall.clear();
    this.display.showError(null);
    this.display.showWarning(null);
    this.display.showProgress(null);
  }
}
