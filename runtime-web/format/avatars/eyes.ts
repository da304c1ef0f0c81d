// Eyes and eyebrows.
import type { Colour } from './palette.ts';
import { eyePalette, hex, mixed } from './palette.ts';
import type { Scene } from './scene.ts';
import type { Shape } from './canvas.ts';
import { arc, ellipse } from './shapes.ts';

/** Longitude of the eyes on the head, in radians to either side of the nose. */
export const eyeLongitude = 0.41;
/** Height of the eyes' centres on the head: -1 crown, 1 chin. */
export const eyeHeight = 0.02;

const eyeWhite = hex('#fffdf8');
const ink = hex('#2a2130');

/** Draws both eyes, looking at the viewer. */
export function drawEyes({ canvas, head, attributes, light, skin }: Scene): void {
  const iris = eyePalette[attributes.eyeColour];
  const irisRim: Colour = [iris[0] * 0.55, iris[1] * 0.55, iris[2] * 0.58];
  for (const side of [-1, 1]) {
    const { x, y, squeeze } = head.spot(side * eyeLongitude, eyeHeight, 0.99);
    const rx = 0.118 * (0.25 + 0.75 * squeeze);
    const ry = 0.135;
    const box = [x - rx - 0.02, y - ry - 0.05, x + rx + 0.02, y + ry + 0.02] as const;
    // The upper lid covers the top of the eyeball, which gives a relaxed look.
    const ball = ellipse(x, y, rx, ry);
    const lidAt = (px: number): number => y - ry * (0.62 - 0.45 * ((px - x) / rx) ** 2);
    const eye: Shape = (px, py) => Math.max(ball(px, py), lidAt(px) - py);
    const socket: Colour = [skin[0] * 0.72, skin[1] * 0.58, skin[2] * 0.56];
    canvas.paint(box, ellipse(x, y, rx + 0.02, ry + 0.02), socket, 0.5, 0.05);
    canvas.paint(box, eye, (_, py, out) => {
      const lidShadow = 0.8 + 0.2 * Math.min(1, Math.max(0, (py - y + ry) / (0.55 * ry)));
      for (let c = 0; c < 3; c++) out[c] = eyeWhite[c]! * lidShadow;
    });
    // The iris moves against the turn of the head, so that a turned head still looks at the viewer.
    const irisX = x - 0.028 * Math.sin(head.turn);
    const irisY = y + 0.012;
    const r = 0.088;
    const width = r * (0.3 + 0.7 * squeeze);
    const within =
      (shape: typeof eye): typeof eye =>
      (px, py) =>
        Math.max(shape(px, py), eye(px, py));
    canvas.paint(box, within(ellipse(irisX, irisY, width, r)), irisRim);
    canvas.paint(box, within(ellipse(irisX, irisY + 0.008, width * 0.82, r * 0.82)), (_, py, out) => {
      const glow = 0.88 + 0.3 * ((py - irisY) / r);
      for (let c = 0; c < 3; c++) out[c] = Math.min(1, iris[c]! * glow);
    });
    canvas.paint(box, ellipse(irisX, irisY, width * 0.52, r * 0.52), ink);
    const glintX = irisX + 0.03 * light.x;
    canvas.paint(box, ellipse(glintX, irisY - 0.036, 0.026, 0.028), eyeWhite, 0.95);
    const lid = arc(x, y - ry * 0.17, rx * 1.06, -ry * 0.47, 0.022);
    canvas.paint([box[0], y - ry - 0.06, box[2], y + 0.02], lid, ink);
  }
}

/** Draws both eyebrows, darker than the hair. */
export function drawBrows({ canvas, head, attributes, hair }: Scene): void {
  const thickness = attributes.thickBrows ? 0.046 : 0.018;
  const base = mixed(hair, ink, attributes.hairColour === 'black' ? 0.25 : 0.45);
  const raise = attributes.smile ? -0.02 : 0;
  for (const side of [-1, 1]) {
    const { x, y, squeeze } = head.spot(side * (eyeLongitude + 0.02), -0.29 + raise, 1.02);
    const width = 0.13 * (0.2 + 0.8 * squeeze);
    canvas.paint(
      [x - width - 0.06, y - 0.12, x + width + 0.06, y + 0.08],
      arc(x, y, width, -0.045, thickness),
      base,
    );
  }
}
