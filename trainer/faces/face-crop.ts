// The square that is cut out around a face. Where the eyes are found they decide: they lie level and at the same places in
// every picture. The face is a square of 2.5 times their distance, from the forehead to the chin, and the margin comes on
// every side of it. (CelebA's aligned faces, cropped to 108 pixels as in the DCGAN paper's code, are 2.8 distances wide,
// FFHQ's are 4.)
import type { Face, FacePoints } from './detections.ts';
import { centreOf, distance, middle, squareAround, type Similarity } from './geometry.ts';

/** How faces are cut out. */
export interface CropOptions {
  /** Side of the picture that is made, in pixels. */
  readonly size: number;
  /** What is added on each side, as a share of the face's side. */
  readonly margin: number;
  /** Whether the eyes decide; else every face is cut out upright, by its box. */
  readonly isAligned: boolean;
}

/** A square on a photo, as a map from the picture that is made, [0, size] each way. */
export interface FaceCrop {
  readonly map: Similarity;
  /** Side of the face in pixels of the photo, without the margin. */
  readonly faceSide: number;
  /** Whether the eyes lie level and in their places. */
  readonly isAligned: boolean;
}

/** Side of the face in distances between the eyes. */
const faceInDistances = 2.5;

/** How far the face's centre lies below the eyes, in distances between them. */
const centreBelowEyes = 0.25;

/**
 * A head that is turned has its eyes closer together, and would be shown larger the more it is turned. From here on
 * the distance from the eyes to the mouth is the measure (seen from the front, it is 1.09 distances between the eyes).
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

/** Where the eyes of a face that looks straight ahead lie in the picture, in pixels: the person's right eye, the left one. */
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

/** The distance between the eyes, or what it would be if the head were not turned. */
function measure({ rightEye, leftEye, mouth }: FacePoints): number {
  return Math.max(distance(rightEye, leftEye), leastEyesToMouth * distance(middle(rightEye, leftEye), mouth));
}

/**
 * Whether the eyes can be trusted: apart, inside the face's box, and the mouth below them. In a profile one eye is guessed,
 * and the line through both says nothing about how the head is held.
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
