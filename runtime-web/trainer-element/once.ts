// A value that is loaded once, and again after an error.

/** The value. */
export class Once<T> {
  readonly #load: () => Promise<T>;
  /** Null before it is asked for, and after an error. */
  current: Promise<T> | null = null;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** The value; loads it if it is not there. Throws what loading throws. */
  get(): Promise<T> {
    if (this.current !== null) return this.current;
    const loading = this.#load();
    this.current = loading;
    loading.catch(() => {
      if (this.current === loading) this.current = null;
    });
    return loading;
  }
}
