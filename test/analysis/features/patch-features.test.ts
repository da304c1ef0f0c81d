// The features of patches, against computing each patch alone: cut, normalised, whitened, measured.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { compileFeatureSet } from '../../../trainer/analysis/features/feature-set.ts';
import {
  nearness,
  patchFeatures,
  patchParameters,
  quadrantSums,
  strideFor,
} from '../../../trainer/analysis/features/patch-features.ts';
import { normalisePatches, patchSide } from '../../../trainer/analysis/features/patches.ts';
import { whiten, whiteningOf } from '../../../trainer/analysis/features/whitening.ts';
import { openDataset } from '../../../trainer/data/dataset.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { assertClose } from '../../shared/closeness.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('patch features');
const [size, channels, batch, k] = [11, 3, 2, 7] as const;
const width = patchSide * patchSide * channels;

for (const stride of [1, 2]) {
  test(`they are those of each patch alone, ${stride} pixels apart`, async () => {
    const random = new Random(4);
    const grey = Float32Array.from({ length: batch * size * size * channels }, () => random.integer(256));
    const learned = Float32Array.from({ length: 500 * width }, () => random.normal());
    const whitening = whiteningOf(learned, width);
    const centroids = Float32Array.from({ length: k * width }, () => random.normal());

    const places = Math.floor((size - patchSide) / stride) + 1;
    const half = Math.ceil(places / 2);
    const expected = new Float32Array(batch * 4 * k);
    for (let b = 0; b < batch; b++) {
      for (let y = 0; y < places; y++) {
        for (let x = 0; x < places; x++) {
          const patch = new Float32Array(width);
          for (let row = 0; row < patchSide; row++) {
            const from = ((b * size + y * stride + row) * size + x * stride) * channels;
            patch.set(grey.subarray(from, from + patchSide * channels), row * patchSide * channels);
          }
          normalisePatches(patch, width);
          const white = whiten(patch, whitening);
          const distances = Array.from({ length: k }, (_, i) =>
            Math.sqrt(white.reduce((sum, value, f) => sum + (value - centroids[i * width + f]!) ** 2, 0)),
          );
          const mean = distances.reduce((sum, value) => sum + value, 0) / k;
          const quadrant = 2 * Number(y >= half) + Number(x >= half);
          distances.forEach((distance, i) => {
            expected[b * 4 * k + quadrant * k + i]! += Math.max(0, mean - distance);
          });
        }
      }
    }

    const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
    await engine.writeState(patchParameters(whitening, centroids, channels, square(places)));
    const set = await compileFeatureSet({
      name: 'kmeans',
      title: 'k-means',
      engine,
      dataset: { ...square(size), channels },
      batch,
      featuresOf: (state, images) => quadrantSums(state, nearness(state, images, stride)),
    });
    assert.is(set.features, 4 * k);
    const found = await set.extract(grey.map((value) => value / 127.5 - 1) as Float32Array<ArrayBuffer>);
    assertClose(found, expected, 1e-4, 'features');
    assert.ok(expected.some((value) => value > 0));
    await set.close();
    await engine.dispose();
  });
}

test('quadrants of an odd number of places give the middle to the first half', () => {
  const whitening = { mean: new Float64Array(108), map: new Float64Array(108 * 108) };
  const { shape, data } = patchParameters(whitening, new Float32Array(108), 3, square(3))[
    'patches/quadrants'
  ]!;
  assert.equal(shape, [4, 9]);
  assert.equal(
    [...data],
    [
      1,
      1,
      0,
      1,
      1,
      0,
      0,
      0,
      0,
      ...[0, 0, 1, 0, 0, 1, 0, 0, 0],
      ...[0, 0, 0, 0, 0, 0, 1, 1, 0],
      ...[0, 0, 0, 0, 0, 0, 0, 0, 1],
    ],
  );
});

test('there are 27 places in a row of a small image, and not many more of a large one', () => {
  const places = (imageSize: number): number =>
    Math.floor((imageSize - patchSide) / strideFor(square(imageSize))) + 1;
  assert.equal(
    [16, 32, 64, 128, 256].map((side) => strideFor(square(side))),
    [1, 1, 2, 4, 9],
  );
  assert.equal([16, 32, 64, 128, 256].map(places), [11, 27, 30, 31, 28]);
});

test('learned from images, it gives four numbers a centroid, none of them negative', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 2 });
  const dataset = await openDataset({
    data: 'avatars',
    avatarCount: 64,
    ...square(16),
    channels: 3,
    cacheFolder: temporaryFolder(),
  });
  const set = await patchFeatures({
    engine,
    dataset,
    indices: Int32Array.from({ length: 64 }, (_, i) => i),
    centroids: 16,
    patches: 2000,
    passes: 4,
    random: new Random(1),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  assert.is(set.features, 64);
  const pixels = new Uint8Array(set.batch * 16 * 16 * 3);
  await dataset.readInto(
    Int32Array.from({ length: set.batch }, (_, i) => i),
    pixels,
  );
  const features = await set.extract(Float32Array.from(pixels, (value) => value / 127.5 - 1));
  assert.ok(features.every((value) => value >= 0));
  // Nearly every centroid is near somewhere in eight faces.
  const isNear = Array.from({ length: 16 }, (_, i) =>
    features.some((value, at) => at % 16 === i && value > 0),
  );
  assert.ok(isNear.filter(Boolean).length >= 12, isNear.join());
  await set.close();
  await engine.dispose();
  await dataset.close();
});

test.run();
