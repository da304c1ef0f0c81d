// The figure of a sum of latents, laid out as figure 7 of Radford 2016: a column of exemplars for each term with their mean below,
// signs between the means, and at the right the sum in the middle of its eight neighbours.
import { type ImageSize } from '../../../runtime-web/format/image-shape.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { gridPng, layGrid } from '../../pictures/grid.ts';

/** Images of one term, each [1, height, width, channels] in [-1, 1]. */
export interface FigureTerm {
  readonly sign: 1 | -1;
  readonly exemplars: readonly HostTensor[];
  readonly mean: HostTensor;
}

const white = 255;
const ink = 40;

/** Width and height of a figure in pixels, and the positions of its parts; `tile` is the size of an image. */
export function figureLayout(exemplars: readonly number[], tile: ImageSize) {
  const gap = Math.max(2, Math.round(tile.width / 8));
  /** Distance between two columns: a sign with space on both sides. */
  const between = Math.round(tile.width / 2) + 2 * gap;
  const tallest = Math.max(...exemplars);
  const height = Math.max(tallest * tile.height + 2 * gap + tile.height, 3 * tile.height) + 2 * gap;
  const meanTop = height - gap - tile.height;
  const columns = exemplars.map((_, i) => gap + i * (tile.width + between));
  const resultLeft = gap + exemplars.length * (tile.width + between);
  return { gap, between, height, meanTop, columns, resultLeft, width: resultLeft + 3 * tile.width + gap };
}

/**
 * A sum's figure as a PNG; each pixel of an image becomes a square of `scale` by `scale`. `nine` are the images of the sum and its
 * neighbours, row by row.
 */
export async function sumFigure(
  terms: readonly FigureTerm[],
  nine: readonly HostTensor[],
  scale: number,
): Promise<Uint8Array> {
  const [, tall, wide] = nine[0]!.shape as [number, number, number];
  const tile = { width: wide * scale, height: tall * scale };
  const at = figureLayout(
    terms.map(({ exemplars }) => exemplars.length),
    tile,
  );
  const { width, height, gap, between, meanTop, columns, resultLeft } = at;
  const pixels = new Uint8Array(width * height * 3).fill(white);
  const fill = (left: number, top: number, across: number, down: number): void => {
    for (let y = top; y < top + down; y++)
      pixels.fill(ink, (y * width + left) * 3, (y * width + left + across) * 3);
  };
  const put = (image: HostTensor, left: number, top: number): void => {
    const { channels, pixels: bytes, width: line } = layGrid(image);
    for (let y = 0; y < tile.height; y++) {
      for (let x = 0; x < tile.width; x++) {
        const from = (Math.floor(y / scale) * line + Math.floor(x / scale)) * channels;
        const alpha = channels === 4 ? bytes[from + 3]! / 255 : 1;
        for (let c = 0; c < 3; c++) {
          const byte = bytes[from + (channels === 1 ? 0 : c)]!;
          pixels[((top + y) * width + left + x) * 3 + c] = Math.round(byte * alpha + white * (1 - alpha));
        }
      }
    }
  };
  const thick = Math.max(1, Math.round(tile.width / 24));
  /** A sign in the space before `left`, made of bars. */
  const sign = (kind: '+' | '-' | '=', left: number): void => {
    const side = Math.round(tile.width / 4);
    const [x, y] = [
      left - Math.round(between / 2) - Math.round(side / 2),
      meanTop + Math.round(tile.height / 2),
    ];
    const offset = kind === '=' ? Math.max(1, Math.round(side / 4)) : 0;
    fill(x, y - offset - Math.floor(thick / 2), side, thick);
    if (kind === '=') fill(x, y + offset - Math.floor(thick / 2), side, thick);
    if (kind === '+')
      fill(x + Math.round((side - thick) / 2), y - Math.round((side - thick) / 2), thick, side);
  };
  terms.forEach(({ sign: signed, exemplars, mean }, i) => {
    const left = columns[i]!;
    exemplars.forEach((image, k) =>
      put(image, left, meanTop - 2 * gap - (exemplars.length - k) * tile.height),
    );
    fill(left, meanTop - gap - Math.floor(thick / 2), tile.width, thick);
    put(mean, left, meanTop);
    if (i > 0) sign(signed > 0 ? '+' : '-', left);
  });
  sign('=', resultLeft);
  nine.forEach((image, i) =>
    put(image, resultLeft + (i % 3) * tile.width, height - gap - (3 - Math.floor(i / 3)) * tile.height),
  );
  return gridPng({ width, height, channels: 3, pixels });
}
