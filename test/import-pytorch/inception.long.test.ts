// Inception v3 as a feature network, against torch-fidelity's network with the same weights and each program's resizing
// (scripts/fixtures/inception.py). The weights are computed here, because a file of them has 95 MB.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { square } from '../../runtime-web/format/image-shape.ts';
import { encodeSafetensors } from '../../runtime-web/format/training/safetensors.ts';
import { sizeOf } from '../../trainer/graph/trace/graph.ts';
import {
  inceptionNetwork,
  inceptionResizes,
  type InceptionResize,
} from '../../trainer/import-pytorch/inception-network.ts';
import { importInception } from '../../trainer/import-pytorch/import-inception.ts';
import type { FileTensor } from '../../trainer/import-pytorch/weight-file.ts';
import { openFeatureNetwork } from '../../trainer/metrics/feature-network.ts';
import { failure } from '../shared/failure.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('Inception v3');
interface Fixture {
  readonly shapes: readonly (readonly [string, readonly number[]])[];
  readonly found: Readonly<
    Record<
      InceptionResize,
      { readonly features: readonly (readonly number[])[]; readonly logits: readonly (readonly number[])[] }
    >
  >;
}
const { shapes, found } = JSON.parse(readFileSync('test/fixtures/inception.json', 'utf8')) as Fixture;

/** Numbers from 0 to 1, as in the fixture's script. */
function uniform(seed: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let x = (i + Math.imul(seed, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  });
}

function valueOf(name: string, shape: readonly number[], seed: number): Float32Array<ArrayBuffer> {
  const values = uniform(seed, sizeOf(shape));
  if (/(bn\.weight|running_var)$/.test(name)) return Float32Array.from(values, (u) => 0.5 + u);
  if (/(bn\.bias|running_mean|^fc\.bias)$/.test(name)) return Float32Array.from(values, (u) => (u - 0.5) / 4);
  const bound = Math.sqrt(6 / sizeOf(shape.slice(1)));
  return Float32Array.from(values, (u) => (2 * u - 1) * bound);
}

const tensors = shapes.map(
  ([name, shape], seed) => [name, { shape, dtype: 'float32', data: valueOf(name, shape, seed) }] as const,
);
const weights = join(temporaryFolder(), 'inception.safetensors');

/** The two images of the fixture, [2, 40, 40, 3]: blocks of 4x4 in one colour. */
const images = (() => {
  const blocks = uniform(1000, 2 * 10 * 10 * 3);
  return Uint8Array.from({ length: 2 * 40 * 40 * 3 }, (_, at) => {
    const [c, x, y, n] = [at % 3, Math.floor(at / 3) % 40, Math.floor(at / 120) % 40, Math.floor(at / 4800)];
    return Math.floor(blocks[((n * 10 + (y >> 2)) * 10 + (x >> 2)) * 3 + c]! * 256);
  });
})();

test.before(() => writeFileSync(weights, encodeSafetensors(Object.fromEntries(tensors), {})));

for (const resize of inceptionResizes) {
  test(`resized as --resize ${resize}, features and logits are torch-fidelity's`, async () => {
    const out = join(temporaryFolder(), 'inception.onnx');
    await importInception({ weights, resize, out });
    const network = await openFeatureNetwork(out);
    assert.equal([network.dim, network.classes], [2048, 1008]);
    const { features, logits } = await network.extract(images, { count: 2, ...square(40), channels: 3 });
    await network.dispose();
    const { features: expected, logits: expectedLogits } = found[resize];
    for (const n of [0, 1]) {
      expected[n]!.forEach((value, i) => {
        const got = features[n * 2048 + 32 * i]!;
        assert.ok(
          Math.abs(got - value) < 1e-4 * Math.max(1, Math.abs(value)),
          `feature ${32 * i}: ${got}, expected ${value}`,
        );
      });
      expectedLogits[n]!.forEach((value, i) => {
        const got = logits![n * 1008 + 16 * i]!;
        assert.ok(
          Math.abs(got - value) < 1e-4 * Math.max(1, Math.abs(value)),
          `logit ${16 * i}: ${got}, expected ${value}`,
        );
      });
    }
  });
}

for (const [what, change, message] of [
  [
    "of torchvision's network are refused",
    ['fc.weight', [1000, 2048]],
    /fc\.weight is \[1000, 2048\], expected \[1008, 2048\]; these are torchvision's weights, whose distance is no FID/,
  ],
  [
    'without a layer are refused',
    ['Mixed_6c.branch7x7_2.conv.weight', null],
    /Mixed_6c\.branch7x7_2\.conv\.weight is missing/,
  ],
] as const) {
  test(`weights ${what}, and the layer is named`, async () => {
    const [name, shape] = change;
    const changed = new Map<string, FileTensor>(
      tensors.map(([key, tensor]) => [key, { shape: tensor.shape, read: async () => tensor.data }]),
    );
    if (shape === null) changed.delete(name);
    else changed.set(name, { shape, read: async () => new Float32Array(sizeOf(shape)) });
    const error = await failure(inceptionNetwork({ path: 'w.pth', tensors: changed }, 'tensorflow'));
    assert.match(error.message, message);
    assert.match(error.message, /^w\.pth: .*pt_inception-2015-12-05/);
  });
}

test.run();
