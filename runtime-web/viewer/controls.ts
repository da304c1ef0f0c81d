// The keys and buttons of a viewer: arrows step through seeds, space plays and pauses.
import type { MirroredElement } from './mirrored-element.ts';
import type { ViewerParts } from './template.ts';

/** Seeds that one press of arrow up or down moves by; in a grid it is one row. */
const rowLength = 10;

/** The members of the viewer that its controls use. */
type Controlled = MirroredElement & Readonly<Record<'sample' | 'play' | 'pause', () => void>>;

/** Listens to a viewer's keys and buttons. `step` receives the number of seeds to move by, `touched` is called on every click and key. */
export function addControls(
  viewer: Controlled,
  { previous, play, another, next }: ViewerParts['buttons'],
  step: (by: number) => void,
  touched: () => void,
): void {
  const toggle = (): void => (viewer.playing ? viewer.pause() : viewer.play());
  viewer.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = viewer.mode === 'grid' ? viewer.columns : rowLength;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -row,
      ArrowDown: row,
    };
    const by = steps[event.key];
    // On a button, space and Enter press the button instead.
    const isOwn = event.composedPath()[0] === viewer;
    if (by !== undefined) step(by);
    else if (event.key === ' ' && isOwn) toggle();
    else if (event.key !== 'Enter' || !isOwn) return;
    touched();
    event.preventDefault();
  });
  viewer.addEventListener('click', touched);
  previous.addEventListener('click', () => step(-1));
  next.addEventListener('click', () => step(1));
  another.addEventListener('click', () => viewer.sample());
  play.addEventListener('click', toggle);
}
