// Draws a part of the plane on a canvas: D's scores as a heat map, points of the data and of G, and the way in which G's loss falls.

/** The part of the plane that a canvas shows: from -extent to extent. */
export const extent = 3;

/** Everything on a canvas; null and empty for what there is not. */
export interface Scene {
  /** Points of the data, [n, 2]. */
  readonly real: Float32Array;
  /** G's points, [n, 2]. */
  readonly samples: Float32Array | null;
  /** D's scores at a square grid, row by row from the top left, as shares: 0 for generated, 1 for real. */
  readonly heat: Float32Array | null;
  /** The gradient of G's loss at the first samples, [k, 2]. */
  readonly slopes: Float32Array | null;
}

type Colour = readonly [red: number, green: number, blue: number];

/** The colours of a theme. `low` to `high` is D's score from generated to real. */
interface Palette {
  readonly low: Colour;
  readonly middle: Colour;
  readonly high: Colour;
  readonly real: string;
  readonly samples: string;
  readonly arrows: string;
}

const palettes: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    ...{ low: [176, 196, 240], middle: [255, 255, 255], high: [255, 205, 150] },
    ...{ real: '#c2410c', samples: '#1d4ed8', arrows: '#1f2937' },
  },
  dark: {
    ...{ low: [30, 48, 100], middle: [24, 24, 30], high: [104, 56, 12] },
    ...{ real: '#fdba74', samples: '#93b4ff', arrows: '#f1f1f6' },
  },
};

/** Gives a legend the colours of a theme, as custom properties. */
export function colourLegend(legend: HTMLElement, theme: 'light' | 'dark'): void {
  for (const [name, colour] of Object.entries(palettes[theme]))
    legend.style.setProperty(`--${name}`, typeof colour === 'string' ? colour : `rgb(${colour.join()})`);
}

/** The length of the longest arrow, as a share of the canvas, and the gradient at which an arrow has half of it. */
const [longest, half] = [0.12, 0.1];

/** The theme of an element: its text is light on dark, or dark on light. */
export function themeOf(element: Element): 'light' | 'dark' {
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number);
  return red + green + blue > 384 ? 'dark' : 'light';
}

/** Draws a scene, in the canvas's own pixels. */
export function drawPlane(canvas: HTMLCanvasElement, scene: Scene, theme: 'light' | 'dark'): void {
  const context = canvas.getContext('2d')!;
  const palette = palettes[theme];
  const side = canvas.width;
  // Points outside are drawn at the edge.
  const at = (value: number): number =>
    ((Math.max(-extent, Math.min(extent, value)) / extent + 1) / 2) * side;
  context.fillStyle = `rgb(${palette.middle.join()})`;
  context.fillRect(0, 0, side, side);
  if (scene.heat !== null) drawHeat(context, scene.heat, palette);
  // Dots and lines keep about their size on the screen, however small the canvas is shown.
  const shown = canvas.clientWidth || side;
  const pixel = (Math.max(0.6, Math.min(1, shown / 300)) * side) / shown;
  const dots = (points: Float32Array, colour: string, pixels: number, alpha: number): void => {
    context.fillStyle = colour;
    context.globalAlpha = alpha;
    const width = pixels * pixel;
    for (let i = 0; i < points.length; i += 2)
      context.fillRect(at(points[i]!) - width / 2, at(-points[i + 1]!) - width / 2, width, width);
    context.globalAlpha = 1;
  };
  dots(scene.real, palette.real, 2, 0.8);
  if (scene.samples === null) return;
  dots(scene.samples, palette.samples, 2.6, 0.75);
  if (scene.slopes === null) return;
  const path = arrowPath(scene.samples, scene.slopes, side, at);
  // A rim in the colour of the plane: arrows lie on many points.
  for (const [colour, width] of [
    [`rgb(${palette.middle.join()})`, 3.4],
    [palette.arrows, 1.6],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width * pixel;
    context.stroke(path);
  }
}

/** Stretches the scores over the canvas; the grid's outer places lie on its edges. */
function drawHeat(context: CanvasRenderingContext2D, heat: Float32Array, palette: Palette): void {
  const count = Math.sqrt(heat.length);
  const image = new ImageData(count, count);
  heat.forEach((share, i) => {
    const [from, to, part] =
      share < 0.5 ? [palette.low, palette.middle, 2 * share] : [palette.middle, palette.high, 2 * share - 1];
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = from[c]! + part * (to[c]! - from[c]!);
    image.data[4 * i + 3] = 255;
  });
  const small = document.createElement('canvas');
  small.width = small.height = count;
  small.getContext('2d')!.putImageData(image, 0, 0);
  const { width } = context.canvas;
  context.imageSmoothingQuality = 'high';
  const margin = (0.5 * width) / (count - 1);
  context.drawImage(small, -margin, -margin, width + 2 * margin, width + 2 * margin);
}

/** An arrow against each gradient; its length grows with the gradient up to a limit, so that vanishing gradients show. */
function arrowPath(
  samples: Float32Array,
  slopes: Float32Array,
  side: number,
  at: (value: number) => number,
): Path2D {
  const path = new Path2D();
  for (let i = 0; i < slopes.length; i += 2) {
    const size = Math.hypot(slopes[i]!, slopes[i + 1]!);
    if (!(size > 0)) continue;
    const length = (longest * side * size) / (size + half);
    const [dx, dy] = [-slopes[i]! / size, slopes[i + 1]! / size];
    const [x, y] = [at(samples[i]!), at(-samples[i + 1]!)];
    const [tipX, tipY] = [x + dx * length, y + dy * length];
    const head = length / 3;
    path.moveTo(x, y);
    path.lineTo(tipX, tipY);
    path.lineTo(tipX - head * (dx + dy / 2), tipY - head * (dy - dx / 2));
    path.moveTo(tipX, tipY);
    path.lineTo(tipX - head * (dx - dy / 2), tipY - head * (dy + dx / 2));
  }
  return path;
}

/** Scores as shares: probabilities as they are, others by their place between the least and the greatest. */
export function sharesOf(scores: Float32Array, logit: 'probability' | 'score'): Float32Array {
  if (logit === 'probability') return scores;
  let [least, most] = [Infinity, -Infinity];
  for (const score of scores) [least, most] = [Math.min(least, score), Math.max(most, score)];
  const range = most - least || 1;
  return scores.map((score) => (score - least) / range);
}
