// The bare face: ears, skin, cheeks, freckles and nose.
import type { Colour } from './palette.ts';
import { mixed } from './palette.ts';
import { newSurface } from './head.ts';
import { shade } from './light.ts';
import type { Scene } from './scene.ts';
import { arc, clamp, ellipse } from './shapes.ts';

const rose: Colour = [0.93, 0.36, 0.34];

/** Longitude and height of the freckles on one side; the other side is mirrored. */
const freckles: readonly (readonly [number, number])[] = [
  [0.34, 0.33],
  [0.5, 0.29],
  [0.64, 0.35],
  [0.42, 0.42],
  [0.58, 0.44],
  [0.75, 0.27],
  [0.15, 0.2],
];

/** Draws one ear; before the skin if it is behind the head. @param side -1 for the image's left, 1 for its right. */
export function drawEar({ canvas, head, light, skin }: Scene, side: -1 | 1): void {
  const { x, y } = head.spot(side * (Math.PI / 2 - 0.12), 0.12, 1.05);
  const rx = 0.085;
  const ry = 0.125;
  canvas.paint([x - rx, y - ry, x + rx, y + ry], ellipse(x, y, rx, ry), (px, py, out) => {
    shade(skin, 0.9 * light.on((px - x) / rx / 1.6 + side * 0.3, (py - y) / ry / 2, 0.7), out);
  });
  const inner = mixed(skin, rose, 0.28);
  canvas.paint(
    [x - rx, y - ry, x + rx, y + ry],
    ellipse(x + side * 0.008, y + 0.005, rx * 0.5, ry * 0.6),
    [inner[0] * 0.82, inner[1] * 0.78, inner[2] * 0.78],
    0.8,
  );
}

/** Draws the lit skin with blushing cheeks. */
export function drawSkin({ canvas, head, light, skin }: Scene): void {
  const at = newSurface();
  const { centreX, centreY, halfWidth, halfHeight } = head;
  canvas.paint(
    [centreX - 1.1 * halfWidth, centreY - halfHeight, centreX + 1.1 * halfWidth, centreY + halfHeight],
    head.outline(),
    (x, y, out) => {
      head.surface(x, y, 1, at);
      shade(skin, light.on(at.nx, 0.8 * at.ny, at.nz), out);
      const cheek = Math.abs(Math.abs(at.longitude) - 0.62) / 0.3;
      const level = (at.height - 0.36) / 0.2;
      const distance = cheek * cheek + level * level;
      if (distance < 4) {
        const blush = 0.3 * Math.exp(-1.3 * distance);
        for (let c = 0; c < 3; c++) out[c]! += (rose[c]! * (0.55 + 0.45 * out[0]!) - out[c]!) * blush;
      }
    },
  );
}

/** Draws freckles on cheeks and nose. */
export function drawFreckles({ canvas, head, skin, light }: Scene): void {
  const ink = new Float64Array(3);
  shade([skin[0] * 0.66, skin[1] * 0.5, skin[2] * 0.42], 0.55 + 0.25 * light.z, ink);
  const colour: Colour = [ink[0]!, ink[1]!, ink[2]!];
  for (const [longitude, height] of freckles) {
    for (const side of [-1, 1]) {
      const { x, y, squeeze } = head.spot(side * longitude, height + 0.012 * side);
      if (squeeze < 0.12) continue;
      const r = 0.021;
      canvas.paint(
        [x - r, y - r, x + r, y + r],
        ellipse(x, y, r * clamp(squeeze + 0.1, 0.4, 1), r),
        colour,
        0.85,
      );
    }
  }
}

/** Draws the nose: a lit ball, its shadow on the side away from the light, and a line below. */
export function drawNose({ canvas, head, light, skin }: Scene): void {
  const { x, y } = head.spot(0, 0.27, 1.2);
  const root = head.spot(0, 0.2, 1.02);
  const r = 0.075;
  const dark: Colour = [skin[0] * 0.7, skin[1] * 0.55, skin[2] * 0.52];
  const shadowX = x - 0.05 * light.x + 0.3 * (root.x - x);
  canvas.paint(
    [x - 0.2, y - 0.15, x + 0.2, y + 0.2],
    ellipse(shadowX, y + 0.028, r * 1.05, r * 0.85),
    dark,
    0.55,
    0.07,
  );
  canvas.paint([x - r, y - r, x + r, y + r], ellipse(x, y, r, r * 0.86), (px, py, out) => {
    const u = (px - x) / r;
    const v = (py - y) / r;
    const normalZ = Math.sqrt(Math.max(0, 1 - u * u - v * v));
    shade(mixed(skin, rose, 0.12), 0.12 + 0.9 * light.on(u, v, normalZ), out);
  });
  canvas.paint([x - r, y, x + r, y + r], arc(x, y + 0.042, 0.05, 0.022, 0.014), dark, 0.75);
}
