// Building pages from TypeScript: elements in one call, pictures as canvases, and a message where something went wrong.

/** What an element is given. */
export interface Given {
  readonly class?: string;
  readonly text?: string;
  /** Attributes; null leaves one out. */
  readonly attributes?: Readonly<Record<string, string | null>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/** An element with its attributes, listeners and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Given = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (given.class !== undefined) element.className = given.class;
  if (given.text !== undefined) element.textContent = given.text;
  for (const [name, value] of Object.entries(given.attributes ?? {})) {
    if (value !== null) element.setAttribute(name, value);
  }
  for (const [type, listener] of Object.entries(given.on ?? {})) element.addEventListener(type, listener);
  element.append(...children);
  return element;
}

/** A heading and the sentence that says what the room is about. */
export function opening(title: string, lead: string): HTMLElement[] {
  return [make('h2', { text: title }), make('p', { class: 'lead', text: lead })];
}

/** A canvas that shows an image. */
export function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = make('canvas', { attributes: { width: `${image.width}`, height: `${image.height}` } });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

/** Shows an image on a canvas that is there already. */
export function show(canvas: HTMLCanvasElement, image: ImageData): void {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

/** A labelled slider with its value beside it. */
export function slider(
  label: string,
  range: { readonly min: number; readonly max: number; readonly step: number; readonly value: number },
  onInput: (value: number) => void,
): HTMLElement {
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

/** A button. */
export function button(text: string, onClick: () => void, isMain = false): HTMLButtonElement {
  return make('button', {
    text,
    ...(isMain && { class: 'main' }),
    attributes: { type: 'button' },
    on: { click: onClick },
  });
}

/** Says what a model does not bring, and the command that adds it. */
export function lacking(what: string, flag: string): HTMLElement {
  const command = make('code', { text: `npx dcgan export RUN ${flag}` });
  return make(
    'p',
    { class: 'lacking' },
    `This model brings no ${what}. `,
    command,
    ' adds it; drop it then under Models.',
  );
}

/** What went wrong, for people. */
export function errorBox(error: unknown): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  return make('p', { class: 'error', text: message, attributes: { role: 'alert' } });
}

/** Saves a blob under a name. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  make('a', { attributes: { href: url, download: name } }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
