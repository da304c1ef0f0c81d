// Detects faces in a photo in two passes: first the whole photo at several scales, then each detection again, upright, in two
// inputs of the network's training size. The second pass determines the score and the keypoints: it halves the largest errors of
// the eyes and rejects false detections.
import { distance, mapped, onScaled, squareAround, centreOf, type Point } from './geometry.ts';
import {
  blendFaces,
  cellSize,
  decodeCells,
  distinctFaces,
  meanFace,
  type Face,
  type FacePoints,
} from './detections.ts';
import { openDetectorNetwork, trainedSize, type DetectorNetwork } from './detector-network.ts';
import { resampleSimilarity, type Photo } from './resample-similarity.ts';
import { cutTile, minFaceOnInput, photoSteps, scalePhoto, tilesOf, type ScaledPhoto } from './scales.ts';

/** Settings. */
export interface FindOptions {
  /** Minimum score of a face, 0 to 1. */
  readonly threshold: number;
  /** Minimum side of a face, in pixels of the photo. Smaller ones may be found as well. */
  readonly smallestFace: number;
  readonly signal?: AbortSignal;
}

/** A face finder; dispose of it after use. */
export interface FaceFinder {
  /**
   * The faces of a photo by descending score, and the best score below the threshold (0 if there was none). Throws the
   * signal's reason when aborted.
   */
  find(photo: Photo, options: FindOptions): Promise<{ faces: Face[]; nextBest: number }>;
  dispose(): Promise<void>;
}

/** Threshold of the first pass; almost all real faces score 0.5 or more. */
const firstThreshold = 0.3;

/** Minimum width of a face in the first pass, in pixels of the network's input. */
const minWidth = 0.8 * minFaceOnInput;

/** Sides of the second pass's inputs relative to the face's box. */
const inputSides = [3, 4] as const;

/** Opens the detector. */
export async function openFaceFinder({ threads }: { readonly threads: number }): Promise<FaceFinder> {
  const network = await openDetectorNetwork(threads);
  return {
    async find(photo, { threshold, smallestFace, signal }) {
      const scales: ScaledPhoto[] = [];
      const first: Face[] = [];
      for (const step of photoSteps(photo, smallestFace)) {
        const scaled = await scalePhoto(photo, step);
        scales.push(scaled);
        first.push(...(await firstPass(network, scaled, Math.min(firstThreshold, threshold), signal)));
      }
      const confirmed: Face[] = [];
      for (const face of blendFaces(first)) {
        signal?.throwIfAborted();
        const second = await secondPass(network, photo, scales, face);
        if (second !== null) confirmed.push(second);
      }
      const distinct = distinctFaces(confirmed);
      const faces = distinct.filter(({ score }) => score >= threshold);
      return { faces, nextBest: distinct[faces.length]?.score ?? 0 };
    },
    dispose: () => network.dispose(),
  };
}

async function firstPass(
  network: DetectorNetwork,
  scaled: ScaledPhoto,
  threshold: number,
  signal?: AbortSignal,
): Promise<Face[]> {
  const { step } = scaled;
  const found: Face[] = [];
  for (const tile of tilesOf(scaled)) {
    signal?.throwIfAborted();
    const [cells] = await network.run(cutTile(scaled, tile), 1, tile.height, tile.width);
    const placement = { left: tile.left * step, top: tile.top * step, step };
    found.push(...decodeCells(cells!.numbers, cells!.logits, tile.width / cellSize, placement, threshold));
  }
  return found.filter(({ box }) => box.width >= minWidth * step);
}

/** Detects a face again; null if it is not found. */
async function secondPass(
  network: DetectorNetwork,
  photo: Photo,
  scales: readonly ScaledPhoto[],
  { box, points }: Face,
): Promise<Face | null> {
  const { rightEye, leftEye } = points;
  const angle = Math.atan2(leftEye[1] - rightEye[1], leftEye[0] - rightEye[0]);
  const side = Math.max(box.width, box.height);
  const maps = inputSides.map((factor) => squareAround(centreOf(box), factor * side, angle, trainedSize));
  const inputs = new Uint8Array(maps.length * trainedSize ** 2 * 3);
  maps.forEach((map, i) => {
    // The coarsest scale that is finer than the input; resampling the photo itself would take seconds.
    const inputStep = Math.hypot(map.cos, map.sin);
    const from = scales.findLast(({ step }) => step <= inputStep) ?? { ...photo, step: 1 };
    const pixels = resampleSimilarity(from, onScaled(map, 1 / from.step), trainedSize, 'black');
    inputs.set(pixels, i * pixels.length);
  });
  const outputs = await network.run(inputs, maps.length, trainedSize, trainedSize);
  const detections = outputs.map(({ numbers, logits }, i) => {
    const placement = { left: 0, top: 0, step: 1 };
    const candidates = decodeCells(numbers, logits, trainedSize / cellSize, placement, 0.05);
    const expected: Point = [trainedSize / 2, trainedSize / 2];
    const best = blendFaces(candidates)
      .filter((face) => distance(centreOf(face.box), expected) < trainedSize / inputSides[i]! / 2)
      .sort((a, b) => b.score - a.score)[0];
    return best === undefined ? null : onPhoto(best, (point) => mapped(maps[i]!, point), maps[i]!);
  });
  const found = detections.filter((face) => face !== null);
  if (found.length === 0) return null;
  const mean = meanFace(found);
  // An input without a detection counts as score 0.
  return { ...mean, score: (mean.score * found.length) / detections.length };
}

/** Maps a face from a rotated and scaled square to the photo. The box keeps its size and becomes upright. */
function onPhoto(
  { score, box, points }: Face,
  map: (point: Point) => Point,
  { cos, sin }: { readonly cos: number; readonly sin: number },
): Face {
  const scale = Math.hypot(cos, sin);
  const [x, y] = map(centreOf(box));
  const [width, height] = [box.width * scale, box.height * scale];
  const places = Object.entries(points).map(([name, point]) => [name, map(point as Point)]);
  return {
    score,
    box: { left: x - width / 2, top: y - height / 2, width, height },
    points: Object.fromEntries(places) as unknown as FacePoints,
  };
}
