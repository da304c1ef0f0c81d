// Decodes the detector's outputs to faces. Each cell of its raster has a logit and 16 numbers; detections of one face in
// several cells, scales or tiles are blended by score (BlazeFace, Bazarevsky et al. 2019, section 4.3).
import { overlap, type Box, type Point } from './geometry.ts';

/** A face in a picture. */
export interface Face {
  /** The detector's confidence, 0 to 1. */
  readonly score: number;
  /** From the forehead to the chin, about 2.6 times as wide as the eyes are apart. */
  readonly box: Box;
  readonly points: FacePoints;
}

/** The landmarks of the network. Left and right are the person's own: the right eye is on the picture's left. */
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

/** Side of a cell of the network's raster, in pixels of its input. */
export const cellSize = 4;

/** Faces that overlap by more than this are one. */
const sameFace = 0.3;

/** Where the network's input lies in the picture: its pixel (u, v) is the picture's (left + u·step, top + v·step). */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly step: number;
}

/**
 * The cells of one input that score at least `threshold`, as faces.
 * @param numbers [cells, 16]: centre and size of the box, six places, each in pixels from the cell's centre.
 * @param logits [cells]. @param columns cells in a row of the raster.
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

/** One face for each group that overlaps with the group's best: its score, and the mean of all, weighted by their scores. */
export function blendFaces(faces: readonly Face[]): Face[] {
  let left = faces.toSorted((a, b) => b.score - a.score);
  const blended: Face[] = [];
  while (left.length > 0) {
    const best = left[0]!;
    const same = left.filter(({ box }) => overlap(best.box, box) > sameFace);
    left = left.filter((face) => !same.includes(face));
    if (!same.includes(best)) {
      // A box without an area overlaps with nothing, itself included.
      left = left.filter((face) => face !== best);
      continue;
    }
    blended.push({ ...meanFace(same), score: best.score });
  }
  return blended;
}

/** The mean of faces, places weighted by their scores; the score is the plain mean. Throws RangeError without any. */
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

/** The faces that do not overlap with a better one. */
export function distinctFaces(faces: readonly Face[]): Face[] {
  const kept: Face[] = [];
  for (const face of faces.toSorted((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlap(box, face.box) <= sameFace)) kept.push(face);
  }
  return kept;
}
