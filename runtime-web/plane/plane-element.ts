// <dcgan-plane>: GANs that learn points in the plane, side by side from one seed. All methods are at the same step, so they can be compared.
// Nothing is fetched for training before a person, or the attribute `playing`, starts it; it runs only while it is visible.
import { readFrom } from '../elements/attribute-rules.ts';
import { attributes } from './attributes.ts';
import { PlaneBase } from './base.ts';
import { listenToControls } from './controls.ts';
import type { PlaneEvents } from './events.ts';
import { Stage } from './stage.ts';
import { english, type PlaneStrings } from './strings.ts';
import { fillShadow } from './template.ts';

/** The element. Define it with {@link definePlane}. */
export class DcganPlane extends PlaneBase {
  readonly #stage: Stage;
  readonly #reported = new Set<string>();

  constructor() {
    super();
    const parts = fillShadow(this.attachShadow({ mode: 'open' }));
    const element = this as unknown as HTMLElement & DcganPlane;
    this.#stage = new Stage(parts, {
      element,
      get playing() {
        return element.playing;
      },
      set playing(isPlaying) {
        element.playing = isPlaying;
      },
      read: (name) => readFrom(attributes, element, name, (message) => this.#warn(message)),
      setMethods: (names) => (this.methods = names.join(' ')),
      warn: (message) => this.#warn(message),
      emit: (type, detail) => this.#emit(type, detail),
    });
    listenToControls(parts, this, {
      onLayers: () => void this.#stage.refresh(),
      onAdd: () => (this.methods = [...this.#stage.methods, this.#stage.comparison.unused].join(' ')),
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stage.enter();
  }

  disconnectedCallback(): void {
    this.#stage.leave();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'playing') {
      if (after === null) this.#stage.player.isAsked = false;
      this.#stage.showPlaying();
    } else if (name === 'src') this.#stage.choose();
    else this.#stage.begin(name !== 'methods');
  }

  /** Names of the methods that are shown, with spaces between them */
  get methods(): string {
    return this.#stage.methods.join(' ');
  }
  set methods(value: string | null | undefined) {
    if (value == null) this.removeAttribute('methods');
    else this.setAttribute('methods', value);
  }

  /** The visitor's drawing, as x and y of each dab, from -3 to 3 */
  get points(): readonly number[] {
    return this.#stage.pad.dabs;
  }
  set points(value: readonly number[] | null | undefined) {
    const given = Array.from(value ?? [], Number).filter(Number.isFinite);
    this.#stage.pad.dabs = given.slice(0, given.length - (given.length % 2));
    this.#stage.begin();
  }

  /** Replaces texts; the others are in the language of the page */
  get strings(): Partial<PlaneStrings> {
    return this.#stage.words.replaced;
  }
  set strings(value: Partial<PlaneStrings> | null | undefined) {
    this.#stage.words.replaced = value ?? {};
    const unknown = Object.keys(this.strings).find((name) => !Object.hasOwn(english, name));
    if (unknown !== undefined)
      this.#warn(`strings: got "${unknown}", expected ${Object.keys(english).join(', ')}`);
    this.#stage.draw();
  }

  /** Trains, even if the system asks for reduced motion */
  play(): void {
    this.#stage.player.isAsked = true;
    this.playing = true;
    this.#stage.player.tick();
  }

  /** Stops training */
  pause(): void {
    this.playing = false;
    void this.#stage.announce();
  }

  /** One step of every method; resolves when its picture is shown */
  step(): Promise<void> {
    return this.#stage.step();
  }

  /** Goes back to the weights of the seed */
  reset(): Promise<void> {
    this.playing = false;
    return this.#stage.reset();
  }

  /** Emits an error that does not stop the element; once, however often it occurs. */
  #warn(message: string): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    this.#emit('error', { error: new RangeError(message) });
  }

  #emit<K extends keyof PlaneEvents>(type: K, detail: PlaneEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Registers the element under a name, unless it is registered already or there is no DOM. */
export function definePlane(name = 'dcgan-plane'): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  customElements.define(name, DcganPlane as unknown as CustomElementConstructor);
}
