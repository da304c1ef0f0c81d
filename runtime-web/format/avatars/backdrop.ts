// Background and body: the plain background, brighter towards the light, then neck, shoulders and clothes.
import { backgroundPalette, mixed } from './palette.ts';
import type { Colour } from './palette.ts';
import type { Scene } from './scene.ts';
import { clamp, ellipse, roundedBox, smoothstep, stroke } from './shapes.ts';
import { shade } from './light.ts';

const white: Colour = [1, 1, 1];

/** Fills the image with the background. */
export function drawBackground({ canvas, attributes, light }: Scene): void {
  const base = backgroundPalette[attributes.background];
  const near = mixed(base, white, 0.28);
  const far: Colour = [base[0] * 0.88, base[1] * 0.86, base[2] * 0.9];
  canvas.paint(
    [-1, -1, 1, 1],
    () => -1,
    (x, y, out) => {
      const towards = clamp(0.5 + 0.42 * (x * light.x + y * light.y), 0, 1);
      for (let c = 0; c < 3; c++) out[c] = far[c]! + (near[c]! - far[c]!) * towards;
    },
  );
}

/** Draws shoulders, clothes and neck. */
export function drawBody({ canvas, head, light, skin, clothes }: Scene): void {
  const middle = -0.4 * head.centreX;
  const width = 0.8;
  const shoulders = ellipse(middle, 1.15, width, 0.5);
  canvas.paint([-1, 0.6, 1, 1], shoulders, (x, y, out) => {
    const u = (x - middle) / width;
    shade(clothes, light.on(u * 0.8, -0.35, Math.sqrt(Math.max(0.1, 1 - u * u))), out);
    const fold = 0.93 + 0.07 * smoothstep(0.65, 0.8, y);
    for (let c = 0; c < 3; c++) out[c]! *= fold;
  });
  const collar: Colour = [clothes[0] * 0.8, clothes[1] * 0.78, clothes[2] * 0.82];
  canvas.paint([-0.3, 0.5, 0.3, 1], ellipse(middle, 0.685, 0.245, 0.11), collar);
  const chin = head.centreY + head.halfHeight;
  const neck = stroke(middle + head.centreX, 0.35, middle, 0.66, 0.185, 0.195);
  const opening = ellipse(middle, 0.66, 0.2, 0.1);
  const box = roundedBox(middle, 0.5, 0.25, 0.17, 0.05);
  canvas.paint(
    [-0.3, 0.3, 0.3, 0.8],
    (x, y) => Math.min(Math.max(neck(x, y), box(x, y)), opening(x, y)),
    (x, y, out) => {
      const u = clamp((x - middle) / 0.2, -1, 1);
      const underChin =
        0.25 + 0.75 * smoothstep(chin - 0.02, chin + 0.24, y + 0.12 * Math.abs(u) - 0.08 * u * light.x);
      shade(skin, underChin * light.on(u, 0, Math.sqrt(1 - u * u)), out);
    },
  );
}
