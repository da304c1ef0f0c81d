// A dry run: processes a few photos, evenly spread, to estimate the yield and the time of all. Writes nothing.
import type { FileStamp } from '../data/fingerprint.ts';
import { BadImageError } from '../data/source.ts';
import { readPhoto } from './collect-faces.ts';
import type { FaceSettings } from './face-list.ts';
import type { FaceFinder } from './find-faces.ts';
import { facesOf } from './photo-faces.ts';

/** The result of a dry run. */
export interface TriedFaces {
  /** Number of photos processed, including unreadable ones. */
  readonly looked: number;
  /** Number of faces that would be cropped. */
  readonly faces: number;
  /** Number of faces that would be skipped because they are too small. */
  readonly small: number;
  /** Number of faces that would be skipped because they are too far outside the photo. */
  readonly cut: number;
  readonly unreadable: number;
  /** The best score below the threshold; 0 if there was none. */
  readonly nextBest: number;
  readonly photosPerSecond: number;
}

/** Maximum number of photos to try. */
const maxTried = 24;

/** Processes up to 24 photos. Throws the signal's reason when aborted. */
export async function tryFaces(options: {
  readonly photos: string;
  readonly stamps: readonly FileStamp[];
  readonly settings: FaceSettings;
  readonly finder: FaceFinder;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<TriedFaces> {
  const { photos, stamps, settings, finder, signal, onProgress } = options;
  const looked = Math.min(maxTried, stamps.length);
  let [faces, small, cut, unreadable, nextBest] = [0, 0, 0, 0, 0];
  const startedAt = performance.now();
  for (let i = 0; i < looked; i++) {
    signal?.throwIfAborted();
    try {
      const photo = await readPhoto(photos, stamps[Math.floor((i * stamps.length) / looked)]);
      const found = await facesOf(photo!, finder, settings, signal);
      faces += found.kept.length;
      small += found.small;
      cut += found.cut;
      nextBest = Math.max(nextBest, found.nextBest);
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      unreadable++;
    }
    onProgress?.(i + 1, looked);
  }
  const photosPerSecond = looked / ((performance.now() - startedAt) / 1000);
  return { looked, faces, small, cut, unreadable, nextBest, photosPerSecond };
}
