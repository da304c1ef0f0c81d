// A panel of the controls that opens and closes.
import { make } from '../elements/nodes.ts';

/** The nodes of a panel. */
export interface PanelNodes {
  readonly node: HTMLDetailsElement;
  readonly title: HTMLElement;
  readonly about: HTMLElement;
}

/** A closed panel with a title, a sentence, and what it holds. */
export function panelOf(name: string, ...inside: readonly Node[]): PanelNodes {
  const title = make('summary', {});
  const about = make('p', {});
  const node = make('details', { part: `panel ${name}` }, title, about, ...inside);
  return { node, title, about };
}

/** A button with its explanation beside it. */
export function choice(act: () => void): {
  readonly row: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly about: HTMLElement;
} {
  const button = make('button', { type: 'button', part: 'button' });
  button.addEventListener('click', act);
  const about = make('span', {});
  return { row: make('div', { class: 'choice' }, button, about), button, about };
}
