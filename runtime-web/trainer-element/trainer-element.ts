// <dcgan-trainer>: a GAN that learns in a page. It loads nothing but the record of its networks until a person presses Play, shows what it
// will learn from, then a wall of fixed seeds, and frees everything when it is removed. Its public names are here.
import type { Trainer, TrainingData } from '../train/index.ts';
import type { HalfStep } from '../training/entries-of.ts';
import type { AttributeName } from './attributes.ts';
import { TrainerBase } from './base.ts';
import { controlsOf } from './controls-of.ts';
import { english, type TrainerStrings } from './strings.ts';
import { Surface } from './surface.ts';
import { Trainings } from './trainings.ts';

/** Attributes with which a training begins anew. */
const ofTraining: ReadonlySet<string> = new Set<AttributeName>([
  ...(['src', 'networks', 'data', 'seed', 'device', 'assets', 'width', 'height'] as const),
]);

/** Attributes that a run takes when it begins. */
const ofRun: ReadonlySet<string> = new Set<AttributeName>(['speed', 'steps', 'background']);

/** The element. Define it with {@link defineTrainer}. */
export class DcganTrainer extends TrainerBase {
  readonly #surface = new Surface(this);
  readonly #trainings = new Trainings(this.#surface, controlsOf);

  override connectedCallback(): void {
    super.connectedCallback();
    this.#trainings.connect();
  }

  disconnectedCallback(): void {
    this.#trainings.disconnect();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    const trainings = this.#trainings;
    if (before === after || !trainings.isLive) return;
    if (name === 'data') trainings.choices.given = null;
    if (ofTraining.has(name)) trainings.begin();
    if (ofRun.has(name)) trainings.session.stop();
    trainings.follow();
  }

  /** Pictures to learn from: a word of the attribute, or pictures as `loadTrainer()` takes them */
  get data(): TrainingData | string {
    return this.#trainings.choices.given ?? this.#surface.read('data');
  }

  set data(given: TrainingData | string | null | undefined) {
    const isGiven = typeof given === 'object' && given !== null;
    if (isGiven || this.#trainings.choices.given !== null) this.#trainings.use(isGiven ? given : null);
    if (isGiven) return;
    if (given == null || given === 'avatars') this.removeAttribute('data');
    else this.setAttribute('data', given);
  }

  /** The training of `loadTrainer()`, once it is loaded; null before */
  get trainer(): Promise<Trainer> | null {
    return this.#trainings.session.trainer;
  }

  /** Replaces labels and announcements; the others are in the language of the page */
  get strings(): Partial<TrainerStrings> {
    return this.#trainings.display.words.replaced;
  }

  set strings(given: Partial<TrainerStrings> | null | undefined) {
    this.#trainings.display.words.replaced = given ?? {};
    const unknown = Object.keys(this.strings).find((name) => !Object.hasOwn(english, name));
    if (unknown !== undefined)
      this.#surface.warn(
        new RangeError(`strings: got "${unknown}", expected ${Object.keys(english).join(', ')}`),
      );
    this.#trainings.update();
  }

  /** The steps whose wall is kept */
  get frames(): readonly number[] {
    return this.#trainings.display.wall.frames.map(({ step }) => step);
  }

  /** Trains, even if the system asks for reduced motion */
  play(): void {
    this.#trainings.play();
  }

  /** Stops after the present step */
  pause(): void {
    this.#trainings.pause();
  }

  /** One step, or the update of one network, `discriminator` or `generator`; resolves when the wall shows it */
  async step(only: HalfStep | null = null): Promise<void> {
    await this.#trainings.step(only);
  }

  /** Begins anew, mended, with the pictures to learn from on the wall */
  reset(): void {
    this.#trainings.reset();
  }

  /** Shows the wall at the kept step that is nearest; without a step the newest pictures */
  async scrub(step?: number): Promise<void> {
    await this.#trainings.scrub(step);
  }

  /** A zip of a model package; rejects with Error before the first step */
  toPackage(): Promise<Blob> {
    return this.#trainings.trained((trainer) => trainer.toPackage());
  }

  /** A zip of a run folder for `dcgan train --resume`; rejects with Error before the first step */
  toRun(): Promise<Blob> {
    return this.#trainings.trained((trainer) => trainer.toRun());
  }
}

/** Registers the element under a name, unless it is registered already or there is no DOM. */
export function defineTrainer(name = 'dcgan-trainer'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganTrainer as unknown as CustomElementConstructor);
}
