// Plots accuracy against the images seen in training, with horizontal lines for the baselines.

/** A point of the curve. */
export interface CurvePoint {
  readonly images: number;
  /** 0 to 1. */
  readonly accuracy: number;
}

const [width, height] = [640, 360];
const margin = { left: 52, right: 20, top: 16, bottom: 44 };
const colours = ['#b3441e', '#7a5c99', '#8a7a1f', '#555'];

/** Renders the plot as SVG. @param levels Baselines: name and accuracy, 0 to 1. */
export function curvePicture(
  points: readonly CurvePoint[],
  levels: readonly { readonly title: string; readonly accuracy: number }[],
): string {
  const all = [...points, ...levels].map(({ accuracy }) => accuracy);
  const low = Math.max(0, Math.floor(Math.min(...all) * 20 - 0.5) / 20);
  const high = Math.min(1, Math.ceil(Math.max(...all) * 20 + 0.5) / 20);
  const maxImages = Math.max(1, ...points.map(({ images }) => images));
  const x = (images: number): number =>
    margin.left + (images / maxImages) * (width - margin.left - margin.right);
  const y = (accuracy: number): number =>
    height - margin.bottom - ((accuracy - low) / (high - low)) * (height - margin.top - margin.bottom);
  const right = width - margin.right;
  const parts: string[] = [];
  const step = high - low > 0.3 ? 0.1 : high - low > 0.12 ? 0.05 : 0.02;
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + 1e-9; value += step) {
    parts.push(
      `<line x1="${margin.left}" x2="${right}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="#e4e4e4"/>`,
      `<text x="${margin.left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${(100 * value).toFixed(0)}%</text>`,
    );
  }
  for (let i = 0; i <= 4; i++) {
    const images = (maxImages * i) / 4;
    parts.push(
      `<text x="${at(x(images))}" y="${height - margin.bottom + 18}" text-anchor="middle">${inThousands(images)}</text>`,
    );
  }
  parts.push(
    `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">images the discriminator has seen</text>`,
  );
  levels.forEach(({ title, accuracy }, i) => {
    const colour = colours[i % colours.length]!;
    parts.push(
      `<line x1="${margin.left}" x2="${right}" y1="${at(y(accuracy))}" y2="${at(y(accuracy))}" stroke="${colour}" stroke-dasharray="5 4"/>`,
      `<text x="${right - 4}" y="${at(y(accuracy) - 5)}" text-anchor="end" fill="${colour}">${title}</text>`,
    );
  });
  const path = points.map(({ images, accuracy }) => `${at(x(images))},${at(y(accuracy))}`).join(' ');
  parts.push(`<polyline points="${path}" fill="none" stroke="#1f6f5c" stroke-width="2"/>`);
  for (const { images, accuracy } of points) {
    parts.push(`<circle cx="${at(x(images))}" cy="${at(y(accuracy))}" r="3.5" fill="#1f6f5c"/>`);
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="#222"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>`
  );
}

/** A coordinate with one digit after the point. */
function at(value: number): string {
  return value.toFixed(1);
}

function inThousands(images: number): string {
  return images >= 10_000 ? `${Math.round(images / 1000)}k` : String(Math.round(images));
}
