// A full beard with moustache, in the colour of the hair, with the lips left out.
import type { Shape } from './canvas.ts';
import { newSurface } from './head.ts';
import { mouthHeight } from './mouth.ts';
import { mixed } from './palette.ts';
import type { Scene } from './scene.ts';
import { ellipse, smoothstep } from './shapes.ts';

/** Draws the beard; after the skin, before the mouth. */
export function drawBeard({ canvas, head, attributes, light, hair }: Scene): void {
  const scale = 1.05;
  const at = newSurface();
  const outline = head.outline(scale);
  const mouth = head.spot(0, mouthHeight + 0.03, 1.03);
  const open = attributes.mouthOpen || attributes.smile;
  const lips = ellipse(
    mouth.x,
    mouth.y,
    (open ? 0.2 : 0.15) * (0.25 + 0.75 * mouth.squeeze),
    open ? 0.13 : 0.06,
  );
  const shape: Shape = (x, y) => {
    const edge = outline(x, y);
    if (edge > 0.06) return edge;
    head.surface(x, y, scale, at);
    const side = Math.abs(at.longitude);
    // The upper edge: over the lip in the middle, lower on the cheeks, up to the ears.
    const upper = 0.41 + 0.1 * smoothstep(0, 0.55, side) - 0.6 * smoothstep(0.8, 1.4, side);
    return Math.max(edge, (upper - at.height) * head.halfHeight * 0.85, -lips(x, y));
  };
  const base = mixed(hair, [0.16, 0.09, 0.07], 0.3);
  const { centreX, centreY, halfWidth, halfHeight } = head;
  const box = [
    centreX - 1.2 * halfWidth,
    centreY - 0.1,
    centreX + 1.2 * halfWidth,
    centreY + halfHeight * scale,
  ] as const;
  canvas.paint(box, shape, (x, y, out) => {
    head.surface(x, y, scale, at);
    const lit = light.on(at.nx, at.ny * 0.7, at.nz);
    const strands = 1 + 0.05 * Math.sin(at.longitude * 34);
    for (let c = 0; c < 3; c++) out[c] = Math.min(1, base[c]! * (0.66 + 0.48 * lit) * strands);
  });
}
