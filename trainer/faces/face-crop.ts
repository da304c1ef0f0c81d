// The square crop around a face. If the eyes are reliable, the crop is aligned by them: they are level and at the same
// places in every image. The face is a square of 2.5 eye distances, from the forehead to the chin, plus the margin on
// every side. (CelebA's aligned faces, cropped to 108 pixels as in the DCGAN paper's code, are 2.8 distances wide,
// FFHQ's are 4.)
import type { Face, FacePoints } from './detections.ts';
import { centreOf, distance, middle, squareAround, type Similarity } from './geometry.ts';

/** Options of the crop. */
export interface CropOptions {
  /** Side of the cropped image, in pixels. */
  readonly size: number;
  /** Margin on each side, as a fraction of the face's side. */
  readonly margin: number;
  /** Align by the eyes; otherwise every face is cropped upright, by its box. */
  readonly isAligned: boolean;
}

/** A square on a photo, as a map from the cropped image, [0, size] on both axes. */
export interface FaceCrop {
  readonly map: Similarity;
  /** Side of the face in pixels of the photo, without the margin. */
  readonly faceSide: number;
  /** Whether the crop is aligned by the eyes. */
  readonly isAligned: boolean;
}

/** Side of the face, in eye distances. */
const faceInDistances = 2.5;

/** Distance from the eyes down to the face's centre, in eye distances. */
const centreBelowEyes = 0.25;

/**
 * In a turned head the eyes appear closer together, which would enlarge the crop. Beyond this ratio the distance from
 * the eyes to the mouth is used instead (in frontal faces it is 1.09 eye distances).
 */
const leastEyesToMouth = 0.75;

/** The box is about as large as the face, and its centre lies a little lower. */
const boxCentreTooLow = 0.08;

/** The square for one face. */
export function cropOf(face: Face, { size, margin, isAligned }: CropOptions): FaceCrop {
  const { box, points } = face;
  const whole = 1 + 2 * margin;
  if (!isAligned || !hasEyes(face)) {
    const faceSide = Math.max(box.width, box.height);
    const [x, y] = centreOf(box);
    const map = squareAround([x, y - boxCentreTooLow * faceSide], faceSide * whole, 0, size);
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

/** Positions of the eyes of a frontal face in the crop, in pixels: the person's right eye, the left eye. */
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

/** The distance between the eyes, corrected for a turned head. */
function measure({ rightEye, leftEye, mouth }: FacePoints): number {
  return Math.max(distance(rightEye, leftEye), leastEyesToMouth * distance(middle(rightEye, leftEye), mouth));
}

/**
 * Whether the eyes are reliable: apart, inside the face's box, and above the mouth. In a profile one eye is guessed, and
 * the line through both does not show the head's angle.
 */
function hasEyes({ box, points }: Face): boolean {
  const { rightEye, leftEye, mouth } = points;
  const side = Math.max(box.width, box.height);
  const apart = distance(rightEye, leftEye);
  const [x, y] = middle(rightEye, leftEye);
  const [along, down] = [leftEye[0] - rightEye[0], leftEye[1] - rightEye[1]];
  // How far the mouth lies below the line of the eyes, in distances between them.
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
