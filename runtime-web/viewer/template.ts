// The shadow DOM of <dcgan-viewer>. Pages style it by parts and custom properties.
import { addStyle, make } from '../elements/nodes.ts';
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
