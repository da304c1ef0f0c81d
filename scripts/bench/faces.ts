// Measures the face finder on photographs with known eyes: `npm run bench -- faces FOLDER [LFW]`, where FOLDER
// is `examples/faces` of dlib (https://github.com/davisking/dlib): nine photographs of PASCAL VOC with 43 faces, each
// with 68 landmarks. Prints the number of faces found and the errors of the eyes, also for rotated and shrunk photos.
// LFW is `lfw_subset.npy` of scikit-image: 100 faces and 100 other crops of 25x25 grey pixels, enlarged to 100x100.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { decodeWhole } from '../../trainer/data/image-file.ts';
import { openFaceFinder, type FaceFinder } from '../../trainer/faces/find-faces.ts';
import { distance, middle, type Point } from '../../trainer/faces/geometry.ts';
import { refuse } from '../flags.ts';
import type { Photo } from '../../trainer/faces/resample-similarity.ts';

interface Known {
  readonly right: Point;
  readonly left: Point;
}

/** The eyes in a file of dlib's: landmarks 36 to 41 lie around the right one, 42 to 47 around the left one. */
function knownFaces(file: string): Map<string, Known[]> {
  const known = new Map<string, Known[]>();
  for (const [, name, image] of file.matchAll(/<image file='([^']+)'[^>]*>([^]*?)<\/image>/g)) {
    const faces = [...image!.matchAll(/<box [^]*?<\/box>/g)].map(([box]) => {
      const parts = [...box.matchAll(/name='(\d+)' x='(-?\d+)' y='(-?\d+)'/g)].map(
        ([, part, x, y]) => [Number(part), Number(x), Number(y)] as const,
      );
      const eye = (first: number): Point => {
        const around = parts.filter(([part]) => part >= first && part < first + 6);
        const mean = (axis: 1 | 2): number => around.reduce((sum, part) => sum + part[axis], 0) / 6;
        return [mean(1) + 0.5, mean(2) + 0.5];
      };
      return { right: eye(36), left: eye(42) };
    });
    known.set(name!, faces);
  }
  return known;
}

/** For each known face the mean error of its eyes, in units of their distance, or null if missed; and the number of other finds. */
async function compare(
  finder: FaceFinder,
  photo: Photo,
  known: readonly Known[],
): Promise<{ errors: (number | null)[]; others: number }> {
  const { faces } = await finder.find(photo, { threshold: 0.6, smallestFace: 16 });
  const free = new Set(faces);
  const errors = known.map(({ right, left }) => {
    const apart = distance(right, left);
    for (const face of free) {
      const { rightEye, leftEye } = face.points;
      if (distance(middle(rightEye, leftEye), middle(right, left)) > 0.5 * apart) continue;
      free.delete(face);
      return (distance(rightEye, right) + distance(leftEye, left)) / 2 / apart;
    }
    return null;
  });
  return { errors, others: free.size };
}

function summary(errors: readonly (number | null)[], others: number): string {
  const found = errors.filter((error) => error !== null).sort((a, b) => a - b);
  const at = (share: number): string => (found[Math.floor(share * (found.length - 1))] ?? NaN).toFixed(3);
  return (
    `${found.length} of ${errors.length} found, ${others} others; eyes off by ${at(0.5)} of their distance ` +
    `(median), ${at(0.9)} (90th percentile), ${at(1)} (max)`
  );
}

const folder = process.argv[2];
if (folder === undefined) {
  refuse("got no folder; expected dlib's examples/faces");
}
const known = ['training', 'testing'].flatMap((part) => [
  ...knownFaces(readFileSync(join(folder, `${part}_with_face_landmarks.xml`), 'utf8')),
]);
const finder = await openFaceFinder({ threads: 2 });
const photos = await Promise.all(known.map(async ([name]) => decodeWhole(readFileSync(join(folder, name)))));
const raw = ({ width, height }: Photo): { width: number; height: number; channels: 3 } => ({
  width,
  height,
  channels: 3,
});

for (const degrees of [0, 15, 30, 45, 60]) {
  const errors: (number | null)[] = [];
  let others = 0;
  for (const [i, photo] of photos.entries()) {
    const { data, info } = await sharp(photo.pixels, { raw: raw(photo) })
      .rotate(degrees, { background: '#808080' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const rotated = ([x, y]: Point): Point => {
      const [dx, dy] = [x - photo.width / 2, y - photo.height / 2];
      return [info.width / 2 + cos * dx - sin * dy, info.height / 2 + sin * dx + cos * dy];
    };
    const faces = known[i]![1].map(({ right, left }) => ({ right: rotated(right), left: rotated(left) }));
    const result = await compare(finder, { width: info.width, height: info.height, pixels: data }, faces);
    errors.push(...result.errors);
    others += result.others;
  }
  console.log(`rotated by ${degrees} degrees: ${summary(errors, others)}`);
}

const bySide = new Map<number, (number | null)[]>();
for (const shrunk of [1, 1.5, 2, 2.5, 3, 4]) {
  for (const [i, photo] of photos.entries()) {
    const [width, height] = [Math.round(photo.width / shrunk), Math.round(photo.height / shrunk)];
    const pixels = await sharp(photo.pixels, { raw: raw(photo) })
      .resize(width, height)
      .raw()
      .toBuffer();
    const scaled = ([x, y]: Point): Point => [(x * width) / photo.width, (y * height) / photo.height];
    const faces = known[i]![1].map(({ right, left }) => ({ right: scaled(right), left: scaled(left) }));
    const { errors } = await compare(finder, { width, height, pixels }, faces);
    errors.forEach((error, k) => {
      const side = 2.5 * distance(faces[k]!.right, faces[k]!.left);
      const bound = [12, 16, 20, 24, 32, 48, 64, Infinity].find((limit) => side < limit)!;
      bySide.set(bound, [...(bySide.get(bound) ?? []), error]);
    });
  }
}
for (const [bound, errors] of [...bySide].sort(([a], [b]) => a - b)) {
  console.log(`faces below ${bound} pixels: ${summary(errors, 0)}`);
}

if (process.argv[3] !== undefined) {
  const file = readFileSync(process.argv[3]);
  // An .npy file: bytes 8 and 9 hold the header's length; then come [200, 25, 25] float64 in [0, 1], unaligned.
  const values = new Float64Array(Uint8Array.from(file.subarray(10 + file.readUInt16LE(8))).buffer);
  const found = [0, 0];
  for (let i = 0; i < 200; i++) {
    const grey = Uint8Array.from(values.subarray(i * 625, (i + 1) * 625), (value) => Math.round(255 * value));
    const pixels = await sharp(grey, { raw: { width: 25, height: 25, channels: 1 } })
      .resize(100, 100, { kernel: 'cubic' })
      .extend({ top: 50, bottom: 50, left: 50, right: 50, extendWith: 'copy' })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    const photo = { width: 200, height: 200, pixels };
    const { faces } = await finder.find(photo, { threshold: 0.6, smallestFace: 24 });
    if (faces.length > 0) found[i < 100 ? 0 : 1]!++;
  }
  console.log(`LFW subset: ${found[0]} of 100 faces found, ${found[1]} of 100 others reported as faces`);
}
await finder.dispose();
