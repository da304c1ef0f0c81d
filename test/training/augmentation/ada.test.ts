// ADA's transforms against PyTorch's in float64 (scripts/fixtures/augmentation.py): maps, changed images and two derivatives; and their
// random parameters against the distributions of the paper's code.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Channels } from '../../../runtime-web/format/image-shape.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import { lower } from '../../../trainer/graph/lower/lower.ts';
import { sizeOf, type Graph } from '../../../trainer/graph/trace/graph.ts';
import { registerGradients } from '../../../trainer/graph/trace/gradients/register.ts';
import { record } from '../../../trainer/graph/trace/record.ts';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';
import { runOnWasm } from '../../../trainer/model-package/wasm-session.ts';
import {
  colourMapOf,
  drawTransforms,
  movementOf,
  noTransforms,
  type TransformParameters,
} from '../../../runtime-web/format/training/augmentation/ada-transforms.ts';
import { adaInputs, drawAda } from '../../../runtime-web/format/training/augmentation/ada.ts';
import { writeColourMap } from '../../../runtime-web/format/training/augmentation/colour-values.ts';
import {
  diffAugmentInputs,
  drawDiffAugment,
} from '../../../runtime-web/format/training/augmentation/diff-augment-values.ts';
import { writeMovement } from '../../../runtime-web/format/training/augmentation/movement-values.ts';
import { augment } from '../../../trainer/training/augmentation/augmentation.ts';
import { runLowered, type HostTensors } from '../../graph/lower/run-graph.ts';
import { wave } from '../../restoring/fixture.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('ada');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

type Three = readonly [number, number, number];
const fixture = JSON.parse(readFileSync('test/fixtures/augmentation.json', 'utf8')) as {
  readonly transforms: readonly TransformParameters[];
  readonly maps: readonly (readonly number[])[];
  readonly colours: readonly (readonly number[])[];
  readonly cases: Readonly<
    Record<string, Readonly<Record<'shape' | 'changed' | 'gradient' | 'second', Three>>>
  >;
};

/** The tensors of these transforms, one for each image of this shape. */
function tensorsOf(transforms: readonly TransformParameters[], [h, w, c]: Three): HostTensors {
  const shapes = adaInputs(transforms.length, { width: w, height: h, channels: c as Channels });
  const data = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]),
  ) as Record<keyof typeof shapes, Float32Array>;
  transforms.forEach((some, i) => {
    writeMovement(data, i, { width: w, height: h }, movementOf(some));
    writeColourMap(data, i, colourMapOf(some));
  });
  return Object.fromEntries(
    (Object.keys(shapes) as (keyof typeof shapes)[]).map((name) => [
      name,
      { shape: shapes[name], dtype: 'float32', data: data[name] },
    ]),
  );
}

/** The changed images, replayed by tfjs and lowered. */
async function changed(images: HostTensors[string], given: HostTensors): Promise<readonly Float32Array[]> {
  const feeds = { images, ...given };
  const graph = record((inputs) => ({ y: augment(inputs['images']!, inputs) }), feeds);
  const results = [await replay(graph, feeds), await runLowered(graph, feeds)];
  return results.map(({ y }) => y!.data as Float32Array);
}

/** The outputs on onnxruntime-web's WASM backend. */
async function runInWasm(graph: Graph, feeds: HostTensors): Promise<HostTensors> {
  const file = join(temporaryFolder(), 'model.onnx');
  writeFileSync(file, lower(graph));
  const { outputs } = await runOnWasm({ file, runs: [feeds], signal: new AbortController().signal });
  return outputs[0]!;
}

function near(got: number, expected: number, within: number, what: string): void {
  assert.ok(Math.abs(got - expected) <= within, `${what} is ${got}, expected ${expected}`);
}

test('the map and the colours of an image are the products of its transforms', () => {
  fixture.transforms.forEach((transforms, i) => {
    const map = movementOf(transforms)?.map ?? { a: 1, b: 0, e: 0, c: 0, d: 1, g: 0 };
    [map.a, map.b, map.e, map.c, map.d, map.g].forEach((value, k) =>
      near(value, fixture.maps[i]![k]!, 1e-9, `map ${i}, element ${k}`),
    );
    const { colourMatrix, colourOffset } = tensorsOf([transforms], [8, 8, 3]);
    fixture.colours[i]!.forEach((value, k) => {
      const got = k % 4 === 3 ? colourOffset!.data[(k - 3) / 4]! : colourMatrix!.data[k - Math.floor(k / 4)]!;
      near(got, value, 1e-6, `colour ${i}, element ${k}`);
    });
  });
});

for (const [name, { shape, ...expected }] of Object.entries(fixture.cases)) {
  test(`images and their two derivatives are PyTorch's: ${name}`, async () => {
    const count = fixture.transforms.length;
    const feeds = {
      images: wave(50, [count, ...shape], 0.8),
      ...tensorsOf(fixture.transforms, shape),
    };
    const graph = record((inputs) => {
      const { images } = inputs as { images: tf.Tensor };
      const gradientOf = (): tf.Tensor =>
        valueAndGradients(() => tf.sum(tf.sin(tf.mul(augment(images, inputs), 3))), [images]).gradients[0]!;
      const second = valueAndGradients(() => tf.sum(tf.square(gradientOf())), [images]).gradients[0]!;
      return { changed: augment(images, inputs), gradient: gradientOf(), second };
    }, feeds);
    const results = [await replay(graph, feeds), await runLowered(graph, feeds)];
    // The one with the most operators.
    if (name === 'wide, with alpha') results.push(await runInWasm(graph, feeds));
    for (const outputs of results) {
      for (const key of ['changed', 'gradient', 'second'] as const) {
        const data = outputs[key]!.data as Float32Array;
        const along = [70, 71].map((p) => {
          const other = wave(p, [data.length], 1).data;
          return data.reduce((sum, value, i) => sum + value * other[i]!, 0);
        });
        const [length] = expected[key];
        [Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0)), ...along].forEach((value, i) =>
          near(value, expected[key][i]!, 1e-5 * length * Math.sqrt(data.length), `${key}, figure ${i}`),
        );
      }
    }
  });
}

test('images with probability 0 are the same to the bit', async () => {
  for (const shape of [
    [8, 8, 3],
    [8, 16, 4],
    [16, 8, 1],
  ] as const) {
    const [height, width, channels] = shape;
    const images = wave(3, [2, ...shape], 0.9);
    const size = { width, height, channels };
    const given: HostTensors = drawAda(adaInputs(2, size), new Random(1), 0, size);
    for (const data of await changed(images, given)) assert.equal(data, images.data);
  }
});

test('a mirror image and a quarter turn are pixels in other places, and a shift continues with the mirror image', async () => {
  const side = 8;
  const images = wave(5, [3, side, side, 3], 0.9);
  const given = tensorsOf(
    [
      { ...noTransforms, isMirrored: true },
      { ...noTransforms, quarterTurns: 1 },
      { ...noTransforms, shift: [3, -2] },
    ],
    [side, side, 3],
  );
  const mirror = (at: number): number => (at < 0 ? -1 - at : at >= side ? 2 * side - 1 - at : at);
  // Row and column of the source of pixel (y, x). The paper's code turns by -90 degrees, from y to x.
  const sources: readonly ((y: number, x: number) => readonly [number, number])[] = [
    (y, x) => [y, side - 1 - x],
    (y, x) => [x, side - 1 - y],
    (y, x) => [mirror(y + 2), mirror(x - 3)],
  ];
  for (const data of await changed(images, given)) {
    sources.forEach((sourceOf, k) => {
      for (let i = 0; i < side * side * 3; i++) {
        const [pixel, channel] = [Math.floor(i / 3), i % 3];
        const [y, x] = sourceOf(Math.floor(pixel / side), pixel % side);
        const expected = images.data[((k * side + y) * side + x) * 3 + channel]!;
        near(data[k * side * side * 3 + i]!, expected, 1e-5, `image ${k}, value ${i}`);
      }
    });
  }
});

test('alpha keeps its values where only colours change', async () => {
  const images = wave(7, [1, 8, 8, 4], 0.9);
  const given = tensorsOf([{ ...noTransforms, brightness: 0.3, hue: 1, saturation: 2 }], [8, 8, 4]);
  for (const data of await changed(images, given)) {
    data.forEach((value, i) => assert.is(value === images.data[i]!, i % 4 === 3, `value ${i}`));
  }
});

test("parameters have the distributions of the paper's code, and each transform its probability", () => {
  const [count, probability] = [20_000, 0.4];
  const random = new Random(11);
  const size = { width: 64, height: 32 };
  const drawn = Array.from({ length: count }, () => drawTransforms(random, probability, size));
  const share = (test: (some: TransformParameters) => boolean): number => drawn.filter(test).length / count;
  /** Four deviations of a share. */
  const aboutShare = (test: (some: TransformParameters) => boolean, expected: number, what: string): void =>
    near(share(test), expected, 4 * Math.sqrt((expected * (1 - expected)) / count), what);
  aboutShare((some) => some.isMirrored, probability / 2, 'mirrored');
  aboutShare((some) => some.isInverted, probability / 2, 'inverted');
  for (const turns of [1, 2, 3])
    aboutShare((some) => some.quarterTurns === turns, probability / 4, `${turns}`);
  // There are 17 whole shifts along x and 9 along y; those at the ends are half as likely.
  aboutShare((some) => some.shift[0] === 3, probability / 16, 'shift of 3 along x');
  aboutShare((some) => some.shift[0] === 8, probability / 32, 'shift of 8 along x');
  aboutShare((some) => some.shift[1] === -4, probability / 16, 'shift of -4 along y');
  aboutShare((some) => some.firstAngle !== 0 || some.secondAngle !== 0, probability, 'turned');
  aboutShare((some) => some.firstAngle !== 0, 1 - Math.sqrt(1 - probability), 'first angle');
  aboutShare((some) => some.hue !== 0, probability, 'hue');
  aboutShare((some) => some.hue > Math.PI / 2, probability / 4, 'hue above a right angle');
  aboutShare((some) => some.secondAngle < -Math.PI / 2, (1 - Math.sqrt(1 - probability)) / 4, 'second angle');

  /** The chosen values of a normal distribution: their share, mean and deviation. */
  const aboutNormal = (
    valueOf: (some: TransformParameters) => number,
    deviation: number,
    what: string,
  ): void => {
    const values = drawn.map(valueOf).filter((value) => value !== 0);
    near(values.length / count, probability, 0.015, `share of ${what}`);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    near(mean / deviation, 0, 4 / Math.sqrt(values.length), `mean of ${what}`);
    near(Math.sqrt(variance) / deviation, 1, 4 / Math.sqrt(2 * values.length), `deviation of ${what}`);
  };
  aboutNormal((some) => Math.log2(some.scale), 0.2, 'scale');
  aboutNormal((some) => Math.log2(some.aspect), 0.2, 'aspect');
  aboutNormal((some) => some.fractionalShift[0], 8, 'shift along x');
  aboutNormal((some) => some.fractionalShift[1], 4, 'shift along y');
  aboutNormal((some) => some.brightness, 0.2, 'brightness');
  aboutNormal((some) => Math.log2(some.contrast), 0.5, 'contrast');
  aboutNormal((some) => Math.log2(some.saturation), 1, 'saturation');
});

test('with probability 1 every image is changed; the number of numbers drawn does not depend on it', () => {
  const draw = (probability: number) => {
    const random = new Random(5);
    const transforms = drawTransforms(random, probability, { width: 8, height: 8 });
    return { transforms, after: random.state };
  };
  assert.equal(draw(0).after, draw(1).after);
  assert.equal(draw(0).transforms, noTransforms);
  const { scale, firstAngle, secondAngle, hue, contrast } = draw(1).transforms;
  for (const [value, same] of [
    [scale, 1],
    [firstAngle, 0],
    [secondAngle, 0],
    [hue, 0],
    [contrast, 1],
  ]) {
    assert.is.not(value, same);
  }
});

test("DiffAugment's changes happen with their probability, and always without one", () => {
  const shape = { width: 16, height: 16 } as const;
  const batch = 4000;
  const shapes = diffAugmentInputs(['color', 'cutout'], { batch, ...shape });
  const drawnWith = (probability: number): Record<string, Float32Array> => {
    const random = new Random(2);
    return Object.fromEntries(
      Object.entries(shapes).map(([name, dims]) => [name, drawDiffAugment(name, dims, random, probability)]),
    );
  };
  const drawn = drawnWith(0.25);
  const shareOf = (name: string, same: number): number =>
    drawn[name]!.filter((value) => value !== same).length / batch;
  for (const [name, same] of [
    ['brightness', 0],
    ['saturation', 1],
    ['contrast', 1],
  ] as const) {
    near(shareOf(name, same), 0.25, 0.03, name);
  }
  const kept = drawn['kept']!;
  let cut = 0;
  for (let i = 0; i < batch; i++) if (kept.subarray(i * 256, (i + 1) * 256).includes(0)) cut += 1;
  near(cut / batch, 0.25, 0.03, 'cutout');
  assert.not.ok(drawnWith(1)['brightness']!.includes(0));
});

test.run();
