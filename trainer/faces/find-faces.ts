// Finds the faces in a photograph in two passes: over the whole photo at several scales, then over each candidate alone,
// upright and at two magnifications near the size of the training data. The second pass gives the score and the eyes: it
// halves their largest errors and removes false candidates.
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
import { cutTile, photoSteps, scalePhoto, smallestSeen, tilesOf, type ScaledPhoto } from './scales.ts';

/** Options of the search. */
export interface FindOptions {
  /** Minimum score of a face, 0 to 1. */
  readonly threshold: number;
  /** Side of the smallest face of interest, in pixels of the photo. Smaller ones may be found as well. */
  readonly smallestFace: number;
  readonly signal?: AbortSignal;
}

/** Finds faces; whoever opened it disposes it. */
export interface FaceFinder {
  /** The faces of a photo by falling score, and the best score below the threshold (0 without a candidate). */
  find(photo: Photo, options: FindOptions): Promise<{ faces: Face[]; nextBest: number }>;
  dispose(): Promise<void>;
}

/** Threshold of the first pass; nearly all real faces score 0.5 or more in it. */
const firstThreshold = 0.3;

/** Minimum size of a candidate on the network's input; smaller ones are noise. */
const smallestBelieved = 0.8 * smallestSeen;

/** Sizes of the crops of the second pass, in multiples of the candidate's box. */
const surroundings = [3, 4] as const;

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
        first.push(...(await atFirstSight(network, scaled, Math.min(firstThreshold, threshold), signal)));
      }
      const looked: Face[] = [];
      for (const face of blendFaces(first)) {
        signal?.throwIfAborted();
        const second = await lookAgain(network, photo, scales, face);
        if (second !== null) looked.push(second);
      }
      const distinct = distinctFaces(looked);
      const faces = distinct.filter(({ score }) => score >= threshold);
      return { faces, nextBest: distinct[faces.length]?.score ?? 0 };
    },
    dispose: () => network.dispose(),
  };
}

async function atFirstSight(
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
  return found.filter(({ box }) => box.width >= smallestBelieved * step);
}

/** The face according to the second pass; null where it finds none. */
async function lookAgain(
  network: DetectorNetwork,
  photo: Photo,
  scales: readonly ScaledPhoto[],
  { box, points }: Face,
): Promise<Face | null> {
  const { rightEye, leftEye } = points;
  const angle = Math.atan2(leftEye[1] - rightEye[1], leftEye[0] - rightEye[0]);
  const side = Math.max(box.width, box.height);
  const maps = surroundings.map((times) => squareAround(centreOf(box), times * side, angle, trainedSize));
  const inputs = new Uint8Array(maps.length * trainedSize ** 2 * 3);
  maps.forEach((map, i) => {
    // The coarsest scale that is still finer than the crop: resampling from the whole photo would take seconds.
    const wanted = Math.hypot(map.cos, map.sin);
    const from = scales.findLast(({ step }) => step <= wanted) ?? { ...photo, step: 1 };
    const pixels = resampleSimilarity(from, onScaled(map, 1 / from.step), trainedSize, 'black');
    inputs.set(pixels, i * pixels.length);
  });
  const outputs = await network.run(inputs, maps.length, trainedSize, trainedSize);
  const looks = outputs.map(({ numbers, logits }, i) => {
    const placement = { left: 0, top: 0, step: 1 };
    const seen = decodeCells(numbers, logits, trainedSize / cellSize, placement, 0.05);
    const expected: Point = [trainedSize / 2, trainedSize / 2];
    const nearest = blendFaces(seen)
      .filter((face) => distance(centreOf(face.box), expected) < trainedSize / surroundings[i]! / 2)
      .sort((a, b) => b.score - a.score)[0];
    return nearest === undefined ? null : onPhoto(nearest, (point) => mapped(maps[i]!, point), maps[i]!);
  });
  const seen = looks.filter((face) => face !== null);
  if (seen.length === 0) return null;
  const mean = meanFace(seen);
  return { ...mean, score: (mean.score * seen.length) / looks.length };
}

/** Maps a face from a rotated and scaled crop back to the photo: its box is upright again, of the same size. */
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
