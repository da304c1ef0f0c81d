// One photo: its faces, those that are cut out and why others are not. No file is written here.
import { cropOf, type FaceCrop } from './face-crop.ts';
import type { FaceSettings } from './face-list.ts';
import type { Face } from './detections.ts';
import type { FaceFinder } from './find-faces.ts';
import { shareOutside, type Photo } from './resample-similarity.ts';

/** What came of a photo. */
export interface PhotoFaces {
  /** The faces to cut out, the largest first. */
  readonly kept: readonly { readonly face: Face; readonly crop: FaceCrop }[];
  /** How many faces are too small, and how many leave the photo too far. */
  readonly small: number;
  readonly cut: number;
  /** The best score of what was not sure enough to be a face; 0 where there was nothing. */
  readonly nextBest: number;
}

/** Finds the faces of a photo and decides about each. */
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
