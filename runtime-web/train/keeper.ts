// Keeps the state of a training in the browser's storage while it runs, so that a reload can go on.
import type { TrainingData } from '../training/images.ts';
import type { GivenPoints } from '../training/points.ts';
import type { TrainingReport } from './protocol.ts';

/** Milliseconds between two copies of the state. */
const everyMs = 10_000;

/** Keeps the states of one training. */
export class Keeper {
  readonly #key: string;
  readonly #data: TrainingData | GivenPoints;
  readonly #warn: (message: string) => void;
  #keptAt = -Infinity;
  #hasKeptData = false;

  /** @param key of `keyOf`. @param warn is called where the storage fails; nothing more is kept then. */
  constructor(key: string, data: TrainingData | GivenPoints, warn: (message: string) => void) {
    this.#key = key;
    this.#data = data;
    this.#warn = warn;
  }

  /** Keeps a state, unless one was kept within ten seconds. */
  keep(state: Uint8Array<ArrayBuffer>, report: TrainingReport): void {
    if (performance.now() - this.#keptAt < everyMs) return;
    this.#keptAt = performance.now();
    void this.#keep(state, report);
  }

  async #keep(state: Uint8Array<ArrayBuffer>, { step, images }: TrainingReport): Promise<void> {
    try {
      const { keepData, keepState } = await import('./saved-training.ts');
      const data = this.#data;
      // Points are made again from their name.
      if (!this.#hasKeptData && !(typeof data === 'object' && 'points' in data))
        await keepData(this.#key, data);
      this.#hasKeptData = true;
      await keepState(this.#key, { step, images, savedAt: new Date(), state });
    } catch (error) {
      const isFull = (error as Error | null)?.name === 'QuotaExceededError';
      const reason = isFull ? 'the storage is full' : String(error);
      this.#warn(`the training is not kept for a reload: ${reason}; save the run (toRun()) before you leave`);
      this.#keptAt = Infinity;
    }
  }
}
