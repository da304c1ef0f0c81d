// Converts images without alpha between numbers of channels.
import type { Channels } from './image-shape.ts';
import { toGrey } from './grey.ts';

/** [n, from] uint8 → [n, to] uint8: colour becomes grey by luma, grey is repeated, and a new alpha is opaque. */
export function inChannels(pixels: Uint8Array, from: 1 | 3, to: Channels): Uint8Array {
  if (from === to) return pixels;
  if (to === 1) return toGrey(pixels);
  const count = pixels.length / from;
  const out = new Uint8Array(count * to).fill(255);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) out[i * to + c] = pixels[from === 1 ? i : 3 * i + c]!;
  }
  return out;
}
