// Conversion between image bytes (0 to 255) and the networks' floats ([-1, 1]). The browser rounds the same way (worker/paint.ts).
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import { straightByte } from '../../runtime-web/format/straight-byte.ts';

/** 0 to 255 → [-1, 1]. */
export const toFloat = (byte: number): number => byte / 127.5 - 1;

/** [-1, 1] → 0 to 255, rounded; values outside the range are clamped. NaN stays NaN, which a byte array stores as 0. */
export const toByte = (value: number): number => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));

/** {@link toFloat} of every byte, written to `into` (at least as long as `bytes`) and returned. */
export function toFloats(
  bytes: ArrayLike<number>,
  into: Float32Array<ArrayBuffer> = new Float32Array(bytes.length),
): Float32Array<ArrayBuffer> {
  for (let i = 0; i < bytes.length; i++) into[i] = toFloat(bytes[i]!);
  return into;
}

/** {@link toByte} of every value; with 4 channels the bytes stay premultiplied. */
export function toBytes(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = toByte(values[i]!);
  return bytes;
}

/**
 * Writes values [n, channels] in [-1, 1] as bytes of an image file: with 4 channels, premultiplied colours become straight
 * ones.
 */
export function writeBytes(values: Float32Array, channels: Channels, into: Uint8Array): void {
  for (let i = 0; i < values.length; i++) into[i] = toByte(values[i]!);
  if (channels !== 4) return;
  for (let i = 0; i < values.length; i += 4) {
    for (let c = i; c < i + 3; c++) into[c] = straightByte(values[c]!, values[i + 3]!);
  }
}
