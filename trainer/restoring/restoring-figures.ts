// Closeness (PSNR, SSIM) of restored images to their originals, and of the baselines for comparison.
import type { Degraded } from '../../runtime-web/format/restoring/finish.ts';
import { psnr } from '../metrics/psnr.ts';
import { ssim } from '../metrics/ssim.ts';

/** Methods that are compared, in the order of a table's rows. */
export const restoringWays = ['degraded', 'plain', 'nearest', 'drawn', 'restored'] as const;
/** See {@link restoringWays}. */
export type RestoringWay = (typeof restoringWays)[number];

/** Names of the methods for tables. */
export function wayNames(task: Degraded['task']): Readonly<Record<RestoringWay, string>> {
  const plain = {
    inpaint: 'mean of the known colours',
    denoise: 'smoothing without the generator',
    colourise: 'left grey',
  }[task];
  const nearest = task === 'colourise' ? "nearest training image's colour" : 'nearest training image';
  return {
    degraded: 'degraded',
    plain,
    nearest,
    drawn: "the generator's picture",
    restored: 'restored',
  };
}

/** PSNR in dB (at most 100) and SSIM, over the missing pixels, or over all pixels without a mask. */
export interface Closeness {
  readonly psnr: number;
  readonly ssim: number;
}

/** Upper limit of PSNR: identical images have an infinite one, which would spoil the mean. */
const maxDecibels = 100;

/** Closeness of one image to its original. */
export function closenessOf(picture: Float32Array, original: Float32Array, degraded: Degraded): Closeness {
  const { channels, mask } = degraded;
  return {
    psnr: Math.min(maxDecibels, psnr(picture, original, channels, mask)),
    ssim: ssim(picture, original, degraded, mask),
  };
}

/** Mean over several images. */
export function meanCloseness(list: readonly Closeness[]): Closeness {
  const mean = (value: (one: Closeness) => number): number =>
    list.reduce((sum, one) => sum + value(one), 0) / list.length;
  return { psnr: mean((one) => one.psnr), ssim: mean((one) => one.ssim) };
}
