// Charts, timeline, buttons and panels of an element, or what a page puts in their place. A chunk of its own, fetched by elements with the
// attribute `controls`.
import { addStyle, make } from '../elements/nodes.ts';
import { breakPanel } from './break-panel.ts';
import { chartOf, drawLosses, drawScores, type Chart, type LossPoint } from './charts.ts';
import css from './controls.css';
import type { Panel, TrainerHost, View } from './host.ts';
import { keepPanel } from './keep-panel.ts';
import { offerPanel } from './offer-panel.ts';
import { ownPanel } from './own-panel.ts';
import type { StringName } from './strings.ts';
import type { TrainerParts } from './template.ts';
import { Thinned } from './thinned.ts';

/** Adds the controls to an element's shadow root, and returns what updates them. */
export function addControls({ root, frame }: TrainerParts, host: TrainerHost): (view: View) => void {
  addStyle(root, css);
  const transport = [offerPanel(host), timeline(host), buttons(host)];
  const charts = [figures(host), graphs(host)];
  const panels = [ownPanel(host), breakPanel(host), keepPanel(host)];
  const nodes = (parts: readonly Panel[]): HTMLElement[] => parts.map(({ node }) => node);
  const slot = make('slot', { name: 'controls' }, ...nodes(transport));
  const boxes = [
    make('div', { part: 'controls' }, slot),
    make('div', { part: 'charts' }, ...nodes(charts)),
    make('div', { part: 'panels' }, ...nodes(panels)),
  ];
  frame.append(...boxes);
  frame.tabIndex = 0;
  frame.addEventListener('keydown', (event) => {
    if (event.key !== ' ' || event.target !== frame || event.defaultPrevented) return;
    host.toggle();
    event.preventDefault();
  });
  const isShown = (): boolean => (host.element as HTMLElement & { readonly controls: boolean }).controls;
  return (view) => {
    for (const box of boxes) box.hidden = !isShown();
    if (isShown()) for (const part of [...transport, ...charts, ...panels]) part.update(view);
  };
}

/** Step, pictures seen, pictures a second, and time. */
function figures({ say }: TrainerHost): Panel {
  const names = ['step', 'pictures', 'rate', 'time'] as const;
  const rows = names.map((name) => ({ name, term: make('dt', {}), value: make('dd', {}, '0') }));
  const node = make(
    'dl',
    { part: 'figures' },
    ...rows.map(({ term, value }) => make('div', {}, term, value)),
  );
  return {
    node,
    update({ report }) {
      const seconds = Math.round(report?.seconds ?? 0);
      const values = {
        step: (report?.step ?? 0).toLocaleString(),
        pictures: (report?.images ?? 0).toLocaleString(),
        rate: Math.round(report?.imagesPerSecond ?? 0).toLocaleString(),
        time: `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`,
      };
      for (const { name, term, value } of rows) {
        term.textContent = say(name);
        value.textContent = values[name];
      }
    },
  };
}

/** Points of the losses that are kept. */
const maxPoints = 400;

/** The histogram of D's scores, and the losses. */
function graphs({ say }: TrainerHost): Panel {
  const opinion = chartOf('opinion', ['real', 'fake']);
  const losses = chartOf('losses', ['d', 'g']);
  let points = new Thinned<LossPoint>(maxPoints);
  /** Says a chart's figures to people who cannot see it. */
  const label = ({ svg, title, legend }: Chart, values: readonly number[]): void => {
    const figures = values.map(
      (value, i) => `${legend[i]!.textContent} ${Number.isFinite(value) ? value.toFixed(2) : '–'}`,
    );
    svg.setAttribute('aria-label', `${title.textContent}: ${figures.join(', ')}`);
  };
  return {
    node: make('div', { class: 'graphs' }, opinion.figure, losses.figure),
    update({ report, look, isProbability }) {
      opinion.title.textContent = say('opinion');
      losses.title.textContent = say('losses');
      [say('real'), say('fake')].forEach((text, i) => (opinion.legend[i]!.textContent = text));
      [say('discriminator'), say('generator')].forEach((text, i) => (losses.legend[i]!.textContent = text));
      [say('looksFake'), say('looksReal')].forEach((text, i) => (opinion.ends[i]!.textContent = text));
      const last = points.entries.at(-1)?.step ?? -1;
      const step = report?.step ?? 0;
      if (step < last || report === null) points = new Thinned<LossPoint>(maxPoints);
      if (report !== null && step > last && Number.isFinite(report.dLoss)) {
        const { dLoss, gLoss } = report;
        points.add({ step, dLoss, gLoss });
      }
      drawLosses(losses, points.entries);
      const { real, fake } = look ?? { real: new Float32Array(0), fake: new Float32Array(0) };
      drawScores(opinion, real, fake, isProbability);
      opinion.figure.hidden = look !== null && real.length === 0;
      label(opinion, [mean(real), mean(fake)]);
      label(losses, [report?.dLoss ?? NaN, report?.gLoss ?? NaN]);
    },
  };
}

const mean = (values: Float32Array): number =>
  values.length === 0 ? NaN : values.reduce((sum, value) => sum + value / values.length, 0);

/** Play and pause, and the slider of the past with its way back to the newest pictures. */
function timeline(host: TrainerHost): Panel {
  const { say } = host;
  const play = buttonOf('play', host.toggle);
  const input = make('input', { type: 'range', part: 'timeline', min: '0', max: '0', step: '1', value: '0' });
  const newest = buttonOf('newest', () => host.scrub(null));
  input.addEventListener('input', () => {
    const { frames } = host.view;
    const at = Number(input.value);
    host.scrub(at >= frames.length - 1 ? null : frames[at]!);
  });
  return {
    node: make('div', { class: 'timeline' }, play, input, newest),
    update({ frames, shownStep, isPlaying }) {
      play.textContent = `${isPlaying ? '❚❚' : '▶'} ${say(isPlaying ? 'pause' : 'play')}`;
      const last = Math.max(0, frames.length - 1);
      const found = frames.findIndex(({ step }) => step === shownStep);
      const at = shownStep === null ? last : Math.max(0, found);
      input.max = `${last}`;
      input.value = `${at}`;
      input.disabled = frames.length < 2;
      input.setAttribute('aria-label', say('timeline'));
      const step = `${say('step')} ${(frames[at]?.step ?? 0).toLocaleString()}`;
      input.setAttribute('aria-valuetext', shownStep === null ? `${step}, ${say('live')}` : step);
      newest.textContent = say('live');
      newest.disabled = shownStep === null;
    },
  };
}

/** Single steps, slow motion, and starting over. */
function buttons(host: TrainerHost): Panel {
  const { say } = host;
  const all: readonly (readonly [StringName, HTMLButtonElement])[] = [
    ['oneStep', buttonOf('step', () => host.step(null))],
    ['onlyD', buttonOf('step', () => host.step('discriminator'))],
    ['onlyG', buttonOf('step', () => host.step('generator'))],
    ['slow', buttonOf('slow', () => host.slow(!host.view.isSlow))],
    ['reset', buttonOf('reset', host.reset)],
  ];
  return {
    node: make('div', { class: 'buttons' }, ...all.map(([, node]) => node)),
    update({ isSlow, report }) {
      for (const [name, node] of all) {
        node.textContent = say(name);
        if (name === 'slow') node.setAttribute('aria-pressed', `${isSlow}`);
        if (name === 'reset') node.disabled = report === null;
      }
    },
  };
}

function buttonOf(part: string, act: () => void): HTMLButtonElement {
  const made = make('button', { type: 'button', part: `button ${part}` });
  made.addEventListener('click', act);
  return made;
}
