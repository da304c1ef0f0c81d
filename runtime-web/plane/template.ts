// The shadow DOM of <dcgan-plane>. Pages style it by parts and custom properties.
import { addStyle, make } from '../elements/nodes.ts';
import type { Words } from '../elements/words.ts';
import css from './plane.css';
import type { PlaneString } from './strings.ts';
import { dataNames } from './data.ts';

/** Fills a shadow root. */
export function fillShadow(root: ShadowRoot) {
  addStyle(root, css);
  const texts: (readonly [Node, PlaneString])[] = [];
  /** A text of the language, in a node of its own. */
  const said = (name: PlaneString): Text => {
    const node = document.createTextNode('');
    texts.push([node, name]);
    return node;
  };
  const button = (name: PlaneString, part = 'button'): HTMLButtonElement =>
    make('button', { type: 'button', part }, said(name));
  const check = (): HTMLInputElement => {
    const box = make('input', { type: 'checkbox' });
    box.checked = true;
    return box;
  };
  const play = make('button', { type: 'button', part: 'button play' });
  const buttons = {
    ...{ play, step: button('step'), reset: button('reset') },
    ...{ add: button('add'), remove: button('remove'), clear: button('clear') },
  };
  const data = make('select', {}, ...dataNames.map((name) => make('option', { value: name }, said(name))));
  const seed = make('input', { type: 'number', min: '0', step: '1' });
  const [heat, arrows] = [check(), check()];
  const progress = make('progress', { hidden: '' });
  const controls = make(
    'div',
    { part: 'controls' },
    ...[play, buttons.step, buttons.reset],
    make('label', {}, said('data'), data),
    make('label', {}, said('seed'), seed),
    ...[buttons.add, buttons.remove, progress],
  );
  /** A mark of the pictures; its colours are those of draw-plane.ts. */
  const mark = (of: string): HTMLElement => make('i', { class: of });
  const legend = make(
    'div',
    { part: 'legend' },
    make('span', {}, mark('real'), said('real')),
    make('span', {}, mark('samples'), said('samples')),
    make('label', {}, heat, said('heat'), make('span', {}, said('low'), mark('scores'), said('high'))),
    make('label', {}, arrows, mark('arrow'), said('arrows')),
  );
  const about = make('p', { part: 'about' });
  const error = make('div', { part: 'error', hidden: '' });
  const pad = make('canvas', {
    ...{ part: 'pad', role: 'application', tabindex: '0', width: '640', height: '640' },
  });
  const drawing = make('figure', { part: 'drawing', hidden: '' }, buttons.clear, pad);
  const panels = make('div', { part: 'panels' }, drawing);
  const status = make('div', { role: 'status' });
  root.append(controls, legend, about, error, panels, status);
  return {
    ...{ buttons, data, seed, heat, arrows, legend, progress, about, error, pad, drawing, panels, status },
    /** Sets the fixed texts. */
    setTexts(words: Words<PlaneString>): void {
      for (const [node, name] of texts) node.textContent = words.say(name);
      progress.setAttribute('aria-label', words.say('loading'));
    },
  };
}

/** The nodes that the element changes. */
export type PlaneParts = ReturnType<typeof fillShadow>;
