// How near restored pictures are to their originals, beside what anybody would do without a generator.
import type { Degraded } from '../../runtime-web/format/restoring/finish.ts';
import { psnr } from '../metrics/psnr.ts';
import { ssim } from '../metrics/ssim.ts';

/** Ways to a whole picture, in the order of a table's rows. */
export const restoringWays = ['degraded', 'plain', 'nearest', 'drawn', 'restored'] as const;
/** See {@link restoringWays}. */
export type RestoringWay = (typeof restoringWays)[number];

/** What the ways are called. */
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

/** PSNR in dB, at most 100, and SSIM, of the pixels that were missing, or of all where none were. */
export interface Closeness {
  readonly psnr: number;
  readonly ssim: number;
}

/** Where two pictures are the same, or next to it: an infinite figure would leave no mean. */
const mostDecibels = 100;

/** One picture's closeness. */
export function closenessOf(picture: Float32Array, original: Float32Array, degraded: Degraded): Closeness {
  const { side, channels, mask } = degraded;
  return {
    psnr: Math.min(mostDecibels, psnr(picture, original, channels, mask)),
    ssim: ssim(picture, original, side, channels, mask),
  };
}

/** The mean of several. */
export function meanCloseness(list: readonly Closeness[]): Closeness {
  const mean = (value: (one: Closeness) => number): number =>
    list.reduce((sum, one) => sum + value(one), 0) / list.length;
  return { psnr: mean((one) => one.psnr), ssim: mean((one) => one.ssim) };
}
