// The finding of restoring, for the run's report: figures of the restored images and of the baselines, and a sheet of images.
import type { RestoringTask } from '../../runtime-web/format/restoring/task.ts';
import type { Finding } from '../findings/findings.ts';
import { gridPng, joinGrids, rowOfImages } from '../pictures/grid.ts';
import type { RestoredPicture } from './restore-pictures.ts';
import {
  meanCloseness,
  restoringWays,
  wayNames,
  type Closeness,
  type RestoringWay,
} from './restoring-figures.ts';

/** Maximum number of images on the sheet. */
const maxOnSheet = 24;

/** Settings that the images were degraded and restored with. */
export interface RestoringAccount {
  /** The finding's name: `restore-centre`. */
  readonly name: string;
  readonly task: RestoringTask;
  /** The checkpoint's step. */
  readonly step: number;
  /**
   * The degradation in words: `without a square in the middle, 0.4 of the area`; null if the images were given degraded.
   */
  readonly degradation: string | null;
  readonly model: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

const titles: Readonly<Record<RestoringTask, string>> = {
  inpaint: 'Holes filled',
  denoise: 'Noise removed',
  colourise: 'Grey pictures coloured',
};

/** Means by method over the images with known originals; null if there are none. */
export function meanFigures(
  pictures: readonly RestoredPicture[],
): Readonly<Record<RestoringWay, Closeness>> | null {
  const known = pictures.flatMap(({ closeness }) => (closeness === null ? [] : [closeness]));
  if (known.length === 0) return null;
  return Object.fromEntries(
    restoringWays.map((way) => [way, meanCloseness(known.map((one) => one[way]))]),
  ) as Record<RestoringWay, Closeness>;
}

/** The finding. */
export async function restoringFinding(
  pictures: readonly RestoredPicture[],
  account: RestoringAccount,
): Promise<Finding> {
  const { name, task, step, degradation, model, settings } = account;
  const figures = meanFigures(pictures);
  const names = wayNames(task);
  const shown = pictures.slice(0, maxOnSheet);
  const hasOriginals = shown.every(({ original }) => original !== null);
  const { degraded: shape } = pictures[0]!;
  const groups = shown.map(({ pictures: { degraded, drawn, restored: found }, original }) =>
    rowOfImages([degraded, drawn, found, ...(hasOriginals ? [original!] : [])], shape),
  );
  const scale = Math.max(1, Math.floor(128 / Math.max(shape.width, shape.height)));
  const where = task === 'inpaint' ? 'of the missing pixels' : 'of all pixels';
  const sheet = await gridPng(joinGrids(groups, 2, 4), scale);
  const restored = figures?.restored;
  return {
    name,
    title: titles[task],
    step,
    summary:
      `${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'} restored by ${model}` +
      (degradation === null ? '' : ` (${degradation})`) +
      (restored === undefined
        ? '.'
        : `: ${restored.psnr.toFixed(2)} dB and SSIM ${restored.ssim.toFixed(3)} ${where}, ` +
          `by ${names.plain} ${figures!.plain.psnr.toFixed(2)} dB and ${figures!.plain.ssim.toFixed(3)}.`),
    ...(figures !== null && {
      tables: [
        {
          caption: `Closeness to the original, ${where}; means over ${pictures.length} pictures`,
          columns: ['', 'PSNR, dB', 'SSIM'],
          rows: restoringWays.map((way) => [
            names[way],
            figures[way].psnr.toFixed(2),
            figures[way].ssim.toFixed(3),
          ]),
        },
      ],
    }),
    pictures: [
      {
        file: 'comparison.png',
        content: sheet,
        caption:
          `Each group: degraded, the generator's picture, restored${hasOriginals ? ', original' : ''}` +
          (shown.length < pictures.length ? `; the first ${shown.length} of ${pictures.length}` : ''),
      },
    ],
    data: {
      task,
      degradation,
      settings,
      figures,
      pictures: pictures.map(({ name: picture, loss, closeness, z }) => ({
        name: picture,
        loss,
        closeness,
        z: Array.from(z),
      })),
    },
  };
}
