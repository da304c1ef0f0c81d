// The keys of a viewer: arrows step through seeds, space plays and pauses.
import type { MirroredElement } from './mirrored-element.ts';

/** Seeds that one press of arrow up or down moves by; in a grid it is one row. */
const rowLength = 10;

/** Actions of keys and buttons on a viewer. */
export interface ControlActions {
  /** Moves by a number of seeds. */
  step(by: number): void;
  /** Plays or pauses. */
  toggle(): void;
  /** Shows another image. */
  sample(): void;
  /** Is called on every click and key. */
  touched(): void;
}

/** Listens to a viewer's keys; `frame` is the part that has the focus. */
export function addKeys(
  viewer: MirroredElement,
  frame: HTMLElement,
  { step, toggle, touched }: ControlActions,
): void {
  frame.addEventListener('keydown', (event) => {
    const [target] = event.composedPath() as Node[];
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    // Elements that a page has put into a slot keep their keys.
    if (target!.getRootNode() !== frame.getRootNode()) return;
    const row = viewer.mode === 'grid' ? viewer.columns : rowLength;
    const forward = getComputedStyle(viewer).direction === 'rtl' ? -1 : 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -forward,
      ArrowRight: forward,
      ArrowUp: -row,
      ArrowDown: row,
    };
    const by = steps[event.key];
    // On a button, space and Enter press the button instead.
    const isOwn = target === frame;
    if (by !== undefined) step(by);
    else if (event.key === ' ' && isOwn) toggle();
    else if (event.key !== 'Enter' || !isOwn) return;
    touched();
    event.preventDefault();
  });
  viewer.addEventListener('click', touched);
}
