// The crop around a face. If the eyes are found they determine it: they are level and at the same place in every crop. The face
// is a square of 2.5 times their distance, from the forehead to the chin, and the margin is added on every side. (CelebA's
// aligned faces, cropped to 108 pixels as in the DCGAN paper's code, are 2.8 distances wide, FFHQ's are 4.)
import type { Face, FacePoints } from './detections.ts';
import { centreOf, distance, middle, squareAround, type Similarity } from './geometry.ts';

/** Settings of the crop. */
export interface CropOptions {
  /** Side of the crop in pixels. */
  readonly size: number;
  /** Margin on each side, as a fraction of the face's side. */
  readonly margin: number;
  /** True aligns by the eyes; false crops upright, by the face's box. */
  readonly isAligned: boolean;
}

/** A square on a photo, as a map from the crop, [0, size] in each direction. */
export interface FaceCrop {
  readonly map: Similarity;
  /** Side of the face in pixels of the photo, without the margin. */
  readonly faceSide: number;
  /** True if the crop is aligned by the eyes. */
  readonly isAligned: boolean;
}

/** Side of the face in eye distances. */
const faceInDistances = 2.5;

/** Distance of the face's centre below the eyes, in eye distances. */
const centreBelowEyes = 0.25;

/**
 * The eyes of a turned head are closer together, which would enlarge it. Beyond this ratio, the distance from the eyes to
 * the mouth is used instead (seen from the front it is 1.09 eye distances).
 */
const minEyesToMouth = 0.75;

/** Distance of the box's centre below the face's centre, as a fraction of the face's side. */
const boxCentreBelow = 0.08;

/** The crop of one face. */
export function cropOf(face: Face, { size, margin, isAligned }: CropOptions): FaceCrop {
  const { box, points } = face;
  const whole = 1 + 2 * margin;
  if (!isAligned || !hasEyes(face)) {
    const faceSide = Math.max(box.width, box.height);
    const [x, y] = centreOf(box);
    const map = squareAround([x, y - boxCentreBelow * faceSide], faceSide * whole, 0, size);
    return { map, faceSide, isAligned: false };
  }
  const { rightEye, leftEye } = points;
  const [x, y] = middle(rightEye, leftEye);
  const unit = measure(points);
  const faceSide = faceInDistances * unit;
  const angle = Math.atan2(leftEye[1] - rightEye[1], leftEye[0] - rightEye[0]);
  const below = centreBelowEyes * unit;
  const centre = [x - Math.sin(angle) * below, y + Math.cos(angle) * below] as const;
  return { map: squareAround(centre, faceSide * whole, angle, size), faceSide, isAligned: true };
}

/** Positions of a frontal face's eyes in the crop, in pixels: the person's right eye, the left one. */
export function eyePlaces({ size, margin }: Pick<CropOptions, 'size' | 'margin'>): {
  readonly right: number;
  readonly left: number;
  readonly height: number;
} {
  const unit = size / faceInDistances / (1 + 2 * margin);
  return {
    right: size / 2 - unit / 2,
    left: size / 2 + unit / 2,
    height: size / 2 - centreBelowEyes * unit,
  };
}

/** The eye distance, corrected for a turned head. */
function measure({ rightEye, leftEye, mouth }: FacePoints): number {
  return Math.max(distance(rightEye, leftEye), minEyesToMouth * distance(middle(rightEye, leftEye), mouth));
}

/**
 * True if the eyes are reliable: apart, inside the face's box, and above the mouth. In a profile one eye is a guess, and
 * the line through both does not show how the head is tilted.
 */
function hasEyes({ box, points }: Face): boolean {
  const { rightEye, leftEye, mouth } = points;
  const side = Math.max(box.width, box.height);
  const apart = distance(rightEye, leftEye);
  const [x, y] = middle(rightEye, leftEye);
  const [along, down] = [leftEye[0] - rightEye[0], leftEye[1] - rightEye[1]];
  // Distance of the mouth below the line of the eyes, in eye distances.
  const below = (along * (mouth[1] - y) - down * (mouth[0] - x)) / apart ** 2;
  const isInside = [rightEye, leftEye].every(
    ([px, py]) =>
      px > box.left - 0.1 * side &&
      py > box.top - 0.1 * side &&
      px < box.left + box.width + 0.1 * side &&
      py < box.top + box.height + 0.1 * side,
  );
  return isInside && apart > 0.15 * side && apart < 0.7 * side && below > 0.4;
}
