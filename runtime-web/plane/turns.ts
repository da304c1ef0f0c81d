// Work of an element that is done one after the other, while the element is in a document.

/** The turns of one element. */
export class Turns {
  readonly #onError: (error: Error) => void;
  /** The end of the work under way. */
  #last: Promise<void> = Promise.resolve();
  /** Aborted while the element is in no document. */
  #life = new AbortController();

  /** `onError` receives errors of the work, except those of work that `end` has aborted. */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
    this.#life.abort();
  }

  /** Aborts with `end`. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  begin(): void {
    this.#life = new AbortController();
  }

  end(): void {
    this.#life.abort(new DOMException('the element was removed', 'AbortError'));
  }

  /** Does work after the work under way; resolves when it is done, has failed, or is no longer wanted. */
  do(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      const { signal } = this;
      if (signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (!signal.aborted) this.#onError(error as Error);
      }
    });
    return this.#last;
  }
}
