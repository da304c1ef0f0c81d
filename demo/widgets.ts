// Controls that several rooms use.
import { make } from './page.ts';

/** A row of controls. */
export function bar(...controls: readonly Node[]): HTMLElement {
  return make('div', { class: 'bar' }, ...controls);
}

/** A button. */
export function button(text: string, onClick: () => void, isMain = false): HTMLButtonElement {
  return make('button', {
    text,
    ...(isMain && { class: 'main' }),
    attributes: { type: 'button' },
    on: { click: onClick },
  });
}

/** A labelled checkbox. */
export function checkbox(label: string, isOn: boolean, onChange: (isOn: boolean) => void): HTMLLabelElement {
  const input = make('input', {
    attributes: { type: 'checkbox', checked: isOn ? '' : null },
    on: { change: () => onChange(input.checked) },
  });
  return make('label', {}, input, ` ${label}`);
}

/** A labelled slider with its value beside it. */
export function slider(
  label: string,
  range: { readonly min: number; readonly max: number; readonly step: number; readonly value: number },
  onInput: (value: number) => void,
): HTMLLabelElement {
  const shown = make('output', { text: `${range.value}` });
  const input = make('input', {
    attributes: {
      type: 'range',
      min: `${range.min}`,
      max: `${range.max}`,
      step: `${range.step}`,
      value: `${range.value}`,
    },
    on: {
      input: () => {
        shown.textContent = input.value;
        onInput(Number(input.value));
      },
    },
  });
  return make('label', {}, `${label} `, input, ' ', shown);
}

/** A labelled choice between options, each a value and a text. `choose` selects one from outside. */
export function select(
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  value: string,
  onChange: (value: string) => void,
): { readonly element: HTMLLabelElement; choose(value: string): void } {
  const list = make(
    'select',
    { on: { change: () => onChange(list.value) } },
    ...options.map(([each, text]) => make('option', { text, attributes: { value: each } })),
  );
  const choose = (chosen: string): void => void (list.value = chosen);
  if (value !== '') choose(value);
  return { element: make('label', {}, `${label} `, list), choose };
}
