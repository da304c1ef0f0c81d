// The texts that change with the state of <dcgan-plane>, and its announcements.
import type { Words } from '../elements/words.ts';
import type { DataName } from './data.ts';
import { maxPanels } from './comparison.ts';
import type { Panel } from './panel.ts';
import type { PlaneString } from './strings.ts';
import type { PlaneParts } from './template.ts';

/** Milliseconds between two announcements while it plays. */
const announceEveryMs = 10_000;

/** The state, as the texts say it. */
export interface PlaneView {
  readonly playing: boolean;
  readonly data: DataName;
  readonly seed: number;
  /** Number of dabs of the drawing. */
  readonly dabs: number;
  /** True if there is nothing to learn yet. */
  readonly isEmpty: boolean;
  readonly panels: readonly Panel[];
}

/** Shows texts and values in the controls. */
export function showTexts(parts: PlaneParts, words: Words<PlaneString>, view: PlaneView): void {
  const { buttons, data, seed, about, pad, drawing } = parts;
  parts.setTexts(words);
  buttons.play.textContent = words.say(view.playing ? 'pause' : 'play');
  buttons.add.disabled = view.panels.length >= maxPanels;
  buttons.remove.disabled = view.panels.length <= 1;
  data.value = view.data;
  seed.value = `${view.seed}`;
  drawing.hidden = view.data !== 'drawing';
  pad.setAttribute('aria-label', words.say('pad', view.dabs));
  const step = view.panels[0]?.figures?.step;
  if (view.isEmpty) about.textContent = words.say('empty');
  else about.textContent = step === undefined ? words.say('begun') : words.say('atStep', step);
}

/** Announces the figures to screen readers: when asked to, or every ten seconds. */
export class Announcer {
  readonly #parts: PlaneParts;
  readonly #words: Words<PlaneString>;
  #announcedAt = 0;

  constructor(parts: PlaneParts, words: Words<PlaneString>) {
    this.#parts = parts;
    this.#words = words;
  }

  announce(panels: readonly Panel[]): void {
    this.#announcedAt = performance.now();
    const methods = panels.map((panel) => [panel.title, ...panel.sentences(this.#words)].join(': '));
    this.#parts.status.textContent = [this.#parts.about.textContent, ...methods].join('. ');
  }

  /** Announces if the last announcement was long ago. */
  announceIfDue(panels: readonly Panel[]): void {
    if (performance.now() - this.#announcedAt >= announceEveryMs) this.announce(panels);
  }

  /** Makes the next one due. */
  renew(): void {
    this.#announcedAt = 0;
  }
}
