// The keys and buttons of a viewer: arrows step through seeds, space plays and pauses.
import type { MirroredElement } from './mirrored-element.ts';
import type { ViewerParts } from './template.ts';

/** Seeds that one press of arrow up or down moves by; in a grid it is one row. */
const rowLength = 10;

/** The members of the viewer that its controls use. */
type Controlled = MirroredElement & Readonly<Record<'sample' | 'play' | 'pause', () => void>>;

/** What the controls do to a viewer. */
interface ControlActions {
  /** Moves by a number of seeds. */
  step(by: number): void;
  /** Is called on every click and key. */
  touched(): void;
  /** True while it plays; with reduced motion `playing` alone does not move it. */
  isMoving(): boolean;
}

/** Listens to a viewer's keys and buttons. */
export function addControls(
  viewer: Controlled,
  { frame, buttons: { previous, play, another, next } }: ViewerParts,
  { step, touched, isMoving }: ControlActions,
): void {
  const toggle = (): void => (isMoving() ? viewer.pause() : viewer.play());
  viewer.addEventListener('keydown', (event) => {
    const [target] = event.composedPath() as Node[];
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    // What a page has put into a slot keeps its keys.
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
  for (const [button, act] of [
    [viewer, touched],
    [previous, () => step(-1)],
    [next, () => step(1)],
    [another, () => viewer.sample()],
    [play, toggle],
  ] as const)
    button.addEventListener('click', act);
}
