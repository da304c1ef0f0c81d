// The shadow DOM of <dcgan-trainer>. Pages style it by parts and custom properties.
import { addStyle, make } from '../elements/nodes.ts';
import css from './trainer.css';

/** The nodes that the element changes. */
export interface TrainerParts {
  readonly root: ShadowRoot;
  readonly frame: HTMLDivElement;
  readonly wall: HTMLDivElement;
  readonly canvas: HTMLCanvasElement;
  readonly posterSlot: HTMLSlotElement;
  readonly caption: HTMLParagraphElement;
  readonly warning: HTMLParagraphElement;
  readonly progress: HTMLProgressElement;
  readonly error: HTMLDivElement;
  readonly message: HTMLSpanElement;
  readonly remedy: HTMLButtonElement;
  readonly status: HTMLDivElement;
}

/** Fills a shadow root. Its slots and parts are public. */
export function fillShadow(root: ShadowRoot): TrainerParts {
  addStyle(root, css);
  const canvas = make('canvas', { part: 'canvas', role: 'img', width: '1', height: '1' });
  const posterSlot = make('slot', { name: 'poster' });
  const progress = make('progress', { part: 'progress', max: '1', hidden: '' });
  const caption = make('p', { part: 'caption' });
  const warning = make('p', { part: 'warning', hidden: '' });
  const message = make('span', {});
  const remedy = make('button', { type: 'button', part: 'button' });
  const error = make('div', { part: 'error', hidden: '' }, make('slot', { name: 'error' }, message, remedy));
  const status = make('div', { role: 'status' });
  const wall = make('div', { part: 'wall' }, canvas, posterSlot, progress);
  const frame = make(
    'div',
    { part: 'frame', role: 'group' },
    make('div', { class: 'main' }, wall, caption, warning, error),
    status,
  );
  root.append(frame);
  return {
    root,
    frame,
    wall,
    canvas,
    posterSlot,
    caption,
    warning,
    progress,
    error,
    message,
    remedy,
    status,
  };
}
