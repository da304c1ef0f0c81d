// Finds the faces of one photo and decides which of them to crop. Writes no file.
import { cropOf, type FaceCrop } from './face-crop.ts';
import type { FaceSettings } from './face-list.ts';
import type { Face } from './detections.ts';
import type { FaceFinder } from './find-faces.ts';
import { shareOutside, type Photo } from './resample-similarity.ts';

/** The result for a photo. */
export interface PhotoFaces {
  /** The faces to crop, by descending size. */
  readonly kept: readonly { readonly face: Face; readonly crop: FaceCrop }[];
  /** Number of faces that are too small. */
  readonly small: number;
  /** Number of faces that are too far outside the photo. */
  readonly cut: number;
  /** The best score below the threshold; 0 if there was none. */
  readonly nextBest: number;
}

/** Finds the faces of a photo and selects those to crop. Throws the signal's reason when aborted. */
export async function facesOf(
  photo: Photo,
  finder: FaceFinder,
  settings: FaceSettings,
  signal?: AbortSignal,
): Promise<PhotoFaces> {
  const { size, margin, threshold, minFace, outside } = settings;
  const { faces, nextBest } = await finder.find(photo, {
    threshold,
    smallestFace: minFace,
    ...(signal && { signal }),
  });
  const kept: { face: Face; crop: FaceCrop }[] = [];
  let [small, cut] = [0, 0];
  for (const face of faces) {
    const crop = cropOf(face, { size, margin, isAligned: settings.align });
    if (crop.faceSide < minFace) small++;
    else if (shareOutside(photo, crop.map, size) > outside) cut++;
    else kept.push({ face, crop });
  }
  kept.sort((a, b) => b.crop.faceSide - a.crop.faceSide || a.face.box.left - b.face.box.left);
  return { kept, small, cut, nextBest };
}
