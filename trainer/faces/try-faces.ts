// A dry run: a few photos, evenly spread, tell what all would give and how long it would take. Nothing is written.
import type { FileStamp } from '../data/fingerprint.ts';
import { BadImageError } from '../data/source.ts';
import { readPhoto } from './collect-faces.ts';
import type { FaceSettings } from './face-list.ts';
import type { FaceFinder } from './find-faces.ts';
import { facesOf } from './photo-faces.ts';

/** What a few photos gave. */
export interface TriedFaces {
  /** Photos that were looked at, the unreadable ones among them. */
  readonly looked: number;
  /** Faces that would be cut out, and those that would be left out. */
  readonly faces: number;
  readonly small: number;
  readonly cut: number;
  readonly unreadable: number;
  /** The best score of what was not sure enough to be a face; 0 where there was nothing. */
  readonly nextBest: number;
  readonly photosPerSecond: number;
}

/** Photos that are tried at most. */
const mostTried = 24;

/** Looks at up to 24 photos. Throws the signal's reason when aborted. */
export async function tryFaces(options: {
  readonly photos: string;
  readonly stamps: readonly FileStamp[];
  readonly settings: FaceSettings;
  readonly finder: FaceFinder;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<TriedFaces> {
  const { photos, stamps, settings, finder, signal, onProgress } = options;
  const looked = Math.min(mostTried, stamps.length);
  let [faces, small, cut, unreadable, nextBest] = [0, 0, 0, 0, 0];
  const begun = performance.now();
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
  const photosPerSecond = looked / ((performance.now() - begun) / 1000);
  return { looked, faces, small, cut, unreadable, nextBest, photosPerSecond };
}
