// Feature networks: their inputs and outputs, refusals, and the agreement of the embedded one with a network trained on a million
// photographs.
import { square } from '../../runtime-web/format/image-shape.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openFeatureNetwork, type FeatureNetwork } from '../../trainer/metrics/feature-network.ts';
import { frechetDistance } from '../../trainer/metrics/frechet.ts';
import { openProducts } from '../../trainer/metrics/products.ts';
import { gatherFeatures } from '../../trainer/metrics/gather-features.ts';
import { dataImages, type ImageSet } from '../../trainer/metrics/image-set.ts';
import { perceptualDistance } from '../../trainer/metrics/perceptual-distance.ts';
import { diversity, pairDistances } from '../../trainer/metrics/sample-perception.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { developmentData } from '../shared/development-data.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { parseLayerWeights } from '../../trainer/metrics/layer-weights.ts';
import {
  blur,
  distorted,
  noise,
  saltAndPepper,
  shift,
  type Distortion,
} from '../../scripts/bench/distortions/image-distortions.ts';
import { writeTinyNetwork } from './tiny-network.ts';

const test = suite('feature networks');
const signal = new AbortController().signal;
const products = await openProducts(1);
test.after(() => products.dispose());
const near = (got: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(got - expected) <= tolerance, `got ${got}, expected ${expected}`);

test('bytes are converted to its size and range, grey into all three channels, and floats are taken as they are', async () => {
  const network = await openFeatureNetwork(writeTinyNetwork(temporaryFolder()));
  assert.equal([network.dim, network.classes], [3, 3]);
  const colour = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => [255, 0, 51][i % 3]!);
  const { features, logits } = await network.extract(colour, { count: 1, ...square(16), channels: 3 });
  [1, -1, -0.6].forEach((value, c) => near(features[c]!, value, 1e-6));
  near(logits![2]!, -1.2, 1e-6);
  const grey = await network.extract(new Uint8Array(8 * 8).fill(102), {
    count: 1,
    ...square(8),
    channels: 1,
  });
  grey.features.forEach((value) => near(value, -0.2, 1e-6));
  const floats = await network.extract(new Float32Array(16 * 16 * 3).fill(102.3), {
    count: 1,
    ...square(16),
    channels: 3,
  });
  near(floats.features[0]!, 102.3 / 127.5 - 1, 1e-6);
  await network.dispose();
});

test('the perceptual distance is NumPy’s, with weights and without', () => {
  // x = (LCG as in oracle-features.ts) - 0.3, shape [2, 3, 4], seeds 3 and 9; normalised over channels;
  // ((a - b) ** 2 * w).sum(1).mean(1) with w = [0.5, 0, 2], and .mean(1).mean(1)
  const layer = (seed: number) => {
    let state = BigInt(seed);
    const data = Float32Array.from({ length: 24 }, () => {
      state = (state * 1103515245n + 12345n) % 2147483648n;
      return Number(state) / 2147483648 - 0.3;
    });
    return [{ channels: 3, places: 4, data }];
  };
  const [a, b] = [layer(3), layer(9)];
  [1.81683872, 1.53616775].forEach((value, i) =>
    near(perceptualDistance(a, i, b, i, [[0.5, 0, 2]]), value, 1e-6),
  );
  [0.43064212, 0.61039017].forEach((value, i) => near(perceptualDistance(a, i, b, i, [null]), value, 1e-6));
  assert.is(perceptualDistance(a, 1, a, 1, [null]), 0);
  assert.throws(() => perceptualDistance(a, 0, b, 0, [[1, 2]]), /got 2, expected 3/);
});

test('a network that is not what its sidecar says is refused before anything is measured', async () => {
  const outputs = { features: 'features', logits: 'logits', layers: ['layer'] };
  const input = { name: 'images', layout: 'nhwc', size: 8, resize: 'cubic', grey: 'repeat', range: [-1, 1] };
  const faults: readonly (readonly [(sidecar: Record<string, unknown>) => void, RegExp])[] = [
    [(s) => (s['sha256'] = 'f'.repeat(64)), /is for a network with sha256 ffff/],
    [(s) => delete s['input'], /input: got nothing, expected an object/],
    [(s) => (s['outputs'] = { ...outputs, features: 'pool' }), /has no output 'pool'/],
    [(s) => (s['outputs'] = { ...outputs, features: 'layer' }), /output 'layer' is float32 \[2, 8, 8, 3\]/],
    [(s) => (s['outputs'] = { ...outputs, layers: ['features'] }), /layer 'features' is float32 \[2, 3\]/],
    [(s) => (s['input'] = { ...input, name: 'pixels' }), /has no input 'pixels'/],
    [(s) => (s['input'] = { ...input, size: 16 }), /does not run on the input that its sidecar describes/],
    [(s) => (s['input'] = { ...input, range: [1, -1] }), /range: got \[1,-1\], expected two numbers/],
  ];
  for (const [change, message] of faults) {
    try {
      await openFeatureNetwork(writeTinyNetwork(temporaryFolder(), change));
      assert.unreachable(String(message));
    } catch (error) {
      assert.match((error as Error).message, message);
      assert.is((error as Error).name, 'UserError');
    }
  }
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.onnx'), 'no network');
  for (const [path, message] of [
    [join(folder, 'a.onnx'), /has no sidecar; write .*a\.json/],
    [join(folder, 'b.onnx'), /there is no such file/],
  ] as const) {
    try {
      await openFeatureNetwork(path);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
});

/** Distances of a set's later images, made worse, from its first ones. */
async function distances(
  network: FeatureNetwork,
  set: ImageSet,
  count: number,
  distortions: readonly (Distortion | null)[],
): Promise<number[]> {
  const real = await gatherFeatures({ network, set, first: 0, count, kept: 0, signal });
  const found: number[] = [];
  for (const distortion of distortions) {
    const worse = distortion === null ? set : distorted(set, distortion, 'worse');
    const { moments } = await gatherFeatures({ network, set: worse, first: count, count, kept: 0, signal });
    found.push(await frechetDistance(products, real.moments, moments));
  }
  return found;
}

/** Each from the weakest to the strongest. */
const growing: Readonly<Record<string, readonly Distortion[]>> = {
  noise: [noise(20), noise(40), noise(70)],
  blur: [blur(0.8), blur(1.4), blur(2.5)],
  'salt and pepper': [saltAndPepper(0.01), saltAndPepper(0.04), saltAndPepper(0.12), saltAndPepper(0.3)],
};

const avatars = async (): Promise<ImageSet> =>
  dataImages(
    await openDataset({
      data: 'avatars',
      ...square(64),
      channels: 3,
      avatarCount: 700,
      cacheFolder: temporaryFolder(),
    }),
    1,
  );

test("the embedded network's distances grow with the distortion", async () => {
  const network = await openFeatureNetwork(null);
  const set = await avatars();
  const [undistorted, ...all] = await distances(network, set, 300, [null, ...Object.values(growing).flat()]);
  for (const [name, distortions] of Object.entries(growing)) {
    const found = [undistorted!, ...all.splice(0, distortions.length)];
    found.forEach((value, i) => assert.ok(i === 0 || value > 1.1 * found[i - 1]!, `${name}: ${found}`));
  }
  const weights = network.sidecar.outputs.layers.map(() => null);
  const pairs = async (distortion: Distortion): Promise<number> =>
    (await pairDistances({ network, weights }, set, distorted(set, distortion, 'worse'), 64, signal)).mean;
  const [slight, strong] = [await pairs(noise(10)), await pairs(noise(40))];
  assert.ok(slight > 0 && strong > 2 * slight, `${slight}, ${strong}`);
  const varied = await diversity({ network, weights }, set, 200, signal);
  assert.ok(varied.mean > strong && varied.standardError < 0.1 * varied.mean, `${varied.mean}, ${strong}`);
  await set.close();
  await network.dispose();
});

const squeezenet = developmentData('networks/squeezenet1.1.onnx');
if (squeezenet === null) {
  test.skip('it ranks a list of distortions as SqueezeNet does', () => undefined);
} else {
  test('it ranks a list of distortions as SqueezeNet does', async () => {
    const list = [null, noise(15), blur(2), saltAndPepper(0.1), saltAndPepper(0.2), saltAndPepper(0.35)];
    const set = await avatars();
    const orders: number[][] = [];
    for (const path of [null, squeezenet]) {
      const network = await openFeatureNetwork(path);
      const found = await distances(network, set, 300, list);
      console.log(`${network.sidecar.name}: ${found.map((value) => value.toPrecision(4)).join(', ')}`);
      orders.push(found.map((_, i) => i).sort((a, b) => found[a]! - found[b]!));
      await network.dispose();
    }
    assert.equal(orders[0], orders[1]);
    await set.close();
  });

  test('LPIPS rates a blur as farther than a shift by one pixel, although its squared error is smaller', async () => {
    // Zhang 2018, figure 1: where people and deep features disagree with squared errors.
    const set = await avatars();
    const network = await openFeatureNetwork(squeezenet);
    const heads = developmentData('networks/lpips-v0.1-squeeze.json')!;
    const weights = await parseLayerWeights(heads, network.sidecar.outputs.layers.length);
    const far = async (distortion: Distortion): Promise<readonly [number, number]> => {
      const worse = distorted(set, distortion, 'worse');
      const { mean } = await pairDistances({ network, weights }, set, worse, 48, signal);
      const [a, b] = [await set.read(0, 48), await worse.read(0, 48)];
      return [mean, a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length];
    };
    const [blurred, moved] = [await far(blur(1.2)), await far(shift(1))];
    console.log(`LPIPS: blurred ${blurred[0]}, moved ${moved[0]}; squared error ${blurred[1]}, ${moved[1]}`);
    assert.ok(blurred[0] > 1.5 * moved[0]);
    assert.ok(blurred[1] < moved[1]);
    await set.close();
    await network.dispose();
  });
}

test.run();
