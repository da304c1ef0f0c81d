// Plots the Fréchet distance of every recipe on one set over the minutes of training, as a self-contained SVG. The axis of distances is
// logarithmic.
import type { CellResult, NetworkName } from './cell.ts';
import { groupedBy, spreadOf } from './summary.ts';

const [width, height] = [760, 420];
const margin = { left: 64, right: 190, top: 26, bottom: 44 };
/** A colour for each line; the peer's lines are grey and dashed. */
const colours = ['#1f6f5c', '#b3441e', '#7a5c99', '#8a7a1f', '#2b6cb0', '#c2185b', '#3f7d20', '#00838f'];
const greys = ['#333', '#666', '#888', '#aaa'];

interface Line {
  readonly name: string;
  readonly isPeer: boolean;
  readonly points: readonly { readonly minutes: number; readonly distance: number }[];
}

/** The plot of a set's cells; '' without a distance above 0. Distances are means over the seeds. */
export function distancePlot(cells: readonly CellResult[], network: NetworkName): string {
  const lines = [...groupedBy(cells, ({ recipe }) => recipe)]
    .map(([name, group]) => lineOf(name, group, network))
    .filter(({ points }) => points.length > 0);
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return '';
  const [low, high] = [
    Math.min(...all.map(({ distance }) => distance)) * 0.9,
    Math.max(...all.map(({ distance }) => distance)) * 1.1,
  ];
  const maxMinutes = Math.max(...all.map(({ minutes }) => minutes));
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const x = (minutes: number): string => at(margin.left + (minutes / maxMinutes) * (right - margin.left));
  const y = (distance: number): string =>
    at(bottom - (Math.log(distance / low) / Math.log(high / low)) * (bottom - margin.top));
  const parts: string[] = [];
  for (const value of ticks(low, high)) {
    parts.push(
      `<line x1="${margin.left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="#e4e4e4"/>`,
      `<text x="${margin.left - 8}" y="${at(Number(y(value)) + 4)}" text-anchor="end">${value.toLocaleString('en')}</text>`,
    );
  }
  for (let i = 0; i <= 4; i++) {
    const minutes = (maxMinutes * i) / 4;
    parts.push(
      `<text x="${x(minutes)}" y="${bottom + 18}" text-anchor="middle">${Number(minutes.toFixed(2))}</text>`,
    );
  }
  parts.push(
    `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">minutes of training</text>`,
  );
  parts.push(`<text x="8" y="${margin.top - 4}">Fréchet distance</text>`);
  // Names beside the ends of the lines, in their order, at least a line's height apart.
  let free = margin.top;
  let [own, peers] = [0, 0];
  const sorted = [...lines].sort((a, b) => b.points.at(-1)!.distance - a.points.at(-1)!.distance);
  for (const { name, isPeer, points } of sorted) {
    const colour = isPeer ? greys[peers++ % greys.length]! : colours[own++ % colours.length]!;
    const dashes = isPeer ? ' stroke-dasharray="5 4"' : '';
    const path = points.map(({ minutes, distance }) => `${x(minutes)},${y(distance)}`).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`);
    for (const { minutes, distance } of points)
      parts.push(`<circle cx="${x(minutes)}" cy="${y(distance)}" r="2.5" fill="${colour}"/>`);
    const end = Number(y(points.at(-1)!.distance));
    const label = Math.max(free, end);
    free = label + 14;
    parts.push(
      `<line x1="${right + 3}" x2="${right + 14}" y1="${at(end)}" y2="${at(label)}" stroke="${colour}"/>`,
      `<text x="${right + 18}" y="${at(label + 4)}" fill="${colour}">${escaped(name)}</text>`,
    );
  }
  const tall = Math.max(height, free + 8);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" width="${width}" height="${tall}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="#222"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`
  );
}

function lineOf(name: string, cells: readonly CellResult[], network: NetworkName): Line {
  const most = Math.max(...cells.map(({ points }) => points.length));
  const points = Array.from({ length: most }, (_, i) => {
    const measured = cells.flatMap((cell) => {
      const point = cell.points[i];
      const distance = point?.figures[network]?.frechet;
      return point !== undefined && distance != null && distance > 0
        ? [{ minutes: point.seconds / 60, distance }]
        : [];
    });
    return measured.length === 0
      ? []
      : [
          {
            minutes: spreadOf(measured.map(({ minutes }) => minutes)).mean,
            distance: spreadOf(measured.map(({ distance }) => distance)).mean,
          },
        ];
  }).flat();
  return { name, isPeer: cells[0]!.kind === 'peer', points };
}

/** Round numbers in a range: the coarsest of four kinds of which there are at least four. */
function ticks(low: number, high: number): readonly number[] {
  const tenths = Array.from({ length: 90 }, (_, i) => 1 + i / 10);
  const kinds = [[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8], tenths];
  const found = kinds.map((factors) => {
    const values: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      values.push(...factors.map((factor) => Number(`${factor}e${power}`)));
    }
    return values.filter((value) => value >= low && value <= high);
  });
  return found.find(({ length }) => length >= 4) ?? found.at(-1)!;
}

/** A coordinate with one digit after the point. */
function at(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
