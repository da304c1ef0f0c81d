// A grid of small pictures as switches. Tab reaches one of them; arrow keys, Home and End move to the others.
import { make } from './page.ts';

/** The switches of a grid. */
export interface ToggleGrid {
  /** The name of the whole grid. */
  readonly name: string;
  readonly count: number;
  canvasOf(index: number): HTMLCanvasElement;
  isOn(index: number): boolean;
  label(index: number): string;
  onToggle(index: number, isOn: boolean): void;
}

/** Makes the grid. */
export function toggleGrid({ name, count, canvasOf, isOn, label, onToggle }: ToggleGrid): HTMLElement {
  const toggles = Array.from({ length: count }, (_, index) =>
    make(
      'button',
      {
        class: 'toggle',
        attributes: {
          type: 'button',
          title: `${index}`,
          'aria-label': label(index),
          'aria-pressed': `${isOn(index)}`,
          tabindex: index === 0 ? '0' : '-1',
        },
        on: {
          click: () => {
            const next = !isOn(index);
            toggles[index]!.setAttribute('aria-pressed', `${next}`);
            onToggle(index, next);
          },
          focus: () => toggles.forEach((toggle, i) => (toggle.tabIndex = i === index ? 0 : -1)),
        },
      },
      canvasOf(index),
    ),
  );
  const move = (event: KeyboardEvent): void => {
    const at = toggles.indexOf(document.activeElement as HTMLButtonElement);
    const top = toggles[0]?.offsetTop;
    const columns = toggles.findIndex((toggle) => toggle.offsetTop !== top);
    const row = columns < 0 ? count : columns;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -row,
      ArrowDown: row,
      Home: -at,
      End: count - 1 - at,
    };
    const step = steps[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    toggles[at + step]?.focus();
  };
  return make(
    'div',
    {
      class: 'toggles',
      attributes: { role: 'group', 'aria-label': name },
      on: { keydown: (event) => move(event as KeyboardEvent) },
    },
    ...toggles,
  );
}
