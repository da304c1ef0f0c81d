// The animation loop of a viewer: draws frames only while they are needed, one at a time.

/** An animation loop. */
export class FrameLoop {
  readonly #isNeeded: () => boolean;
  readonly #draw: (now: number) => Promise<void>;
  #isDrawing = false;
  #frame = 0;

  /** `isNeeded` is asked before each frame, and `draw` draws it; it receives the time in milliseconds and must not reject. */
  constructor(isNeeded: () => boolean, draw: (now: number) => Promise<void>) {
    this.#isNeeded = isNeeded;
    this.#draw = draw;
  }

  /** Requests the next frame, if one is needed. */
  request(): void {
    this.cancel();
    if (this.#isNeeded()) this.#frame = requestAnimationFrame((now) => void this.#onFrame(now));
  }

  /** Cancels the next frame. */
  cancel(): void {
    cancelAnimationFrame(this.#frame);
  }

  async #onFrame(now: number): Promise<void> {
    // A frame that is still being drawn requests the next one when it is done.
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    await this.#draw(now);
    this.#isDrawing = false;
    this.request();
  }
}
