// Draws a value of each image as a dot, training images above held-out ones, with the median of each side.

/** One plot: its title, and the values of both sides. */
export interface Distribution {
  readonly title: string;
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
}

const [width, plotHeight, left, right] = [640, 130, 84, 16];
const sides = [
  { name: 'training', key: 'training', colour: '#b3441e', y: 44 },
  { name: 'held out', key: 'heldOut', colour: '#1f6f5c', y: 82 },
] as const;

/** The plots below each other as SVG. */
export function distributionPicture(plots: readonly Distribution[]): string {
  const height = plots.length * plotHeight;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="#222"><rect width="100%" height="100%" fill="#fff"/>` +
    plots.map((plot, i) => `<g transform="translate(0 ${i * plotHeight})">${drawn(plot)}</g>`).join('') +
    '</svg>'
  );
}

function drawn(plot: Distribution): string {
  const all = [...plot.training, ...plot.heldOut];
  const low = all.reduce((a, b) => Math.min(a, b));
  const span = all.reduce((a, b) => Math.max(a, b)) - low || 1;
  const x = (value: number): string => (left + ((value - low) / span) * (width - left - right)).toFixed(1);
  const parts = [`<text x="${left}" y="18" font-weight="600">${plot.title}</text>`];
  for (const { name, key, colour, y } of sides) {
    const values = plot[key];
    // Dots lie at fixed heights in turn, so that equal values stay visible.
    const dots = values.map(
      (value, i) => `<circle cx="${x(value)}" cy="${y - 10 + ((i * 7) % 21)}" r="2.5"/>`,
    );
    const middle = values.toSorted((a, b) => a - b)[values.length >> 1]!;
    parts.push(
      `<text x="${left - 8}" y="${y + 4}" text-anchor="end">${name}</text>`,
      `<g fill="${colour}" fill-opacity="0.45">${dots.join('')}</g>`,
      `<line x1="${x(middle)}" x2="${x(middle)}" y1="${y - 15}" y2="${y + 15}" stroke="${colour}" stroke-width="2"/>`,
    );
  }
  for (const share of [0, 0.5, 1]) {
    const value = low + share * span;
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    parts.push(`<text x="${x(value)}" y="116" text-anchor="${anchor}">${value.toPrecision(3)}</text>`);
  }
  return parts.join('');
}
