// Decodes the detector's output: each cell of its grid gives a logit and 16 numbers, and detections of one face by several cells,
// scales or tiles are merged (BlazeFace, Bazarevsky et al. 2019, section 4.3: blended by score).
import { overlap, type Box, type Point } from './geometry.ts';

/** A detected face. */
export interface Face {
  /** Score of the detector, 0 to 1. */
  readonly score: number;
  /** From the forehead to the chin; about 2.6 eye distances wide. */
  readonly box: Box;
  readonly points: FacePoints;
}

/** Keypoints. Left and right are the person's own: the right eye is on the image's left. */
export interface FacePoints {
  readonly rightEye: Point;
  readonly leftEye: Point;
  readonly nose: Point;
  readonly mouth: Point;
  readonly rightEar: Point;
  readonly leftEar: Point;
}

/** In the network's order. */
const pointNames = ['rightEye', 'leftEye', 'nose', 'mouth', 'rightEar', 'leftEar'] as const;

/** Side of a cell of the network's output grid, in pixels of its input. */
export const cellSize = 4;

/** Faces with a larger overlap (intersection over union) count as the same face. */
const sameFace = 0.3;

/**
 * Position of the network's input in the image: pixel (u, v) of the input is (left + u·step, top + v·step) in the image.
 */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly step: number;
}

/**
 * The cells of one input that score at least `threshold`, as faces.
 * @param numbers [cells, 16]: the box's centre, its size, and six keypoints, in pixels; positions relative to the cell's centre.
 * @param logits [cells]. @param columns cells per row of the grid.
 */
export function decodeCells(
  numbers: Float32Array,
  logits: Float32Array,
  columns: number,
  { left, top, step }: Placement,
  threshold: number,
): Face[] {
  const faces: Face[] = [];
  for (let cell = 0; cell < logits.length; cell++) {
    const score = 1 / (1 + Math.exp(-logits[cell]!));
    if (score < threshold) continue;
    const x = ((cell % columns) + 0.5) * cellSize;
    const y = (Math.floor(cell / columns) + 0.5) * cellSize;
    const place = (k: number): Point => [
      left + (x + numbers[16 * cell + k]!) * step,
      top + (y + numbers[16 * cell + k + 1]!) * step,
    ];
    const [cx, cy] = place(0);
    const width = numbers[16 * cell + 2]! * step;
    const height = numbers[16 * cell + 3]! * step;
    const points = pointNames.map((name, i) => [name, place(4 + 2 * i)]);
    faces.push({
      score,
      box: { left: cx - width / 2, top: cy - height / 2, width, height },
      points: Object.fromEntries(points) as unknown as FacePoints,
    });
  }
  return faces;
}

/**
 * Merges overlapping faces into the mean of each group, weighted by score, with the score of the group's best.
 */
export function blendFaces(faces: readonly Face[]): Face[] {
  let remaining = faces.toSorted((a, b) => b.score - a.score);
  const blended: Face[] = [];
  while (remaining.length > 0) {
    const best = remaining[0]!;
    const same = remaining.filter(({ box }) => overlap(best.box, box) > sameFace);
    remaining = remaining.filter((face) => !same.includes(face));
    if (!same.includes(best)) {
      // A box without area overlaps with nothing, not even itself.
      remaining = remaining.filter((face) => face !== best);
      continue;
    }
    blended.push({ ...meanFace(same), score: best.score });
  }
  return blended;
}

/** The mean of faces: positions weighted by score, the score unweighted. Throws RangeError for no faces. */
export function meanFace(faces: readonly Face[]): Face {
  const total = faces.reduce((sum, { score }) => sum + score, 0);
  if (!(total > 0)) throw new RangeError(`the mean of ${faces.length} faces of total score ${total}`);
  const mean = (value: (face: Face) => number): number =>
    faces.reduce((sum, face) => sum + value(face) * face.score, 0) / total;
  const points = pointNames.map((name) => [
    name,
    [mean(({ points }) => points[name][0]), mean(({ points }) => points[name][1])],
  ]);
  return {
    score: total / faces.length,
    box: {
      left: mean(({ box }) => box.left),
      top: mean(({ box }) => box.top),
      width: mean(({ box }) => box.width),
      height: mean(({ box }) => box.height),
    },
    points: Object.fromEntries(points) as unknown as FacePoints,
  };
}

/** Non-maximum suppression: the faces that do not overlap with one of a higher score. */
export function distinctFaces(faces: readonly Face[]): Face[] {
  const kept: Face[] = [];
  for (const face of faces.toSorted((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlap(box, face.box) <= sameFace)) kept.push(face);
  }
  return kept;
}
