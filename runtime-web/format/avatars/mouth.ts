// The mouth: closed or open, smiling or not.
import type { Shape } from './canvas.ts';
import type { Colour } from './palette.ts';
import { hex, mixed } from './palette.ts';
import type { Scene } from './scene.ts';
import { arc, ellipse } from './shapes.ts';

const inside = hex('#6d1f2b');
const tongue = hex('#ea6a72');
const teeth = hex('#fffaf2');
const lips = hex('#b5404a');

/** Height of the mouth's centre on the head: -1 crown, 1 chin. */
export const mouthHeight = 0.56;

/** Draws one of the four mouths. */
export function drawMouth(scene: Scene): void {
  const { canvas, head, attributes, skin } = scene;
  const { x, y, squeeze } = head.spot(0, mouthHeight, 1.03);
  const narrow = 0.25 + 0.75 * squeeze;
  // Darker than light skin, rosier than dark skin.
  const lip: Colour = mixed(mixed(skin, lips, 0.8), [0.25, 0.08, 0.1], 0.3 * skin[1]);
  const box = [x - 0.3, y - 0.2, x + 0.3, y + 0.25] as const;
  if (!attributes.mouthOpen) {
    const shape = attributes.smile
      ? arc(x, y - 0.055, 0.2 * narrow, 0.115, 0.028)
      : arc(x, y + 0.008, 0.12 * narrow, 0.014, 0.027);
    canvas.paint(box, shape, lip);
    const lowerLip: Colour = [skin[0] * 0.72, skin[1] * 0.56, skin[2] * 0.54];
    const dip = attributes.smile ? y + 0.115 : y + 0.075;
    canvas.paint(box, ellipse(x, dip, 0.06 * narrow, 0.016), lowerLip, 0.5, 0.03);
    return;
  }
  const mouth = attributes.smile
    ? grin(x, y - 0.055, 0.205 * narrow)
    : ellipse(x, y + 0.025, 0.085 * narrow, 0.105);
  canvas.paint(box, (px, py) => mouth(px, py) - 0.024, lip);
  canvas.paint(box, mouth, inside);
  const tonguePart = ellipse(x, y + 0.115, 0.095 * narrow, 0.06);
  canvas.paint(box, (px, py) => Math.max(mouth(px, py), tonguePart(px, py)), tongue);
  const bite = attributes.smile ? y + 0.005 : y - 0.048;
  canvas.paint(box, (px, py) => Math.max(mouth(px, py), py - bite), teeth);
}

/** An open smile: half an ellipse below a slightly hanging upper edge. */
function grin(cx: number, top: number, w: number): Shape {
  const lower = ellipse(cx, top, w, 0.185);
  return (x, y) => {
    const t = (x - cx) / w;
    const upper = top + 0.03 * (1 - t * t) - y;
    return Math.max(upper, lower(x, y));
  };
}
