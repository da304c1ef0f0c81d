// Charts, timeline, buttons and panels of an element, or what a page puts in their place. A chunk of its own, fetched by elements with the
// attribute `controls`.
import { addStyle, make } from '../elements/nodes.ts';
import { breakPanel } from './break-panel.ts';
import { chartOf, drawLosses, drawScores, type LossPoint } from './charts.ts';
import css from './controls.css';
import type { Panel, TrainerHost, View } from './host.ts';
import { keepPanel } from './keep-panel.ts';
import type { StringName } from './strings.ts';
import type { TrainerParts } from './template.ts';
import { Thinned } from './thinned.ts';

/** Adds the controls to an element's shadow root, and returns what updates them. */
export function addControls({ root, frame }: TrainerParts, host: TrainerHost): (view: View) => void {
  addStyle(root, css);
  const parts = [
    figures(host),
    charts(host),
    timeline(host),
    buttons(host),
    breakPanel(host),
    keepPanel(host),
  ];
  const side = make('div', { part: 'charts' }, parts[0]!.node, parts[1]!.node);
  const panels = make('div', { part: 'panels' }, ...parts.slice(4).map(({ node }) => node));
  const slot = make('slot', { name: 'controls' }, parts[2]!.node, parts[3]!.node, panels);
  const bar = make('div', { part: 'controls' }, slot);
  frame.append(side, bar);
  frame.tabIndex = 0;
  frame.addEventListener('keydown', (event) => {
    if (event.key !== ' ' || event.target !== frame || event.defaultPrevented) return;
    host.toggle();
    event.preventDefault();
  });
  const isShown = (): boolean => (host.element as HTMLElement & { readonly controls: boolean }).controls;
  return (view) => {
    side.hidden = bar.hidden = !isShown();
    if (isShown()) for (const part of parts) part.update(view);
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
function charts({ say }: TrainerHost): Panel {
  const opinion = chartOf('opinion', ['real', 'fake']);
  const losses = chartOf('losses', ['d', 'g']);
  let points = new Thinned<LossPoint>(maxPoints);
  const short = (value: number): string => value.toFixed(2);
  return {
    node: make('div', { class: 'charts' }, opinion.figure, losses.figure),
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
      const label = (
        chart: typeof opinion,
        name: StringName,
        values: Readonly<Record<string, number>>,
      ): void => {
        const text = say(name).replace(/\{(\w+)\}/g, (_, key: string) => short(values[key] ?? NaN));
        chart.svg.setAttribute('aria-label', text);
      };
      label(opinion, 'opinionOf', { real: mean(real), fake: mean(fake) });
      label(losses, 'lossesOf', { d: report?.dLoss ?? NaN, g: report?.gLoss ?? NaN });
    },
  };
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value / values.length, 0);

/** The slider of the past, and its way back to the newest pictures. */
function timeline(host: TrainerHost): Panel {
  const input = make('input', { type: 'range', part: 'timeline', min: '0', max: '0', step: '1', value: '0' });
  const newest = make('button', { type: 'button', part: 'button' });
  const { say } = host;
  input.addEventListener('input', () => {
    const { frames } = host.view;
    const at = Number(input.value);
    host.scrub(at >= frames.length - 1 ? null : frames[at]!);
  });
  newest.addEventListener('click', () => host.scrub(null));
  return {
    node: make('div', { class: 'timeline' }, input, newest),
    update({ frames, shownStep }) {
      const last = Math.max(0, frames.length - 1);
      const at =
        shownStep === null
          ? last
          : Math.max(
              0,
              frames.findIndex(({ step }) => step === shownStep),
            );
      input.max = `${last}`;
      input.value = `${at}`;
      input.disabled = frames.length < 2;
      input.setAttribute('aria-label', say('timeline'));
      const step = (frames[at]?.step ?? 0).toLocaleString();
      input.setAttribute(
        'aria-valuetext',
        `${say('step')} ${step}${shownStep === null ? `, ${say('live')}` : ''}`,
      );
      newest.textContent = say('live');
      newest.disabled = shownStep === null;
    },
  };
}

/** Play and pause, steps, slow motion, and starting over. */
function buttons(host: TrainerHost): Panel {
  const { say } = host;
  const button = (name: string, act: () => void): HTMLButtonElement => {
    const made = make('button', { type: 'button', part: `button ${name}` });
    made.addEventListener('click', act);
    return made;
  };
  const play = button('play', host.toggle);
  const others: readonly (readonly [StringName, HTMLButtonElement])[] = [
    ['oneStep', button('step', () => host.step(null))],
    ['onlyD', button('step', () => host.step('discriminator'))],
    ['onlyG', button('step', () => host.step('generator'))],
    ['slow', button('slow', () => host.slow(!host.view.isSlow))],
    ['reset', button('reset', host.reset)],
  ];
  return {
    node: make('div', { class: 'buttons' }, play, ...others.map(([, node]) => node)),
    update({ isPlaying, isSlow, report }) {
      play.textContent = `${isPlaying ? '❚❚' : '▶'} ${say(isPlaying ? 'pause' : 'play')}`;
      for (const [name, node] of others) {
        node.textContent = say(name);
        if (name === 'slow') node.setAttribute('aria-pressed', `${isSlow}`);
        if (name === 'reset') node.disabled = report === null;
      }
    },
  };
}
