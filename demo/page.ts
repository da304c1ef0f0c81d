// Builds pages from TypeScript: elements in one call, pictures as canvases, and error messages.
import type { Model } from '../runtime-web/format/model.ts';
import { exportFlags, type FileRole } from '../runtime-web/format/package-files.ts';

/** Properties of a new element. */
export interface Given {
  readonly class?: string;
  readonly text?: string;
  /** Attributes; one that is null is left out. */
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

/** The sentences that say what a room is about. */
export function lead(text: string): HTMLElement {
  return make('p', { class: 'lead', text });
}

/** A line that screen readers announce when its text changes. */
export function statusLine(): HTMLElement {
  return make('p', { attributes: { role: 'status' } });
}

/** A canvas that shows an image. */
export function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = make('canvas', { attributes: { width: `${image.width}`, height: `${image.height}` } });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

/** An image in a grid of pictures. */
export function tile(image: ImageData): HTMLElement {
  return make('div', { class: 'picture' }, canvasOf(image));
}

/** An empty canvas for the one large picture of a room. */
export function largeCanvas(label: string): HTMLCanvasElement {
  return make('canvas', { class: 'large', attributes: { role: 'img', 'aria-label': label } });
}

/** Shows an image on an existing canvas. */
export function show(canvas: HTMLCanvasElement, image: ImageData): void {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

/**
 * Says that a model cannot do something yet, and the command that adds the file for it. Such files are made from a run's checkpoint,
 * which a model imported from ONNX does not have.
 */
export function lacking({ training, origin }: Model, what: string, role: FileRole): HTMLElement {
  const code = (text: string): HTMLElement => make('code', { text });
  const command = code(`npx dcgan export RUN ${exportFlags[role]}`);
  if (training !== null || origin?.format !== 'onnx') {
    return make(
      'p',
      { class: 'lacking' },
      `This model can't ${what} yet. Export it again with `,
      command,
      ', then drop it under Models.',
    );
  }
  const files = origin.files.map(({ file }) => file).join(' and ');
  return make(
    'p',
    { class: 'lacking' },
    `This model can't ${what}: it was imported from ${files}, without a run. A DCGAN from PyTorch becomes a run with `,
    code('npx dcgan import netG.pth --architecture pytorch-dcgan --out RUN'),
    ', and a new model with ',
    code('npx dcgan train'),
    '; then ',
    command,
    ' adds what is missing.',
  );
}

/** Says that a model has nothing of a kind, and the command that makes some, or a model that has them. */
export function without(kind: string, command: string): HTMLElement {
  return make(
    'p',
    { class: 'lacking' },
    `This model has no ${kind}. Choose another one, or make some with `,
    make('code', { text: `npx dcgan ${command}` }),
    '.',
  );
}

/** An error as a box. */
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
