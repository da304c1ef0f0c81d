// The summary that `dcgan faces` prints: counts, omitted faces with the reason, and a hint if no face was found.
import { counted } from '../../command-line/outputs.ts';
import type { Collected } from '../../faces/collect-faces.ts';
import type { FaceSettings } from '../../faces/face-list.ts';

/** The lines of the summary; `shown` is the path of the output folder. */
export function outcomeText(
  collected: Collected,
  settings: FaceSettings,
  seconds: number,
  shown: string,
): readonly string[] {
  const { looked, skipped, gone } = collected;
  const { photos, photosWithFaces, faces, aligned, small, cut } = summary(collected);
  const rate = looked === 0 ? '' : `, ${shownRate(looked / seconds)}`;
  const before = skipped === 0 ? '' : `, ${skipped} of them in an earlier run`;
  const lines = [
    `${counted(faces, 'face')} from ${photosWithFaces} of ${counted(photos, 'photo')}${before}, in ${shown}${rate}`,
  ];
  if (small > 0) lines.push(`  left out: ${small} smaller than ${settings.minFace} pixels (--min-face)`);
  if (cut > 0) lines.push(`  left out: ${cut} too far outside the photo (--outside ${settings.outside})`);
  if (settings.align && faces > aligned) {
    lines.push(`  cropped by their box: ${faces - aligned} in profile, whose eyes cannot be located`);
  }
  if (gone === 1) lines.push('  1 photo is no longer there; its faces stay');
  if (gone > 1) lines.push(`  ${gone} photos are no longer there; their faces stay`);
  return lines;
}

/** The hint if no face was found. */
export function hintFor(nextBest: number, { threshold, minFace }: FaceSettings): string {
  const best =
    nextBest > 0
      ? `the best candidate scores ${nextBest.toFixed(2)}, below --threshold ${threshold}`
      : 'there is no candidate';
  return `no faces: ${best}; a --min-face below ${minFace} finds smaller ones`;
}

/** Totals over all photos. */
export function summary({ list }: Collected): {
  readonly photos: number;
  readonly photosWithFaces: number;
  readonly faces: number;
  readonly aligned: number;
  readonly small: number;
  readonly cut: number;
  readonly nextBest: number;
  readonly unreadable: readonly string[];
} {
  const { photos, faces } = list;
  return {
    photos: photos.length,
    photosWithFaces: photos.filter((photo) => photo.faces > 0).length,
    faces: faces.length,
    aligned: faces.filter(({ isAligned }) => isAligned).length,
    small: photos.reduce((sum, photo) => sum + photo.small, 0),
    cut: photos.reduce((sum, photo) => sum + photo.cut, 0),
    nextBest: photos.reduce((best, photo) => Math.max(best, photo.nextBest), 0),
    unreadable: photos.filter(({ unreadable }) => unreadable !== null).map(({ source }) => source),
  };
}

/** A rate with two significant digits. */
export function shownRate(perSecond: number): string {
  return `${Number(perSecond.toPrecision(2))} photos/s`;
}
