// The shadow DOM of <dcgan-viewer>. Pages style it by parts and custom properties. There is no inline style and no HTML text, because strict
// policies (CSP, Trusted Types) refuse both; only browsers without constructable style sheets get a style element.
import css from './viewer.css';

/** The nodes that the element changes, and what adds more of them. */
export interface ViewerParts {
  readonly frame: HTMLDivElement;
  readonly canvas: HTMLCanvasElement;
  readonly poster: HTMLImageElement;
  readonly posterSlot: HTMLSlotElement;
  readonly progress: HTMLProgressElement;
  readonly error: HTMLDivElement;
  readonly message: HTMLSpanElement;
  readonly status: HTMLDivElement;
  readonly make: typeof make;
  addStyle(css: string): void;
}

const sheets = new Map<string, CSSStyleSheet>();

/** An element with attributes and children. */
function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]!);
  element.append(...children);
  return element;
}

/** Adds a style sheet to a shadow root: one for all viewers, or an element of its own in browsers before 2023. */
function addStyle(root: ShadowRoot, css: string): void {
  try {
    const sheet = sheets.get(css) ?? new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    root.append(make('style', {}, css));
  }
}

/** Fills a shadow root. Its slots and parts are public. */
export function fillShadow(root: ShadowRoot): ViewerParts {
  addStyle(root, css);
  const canvas = make('canvas', { part: 'canvas', role: 'img', width: '1', height: '1' });
  const poster = make('img', { part: 'poster', alt: '' });
  const posterSlot = make('slot', { name: 'poster' }, poster);
  const progress = make('progress', { part: 'progress', hidden: '' });
  const message = make('span', {});
  const error = make('div', { part: 'error', hidden: '' }, make('slot', { name: 'error' }, message));
  const status = make('div', { role: 'status' });
  const frame = make(
    'div',
    { part: 'frame', role: 'group', tabindex: '0' },
    ...[canvas, posterSlot, progress, error, status],
  );
  root.append(frame);
  return {
    ...{ frame, canvas, poster, posterSlot, progress, error, message, status, make },
    addStyle: (more: string) => addStyle(root, more),
  };
}
