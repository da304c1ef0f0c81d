// `npm run bench -- distortions`: prints a table of the distances between images and distorted copies, by one or more feature
// networks, and the rank correlation between the networks.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { option, readFlags, repeated, text, wholeNumber } from '../../flags.ts';
import { frechetDistance } from '../../../trainer/metrics/frechet.ts';
import { openProducts } from '../../../trainer/metrics/products.ts';
import { openFeatureNetwork } from '../../../trainer/metrics/feature-network.ts';
import { gatherFeatures } from '../../../trainer/metrics/gather-features.ts';
import { lookAtImages, openImageSet } from '../../../trainer/metrics/image-set.ts';
import { parseLayerWeights } from '../../../trainer/metrics/layer-weights.ts';
import { pairDistances } from '../../../trainer/metrics/sample-perception.ts';
import { blur, distorted, noise, saltAndPepper, type Distortion } from './image-distortions.ts';

const values = readFlags({
  data: option(text, 'avatars'),
  network: repeated(text),
  'layer-weights': option(text),
  count: option(wholeNumber(), '2000'),
  'image-size': option(wholeNumber(), '64'),
});
const { count, 'image-size': imageSize } = values;
const signal = new AbortController().signal;

/** Noise in grey levels, blur in pixels, salt and pepper as shares; null compares with undistorted other images. */
const distortions: Readonly<Record<string, Distortion | null>> = {
  'the other half': null,
  'noise 10': noise(10),
  'noise 30': noise(30),
  'noise 60': noise(60),
  'blur 0.7': blur(0.7),
  'blur 1.4': blur(1.4),
  'blur 2.5': blur(2.5),
  'salt and pepper 1%': saltAndPepper(0.01),
  'salt and pepper 4%': saltAndPepper(0.04),
  'salt and pepper 12%': saltAndPepper(0.12),
  'salt and pepper 30%': saltAndPepper(0.3),
};

const facts = await lookAtImages(values.data, signal);
const set = await openImageSet(facts, {
  ...square(imageSize),
  channels: facts.channels,
  signal,
});
const products = await openProducts();
const columns: { readonly name: string; readonly frechet: number[]; readonly perceptual: number[] }[] = [];
for (const path of [null, ...values.network]) {
  const network = await openFeatureNetwork(path);
  const layers = network.sidecar.outputs.layers;
  const file = values['layer-weights'];
  // The learned layer weights belong to the first network given.
  const isWeighted = file !== undefined && path === values.network[0];
  const weights = isWeighted ? await parseLayerWeights(file, layers.length) : layers.map(() => null);
  const real = await gatherFeatures({ network, set, first: 0, count, kept: 0, signal });
  const column = { name: network.sidecar.name, frechet: [] as number[], perceptual: [] as number[] };
  for (const [name, distortion] of Object.entries(distortions)) {
    const worse = distortion === null ? set : distorted(set, distortion, name);
    const { moments } = await gatherFeatures({ network, set: worse, first: count, count, kept: 0, signal });
    column.frechet.push(await frechetDistance(products, real.moments, moments));
    const pairs = Math.min(256, count);
    column.perceptual.push(
      distortion === null ? 0 : (await pairDistances({ network, weights }, set, worse, pairs, signal)).mean,
    );
  }
  columns.push(column);
  await network.dispose();
}
await products.dispose();
console.log(`${set.name}, ${imageSize} pixels, ${count} images each, to the first ${count}`);
console.log(['', ...columns.flatMap(({ name }) => [`Fréchet, ${name}`, 'perceptual'])].join(' | '));
for (const [i, name] of Object.keys(distortions).entries()) {
  const cells = columns.flatMap(({ frechet, perceptual }) => [
    frechet[i]!.toPrecision(3),
    perceptual[i]!.toFixed(4),
  ]);
  console.log([name, ...cells].join(' | '));
}
for (const { name, frechet, perceptual } of columns.slice(1)) {
  const first = columns[0]!;
  console.log(
    `rank correlation with ${name}: Fréchet ${rankCorrelation(first.frechet, frechet).toFixed(2)}, ` +
      `perceptual ${rankCorrelation(first.perceptual, perceptual).toFixed(2)}`,
  );
}
await set.close();

/** Spearman's rank correlation of lists without ties. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (list: readonly number[]): number[] =>
    list.map((value) => list.filter((x) => x < value).length);
  const [x, y] = [ranks(a), ranks(b)];
  const n = x.length;
  const squares = x.reduce((sum, rank, i) => sum + (rank - y[i]!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}
