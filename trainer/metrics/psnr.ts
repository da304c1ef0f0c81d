// Peak signal-to-noise ratio: the range of the values relative to the mean squared difference of two images.

/**
 * In decibels, for values in [-1, 1]; Infinity for equal images. If `pixels` [side · side] is given, only pixels where it
 * is not 0 count.
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
