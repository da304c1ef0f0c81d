// Patches and their whitening, against NumPy.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { samplePatches, normalisePatches, patchSide } from '../../../trainer/analysis/features/patches.ts';
import { whiten, whiteningOf } from '../../../trainer/analysis/features/whitening.ts';
import { datasetOf } from '../../../trainer/data/dataset.ts';
import type { ImageSource } from '../../../trainer/data/source.ts';
import { assertClose } from '../../shared/closeness.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('patches');

test("contrast is NumPy's", () => {
  const patches = Float32Array.from(
    { length: 36 },
    (_, i) => (Math.floor(i / 12) * 89 + (i % 12) ** 2 * 37) % 251,
  );
  normalisePatches(patches, 12);
  // p = (np.arange(3)[:, None] * 89 + np.arange(12)[None, :] ** 2 * 37) % 251.0
  // (p - p.mean(1, keepdims=True)) / np.sqrt(p.var(1, ddof=1, keepdims=True) + 10)
  const expected = [
    [
      -1.59514, -1.09033, 0.42408, -0.47638, -0.36723, 0.75152, -0.5446, -0.83111, -0.10801, 1.6247, 0.94253,
      1.26997,
    ],
    [
      -0.45689, 0.05153, 1.57678, 0.66987, 0.7798, -1.54242, 0.60117, 0.31261, 1.04088, -0.663, -1.35005,
      -1.02027,
    ],
    [
      0.88505, 1.34412, -0.3929, -1.21177, -1.11252, -0.09512, -1.27381, 1.57985, -0.87678, 0.69894, 0.07858,
      0.37635,
    ],
  ];
  assertClose(patches, expected.flat(), 1e-5, 'patches');
  const flat = new Float32Array(12).fill(200);
  normalisePatches(flat, 12);
  assert.ok(flat.every((value) => value === 0));
});

// x = ((np.arange(40)[:, None] * 7919 + np.arange(4)[None, :] * 104729
//       + np.arange(40)[:, None] ** 2 * (np.arange(4)[None, :] + 1) * 31) % 1009) / 1009; x[:, 1] += 2 * x[:, 0]
const rows = new Float32Array(160);
for (let i = 0; i < 40; i++) {
  for (let f = 0; f < 4; f++)
    rows[4 * i + f] = ((i * 7919 + f * 104729 + i ** 2 * (f + 1) * 31) % 1009) / 1009;
  rows[4 * i + 1]! += 2 * rows[4 * i]!;
}

test("the ZCA whitening is NumPy's", () => {
  const whitening = whiteningOf(rows, 4);
  // d, v = np.linalg.eigh(np.cov(x, rowvar=False)); m = v @ np.diag((d + 0.1) ** -0.5) @ v.T
  // x.mean(0), m, (x[7] - x.mean(0)) @ m
  assertClose(whitening.mean, [0.469623, 1.480228, 0.537339, 0.458697], 2e-6, 'mean');
  const map = [
    [2.745758, -0.577623, -0.054837, -0.004761],
    [-0.577623, 1.587797, -0.030993, 0.160057],
    [-0.054837, -0.030993, 2.184632, -0.067851],
    [-0.004761, 0.160057, -0.067851, 2.490134],
  ];
  assertClose(whitening.map, map.flat(), 2e-6, 'map');
  const whitened = whiten(rows, whitening);
  assertClose(whitened.subarray(28, 32), [-0.130628, 0.253329, -1.072043, -0.225483], 2e-6, 'row 7');
});

test('constant rows are whitened to 0, not to NaN', () => {
  const same = new Float32Array(40).fill(3);
  assert.ok(whiten(same, whiteningOf(same, 4)).every((value) => Math.abs(value) < 1e-6));
});

test('a patch is cut as it lies in the image, anywhere, from the images that were named', async () => {
  const size = 9;
  // Pixel (y, x) of image i, channel c: all different.
  const source: ImageSource = {
    kind: 'folder',
    name: 'places',
    count: 3,
    channels: 3,
    naturalSize: null,
    classNames: null,
    attributes: null,
    fingerprint: 'places',
    async *images() {
      for (let i = 0; i < 3; i++) {
        const render = (): Uint8Array =>
          Uint8Array.from({ length: size * size * 3 }, (_, at) => (at + 3 * i) % 256);
        yield await Promise.resolve({ name: `${i}`, label: -1, attributes: null, render });
      }
    },
    close: async () => undefined,
  };
  const dataset = await datasetOf(source, { ...square(size), channels: 3, cacheFolder: temporaryFolder() });
  const width = patchSide * patchSide * 3;
  const patches = await samplePatches(dataset, Int32Array.of(1), 300, new Random(1));
  const corners = new Set<number>();
  for (let start = 0; start < patches.length; start += width) {
    const corner = patches[start]! - 3;
    corners.add(corner);
    for (let row = 0; row < patchSide; row++) {
      for (let k = 0; k < patchSide * 3; k++) {
        assert.is(patches[start + row * patchSide * 3 + k], corner + 3 + row * size * 3 + k);
      }
    }
  }
  // Four places along each side.
  assert.is(corners.size, 16);
  await dataset.close();
});

test.run();
