// Two small charts as SVG: D's scores of real and generated pictures as overlapping histograms, and the losses over the steps. SVG takes its
// colours from the style sheet, so it follows dark mode, print and the page's own style.
import { make } from '../elements/nodes.ts';

const [wide, high] = [240, 88];
const bins = 24;

/** One point of the losses. */
export interface LossPoint {
  readonly step: number;
  readonly dLoss: number;
  readonly gLoss: number;
}

/** A chart: its figure, and what it says to people who cannot see it. */
export interface Chart {
  readonly figure: HTMLElement;
  readonly title: HTMLElement;
  readonly legend: readonly HTMLElement[];
  readonly ends: readonly HTMLElement[];
  readonly svg: SVGSVGElement;
  readonly paths: readonly SVGPathElement[];
}

/** An empty chart with two series. */
export function chartOf(part: string, names: readonly string[]): Chart {
  const svg = svgNode('svg', { viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: 'none', role: 'img' });
  const paths = names.map((name) => svgNode('path', { part: `line ${name}`, class: name }));
  svg.append(...paths);
  const title = make('b', {});
  const legend = names.map((name) => make('span', { class: `key ${name}` }));
  const ends = [make('span', {}), make('span', {})];
  const figure = make(
    'figure',
    { part: `chart ${part}`, class: part },
    make('figcaption', {}, title, ...legend),
    svg,
    make('div', { class: 'ends', 'aria-hidden': 'true' }, ...ends),
  );
  return { figure, title, legend, ends, svg, paths };
}

/** Draws the scores of two sets of pictures. Probabilities have the axis from 0 to 1, scores one of their own. */
export function drawScores(
  { paths }: Chart,
  real: Float32Array,
  fake: Float32Array,
  isProbability: boolean,
): void {
  const all = [...real, ...fake];
  if (all.length === 0) return paths.forEach((path) => path.setAttribute('d', ''));
  const [low, top] = isProbability ? [0, 1] : [Math.min(...all), Math.max(...all)];
  const counts = [real, fake].map((scores) => {
    const bars = new Array<number>(bins).fill(0);
    for (const score of scores) {
      const at = Math.floor((bins * (score - low)) / (top - low || 1));
      bars[Math.min(bins - 1, Math.max(0, at))]! += 1;
    }
    return bars;
  });
  const most = Math.max(1, ...counts.flat());
  counts.forEach((bars, series) => {
    const y = (count: number): string => (high - 1 - (count / most) * (high - 4)).toFixed(1);
    const x = (bin: number): string => ((bin * wide) / bins).toFixed(1);
    const tops = bars.map((count, bin) => `V${y(count)}H${x(bin + 1)}`).join('');
    paths[series]!.setAttribute('d', `M0 ${high - 1}${tops}V${high - 1}Z`);
  });
}

/** Draws the losses; their axis leaves out the highest and lowest 2%, such as the first steps. */
export function drawLosses({ paths, ends }: Chart, points: readonly LossPoint[]): void {
  if (points.length < 2) return paths.forEach((path) => path.setAttribute('d', ''));
  const values = points.flatMap(({ dLoss, gLoss }) => [dLoss, gLoss]).sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
  const [low, top] = [Math.min(0, at(0.02)), at(0.98)];
  const last = points.at(-1)!.step;
  (['dLoss', 'gLoss'] as const).forEach((name, series) => {
    const line = points.map(({ step, [name]: loss }) => {
      const y = high - 2 - ((loss - low) / (top - low || 1)) * (high - 4);
      return `${((step / last) * wide).toFixed(1)} ${Math.min(high - 1, Math.max(1, y)).toFixed(1)}`;
    });
    paths[series]!.setAttribute('d', `M${line.join('L')}`);
  });
  ends[0]!.textContent = '0';
  ends[1]!.textContent = last.toLocaleString();
}

function svgNode<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
