// The buttons of a viewer, or what a page puts in their place. A chunk of its own, fetched by viewers with the attribute `controls`.
import css from './buttons.css';
import type { ControlActions } from './keys.ts';
import type { StringName } from './strings.ts';
import type { ViewerParts } from './template.ts';

/** Updates the buttons: shown or not, playing or not, and their labels. */
export type UpdateButtons = (isShown: boolean, isMoving: boolean, say: (name: StringName) => string) => void;

/** Adds the buttons to a viewer's shadow root. */
export function addButtons(
  { frame, make, addStyle }: ViewerParts,
  { step, toggle, sample }: ControlActions,
): UpdateButtons {
  addStyle(css);
  const button = (sign: string, act: () => void): HTMLButtonElement => {
    const made = make('button', { part: 'button', type: 'button' }, sign);
    made.addEventListener('click', act);
    return made;
  };
  const buttons = {
    previous: button('‹', () => step(-1)),
    play: button('', toggle),
    another: button('⟳', sample),
    next: button('›', () => step(1)),
  };
  const slot = make('slot', { name: 'controls' }, ...Object.values(buttons));
  const bar = make('div', { part: 'controls' }, slot);
  frame.append(bar);
  return (isShown, isMoving, say) => {
    bar.hidden = !isShown;
    buttons.play.textContent = isMoving ? '❚❚' : '▶';
    for (const [name, each] of Object.entries(buttons)) {
      each.setAttribute('aria-label', say(name === 'play' && isMoving ? 'pause' : (name as StringName)));
    }
  };
}
