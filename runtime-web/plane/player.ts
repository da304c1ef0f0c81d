// Training picture by picture: while the element plays, is on the screen, and motion is wanted.

/** Milliseconds between two pictures, which decide how many steps lie between them; a person may see every step at first. */
const [pictureMs, maxSteps] = [150, 200];

/** The element, as its player needs it. */
export interface PlayerHost {
  /** True if there is something to train. */
  isReady(): boolean;
  isPlaying(): boolean;
  /** Does work after the work under way. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** Trains so many steps and shows the picture after them. */
  advance(steps: number): Promise<void>;
}

/** The player of one element. */
export class Player {
  readonly #host: PlayerHost;
  readonly #motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  #observer: IntersectionObserver | null = null;
  #isVisible = true;
  #isTicking = false;
  #steps = 1;
  /** Motion that a person asked for overrides the system's preference. */
  isAsked = false;

  constructor(host: PlayerHost) {
    this.#host = host;
  }

  /** Plays only while the element is on the screen, until `ignore`. */
  follow(element: Element): void {
    if (typeof IntersectionObserver === 'undefined') return;
    this.#isVisible = false;
    this.#observer = new IntersectionObserver((entries) => {
      this.#isVisible = entries.at(-1)?.isIntersecting === true;
      this.tick();
    });
    this.#observer.observe(element);
  }

  ignore(): void {
    this.#observer?.disconnect();
    this.#observer = null;
  }

  /** Begins with single steps again. */
  rewind(): void {
    this.#steps = 1;
  }

  get #isRunning(): boolean {
    return this.#host.isPlaying() && this.#isVisible && (this.isAsked || this.#motion?.matches !== true);
  }

  /** Plays on, if it should. A hidden page gets no frames, so training waits there. */
  tick(): void {
    if (this.#isTicking || !this.#isRunning) return;
    this.#isTicking = true;
    requestAnimationFrame(() => {
      void this.#host
        .inTurn(async () => {
          if (!this.#isRunning || !this.#host.isReady()) return;
          const begun = performance.now();
          await this.#host.advance(this.#steps);
          const ratio = pictureMs / (performance.now() - begun);
          const wanted = Math.round(this.#steps * Math.max(0.5, Math.min(2, ratio)));
          this.#steps = Math.max(1, Math.min(maxSteps, wanted));
        })
        .then(() => {
          this.#isTicking = false;
          if (this.#host.isReady()) this.tick();
        });
    });
  }
}
