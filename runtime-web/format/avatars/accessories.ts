// Accessories: hat, glasses, earrings.
import type { Shape } from './canvas.ts';
import { eyeHeight, eyeLongitude } from './eyes.ts';
import { newSurface } from './head.ts';
import { shade } from './light.ts';
import type { Colour } from './palette.ts';
import { hex, mixed } from './palette.ts';
import type { Scene } from './scene.ts';
import { ellipse, stroke } from './shapes.ts';

const frame = hex('#2c2a3a');
const gold = hex('#f6c945');

/** Draws a knitted hat with a pompom, in the colour of the clothes; its ribs turn with the head. */
export function drawHat({ canvas, head, light, clothes }: Scene): void {
  const at = newSurface();
  const scale = 1.17;
  const dome = head.outline(scale);
  const { centreX, centreY, halfWidth, halfHeight } = head;
  const brim = centreY - halfHeight * 0.6;
  const wide = halfWidth * 1.35;
  const box = [centreX - wide, -1, centreX + wide, brim + 0.2] as const;
  const hanging = (x: number): number => 0.055 * (1 - ((x - centreX) / wide) ** 2);
  const white: Colour = [0.97, 0.95, 0.92];
  const trim = mixed(clothes, white, 0.55);
  const ballY = -0.755;
  canvas.paint([-0.3, -1, 0.3, -0.5], fluffy(centreX, ballY, 0.125), (x, y, out) => {
    shade(trim, light.on((x - centreX) / 0.2, (y - ballY) / 0.2, 0.6), out);
  });
  const cap: Shape = (x, y) => Math.max(dome(x, y), y - brim - hanging(x));
  canvas.paint(box, cap, (x, y, out) => {
    head.surface(x, y, scale, at);
    shade(clothes, light.on(at.nx, at.ny * 0.8, at.nz), out);
    const rib = 0.93 + 0.07 * Math.cos(at.longitude * 16);
    for (let c = 0; c < 3; c++) out[c]! *= rib;
  });
  const band: Shape = (x, y) => {
    const middle = brim + hanging(x) - 0.03;
    return Math.max(Math.abs(y - middle) - 0.085, dome(x, y) - 0.03);
  };
  canvas.paint(box, (x, y) => band(x, y - 0.04), [0.25, 0.1, 0.12], 0.25, 0.05);
  canvas.paint(box, band, (x, y, out) => {
    head.surface(x, y, scale * 1.04, at);
    shade(trim, light.on(at.nx, at.ny * 0.3, at.nz), out);
    const rib = 0.9 + 0.1 * Math.cos(at.longitude * 26);
    for (let c = 0; c < 3; c++) out[c]! *= rib;
  });
}

/** Draws round glasses: rims, bridge, temples, and a glint on the lenses. */
export function drawGlasses({ canvas, head, light }: Scene): void {
  const rims: { x: number; y: number; rx: number }[] = [];
  for (const side of [-1, 1]) {
    const { x, y, squeeze } = head.spot(side * (eyeLongitude + 0.01), eyeHeight + 0.02, 1.06);
    rims.push({ x, y, rx: 0.19 * (0.3 + 0.7 * squeeze) });
    const ear = head.spot(side * (Math.PI / 2 - 0.12), eyeHeight - 0.02, 1);
    const outer = x + side * 0.19 * (0.3 + 0.7 * squeeze);
    if ((ear.x - outer) * side > 0) {
      const temple = stroke(outer, y - 0.03, ear.x, ear.y, 0.02);
      canvas.paint(
        [Math.min(outer, ear.x) - 0.05, y - 0.2, Math.max(outer, ear.x) + 0.05, y + 0.2],
        temple,
        frame,
      );
    }
  }
  const [left, right] = rims as [(typeof rims)[0], (typeof rims)[0]];
  const bridge = stroke(
    left.x + left.rx * 0.97,
    left.y - 0.02,
    right.x - right.rx * 0.97,
    right.y - 0.02,
    0.02,
  );
  canvas.paint([left.x, left.y - 0.1, right.x, right.y + 0.1], bridge, frame);
  for (const { x, y, rx } of rims) {
    const ry = 0.185;
    const glass = ellipse(x, y, rx, ry);
    const box = [x - rx - 0.03, y - ry - 0.03, x + rx + 0.03, y + ry + 0.03] as const;
    canvas.paint(box, glass, [0.8, 0.93, 1], 0.16);
    const shift = 0.09 * Math.sign(light.x || 1);
    const glint = stroke(x + shift - 0.02, y - 0.12, x + shift - 0.06, y + 0.02, 0.016);
    canvas.paint(box, (px, py) => Math.max(glint(px, py), glass(px, py)), [1, 1, 1], 0.55);
    canvas.paint(box, (px, py) => Math.abs(glass(px, py)) - 0.021, frame);
  }
}

/** Draws a golden ring under an ear. @param side -1 for the image's left, 1 for its right. */
export function drawEarring({ canvas, head, light }: Scene, side: -1 | 1): void {
  const ear = head.spot(side * (Math.PI / 2 - 0.12), 0.12, 1.07);
  const y = ear.y + 0.17;
  const r = 0.058;
  const ring = ellipse(ear.x, y, r, r);
  const ink = new Float64Array(3);
  shade(gold, 0.45 + 0.5 * (0.5 + 0.5 * side * light.x), ink);
  canvas.paint([ear.x - 0.1, y - 0.1, ear.x + 0.1, y + 0.1], (px, py) => Math.abs(ring(px, py)) - 0.024, [
    ink[0]!,
    ink[1]!,
    ink[2]!,
  ]);
}

/** A circle with a slightly wavy edge. */
function fluffy(cx: number, cy: number, r: number): Shape {
  const base = ellipse(cx, cy, r, r);
  return (x, y) => base(x, y) - 0.0045 * Math.sin(Math.atan2(x - cx, y - cy) * 13);
}
