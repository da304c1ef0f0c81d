// Alpha: networks make premultiplied colours, pictures have straight ones. The trainer and pages share the rounding.

/**
 * The byte of a straight colour: `value` is premultiplied and `alpha` its alpha, both in [-1, 1]. 0 where the alpha rounds to 0; values
 * outside the range are clamped.
 */
export function straightByte(value: number, alpha: number): number {
  const opacity = Math.min(255, (alpha + 1) * 127.5);
  if (!(opacity >= 0.5)) return 0;
  return Math.min(255, Math.max(0, Math.round((255 * (value + 1) * 127.5) / opacity)));
}
