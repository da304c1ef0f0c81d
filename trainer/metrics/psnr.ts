// Peak signal-to-noise ratio: how large the mean square of the difference of two pictures is beside their range.

/**
 * In decibels, of values in [-1, 1]; Infinity where there is no difference. `pixels` [side · side], where given, says which
 * pixels count: those that are not 0.
 */
export function psnr(
  picture: ArrayLike<number>,
  original: ArrayLike<number>,
  channels: number,
  pixels: ArrayLike<number> | null = null,
): number {
  let squares = 0;
  let count = 0;
  for (let i = 0; i < original.length; i++) {
    if (pixels !== null && !(pixels[Math.floor(i / channels)]! > 0)) continue;
    squares += (picture[i]! - original[i]!) ** 2;
    count += 1;
  }
  return 10 * Math.log10(4 / (squares / count));
}
