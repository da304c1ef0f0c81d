// The methods side by side: a panel and a training for each, all at the same step.
import type { PointsOptions } from '../train/points-trainer.ts';
import type { PlaneChoice } from './packages.ts';
import { Panel, type Layers } from './panel.ts';

/** Panels side by side at most. */
export const maxPanels = 4;

const nothing = new Float32Array(0);

const namesIn = (text: string): readonly string[] => text.split(/\s+/).filter((name) => name !== '');

/** The places in the element that a comparison fills. */
interface Places {
  readonly panels: HTMLElement;
  readonly progress: HTMLProgressElement;
}

/** The comparison of one element. */
export class Comparison {
  /** The packages to choose from; empty before the list is read. */
  choices: readonly PlaneChoice[] = [];
  readonly #places: Places;
  readonly #onChoice: (methods: readonly string[]) => void;
  #panels: readonly Panel[] = [];

  /** `onChoice` is called with all methods when the visitor chooses another one. */
  constructor(places: Places, onChoice: (methods: readonly string[]) => void) {
    this.#places = places;
    this.#onChoice = onChoice;
  }

  get panels(): readonly Panel[] {
    return this.#panels;
  }

  /** The names in a text that the list has; its first where there is none. */
  known(text: string): readonly string[] {
    const listed = this.choices.map(({ name }) => name);
    const known = namesIn(text).filter((name) => listed.includes(name));
    return (known.length > 0 ? known : listed.slice(0, 1)).slice(0, maxPanels);
  }

  /** The fault of the names in a text; null if the list has all of them, or is not read. */
  unknown(text: string): string | null {
    const listed = this.choices.map(({ name }) => name);
    const unknown = namesIn(text).find((name) => !listed.includes(name));
    return unknown === undefined || listed.length === 0
      ? null
      : `got "${unknown}", expected ${listed.join(', ')}`;
  }

  /** A method of the list that is not shown; its first if all are. */
  get unused(): string {
    const shown = this.#panels.map(({ method }) => method);
    return (this.choices.find(({ name }) => !shown.includes(name)) ?? this.choices[0])?.name ?? '';
  }

  /**
   * Shows these methods. Panels of the same method keep their nodes, and with them the focus; unless `isAnew` they keep their trainings too,
   * which go back to the begin where another method is new. Resolves to true if all trainings are at their begin.
   */
  async fill(names: readonly string[], real: Float32Array, isAnew: boolean): Promise<boolean> {
    const kept = this.#panels.slice(0, names.length);
    for (const panel of this.#panels.slice(names.length)) {
      panel.clear(nothing);
      panel.element.remove();
    }
    this.#panels = names.map((name, i) => {
      const before = kept[i];
      if (before?.method === name) return before;
      const made = new Panel(this.choices, name, () =>
        this.#onChoice(this.#panels.map(({ method }) => method)),
      );
      if (before === undefined) this.#places.panels.append(made.element);
      else {
        before.clear(nothing);
        before.element.replaceWith(made.element);
      }
      return made;
    });
    const isBegun = this.#panels.some((panel) => !kept.includes(panel));
    for (const panel of this.#panels) {
      if (isAnew || !kept.includes(panel)) panel.clear(real);
      else if (isBegun) await panel.reset();
    }
    return isAnew || isBegun;
  }

  /** Trains every method that has not diverged for so many steps. Loads the trainings first, with these options, where they are missing. */
  async advance(steps: number, options: PointsOptions): Promise<void> {
    await this.#open(options);
    const results = await Promise.allSettled(
      this.#panels.map((panel) => (panel.isDiverged ? null : panel.trainer!.run({ steps }))),
    );
    results.forEach((result, i) => {
      if (result.status === 'fulfilled') return;
      const reason = result.reason as Error;
      if (reason.name !== 'TrainingDivergedError') throw reason;
      this.#panels[i]!.isDiverged = true;
    });
  }

  /** Goes back to the begin of every training. */
  async reset(): Promise<void> {
    await Promise.all(this.#panels.map((panel) => panel.reset()));
  }

  /** Asks every training for its picture. */
  async look(layers: Layers): Promise<void> {
    await Promise.all(this.#panels.map((panel) => panel.look(layers)));
  }

  /** Ends every training. */
  end(): void {
    for (const panel of this.#panels) panel.clear(nothing);
  }

  async #open(options: PointsOptions): Promise<void> {
    const missing = this.#panels.filter(({ trainer }) => trainer === null);
    if (missing.length === 0) return;
    const { progress } = this.#places;
    const shares = missing.map(() => 0);
    progress.removeAttribute('value');
    progress.hidden = false;
    try {
      const { loadPoints } = await import('../train/index.ts');
      await Promise.all(
        missing.map(async (panel, i) => {
          const { url } = this.choices.find(({ name }) => name === panel.method)!;
          const trainer = await loadPoints(url, {
            ...options,
            onProgress: ({ loaded, total }) => {
              shares[i] = loaded / total;
              progress.value = shares.reduce((sum, share) => sum + share, 0) / shares.length;
            },
          });
          const begin = await trainer.state();
          if (options.signal?.aborted) return trainer.dispose();
          panel.begin = begin;
          panel.trainer = trainer;
        }),
      );
    } finally {
      progress.hidden = true;
    }
  }
}
