// Weights taken from other networks: each tensor is compared with the one of the same place, named here by hand.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../../../runtime-web/format/model.ts';
import { Random } from '../../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../../trainer/config/fields.ts';
import { planTraining } from '../../../../trainer/training/plan.ts';
import { takeWeights } from '../../../../runtime-web/format/training/take-weights.ts';
import { smallConfig } from '../../../shared/small-config.ts';

const test = suite('takeWeights()');

const classes = (...names: string[]): Conditioning => ({ kind: 'classes', names });

/** Random networks; moments are random too. */
function networksOf(values: Partial<TrainConfig>, seed: number, conditioning: Conditioning = null) {
  const config = { ...smallConfig, ...values };
  const random = new Random(seed);
  const drawn = planTraining(config, conditioning).initialState(random);
  const state = Object.fromEntries(
    Object.entries(drawn).map(([name, tensor]) => [
      name,
      /^(moments|averaged)/.test(name) && seed === 1
        ? { ...tensor, data: tensor.data.map(() => random.normal()) as Float32Array }
        : tensor,
    ]),
  );
  return { config, state, conditioning };
}

type Networks = ReturnType<typeof networksOf>;

function take(to: Networks, from: Networks, hasMoments = false) {
  const result = takeWeights(to, from, { hasMoments });
  const isFrom = (name: string, other: string, source: Networks): boolean =>
    Buffer.from(result.state[name]!.data.buffer).equals(Buffer.from(source.state[other]!.data.buffer));
  return {
    ...result,
    assertTaken: (name: string, other = name): void => assert.ok(isFrom(name, other, from), name),
    assertNew: (name: string): void => assert.ok(isFrom(name, name, to), name),
  };
}

test('equal networks take every weight and average; moments only on request', () => {
  const [to, from] = [networksOf({}, 2), networksOf({}, 1)];
  const { assertTaken, assertNew, fresh, partly, share } = take(to, from);
  const names = Object.keys(to.state);
  for (const name of names.filter((one) => /^(generator|discriminator|averaged)/.test(one)))
    assertTaken(name);
  for (const name of names.filter((one) => /^(moments|statistics)/.test(one))) assertNew(name);
  assert.equal([fresh, partly, share], [[], [], 1]);
  take(to, from, true).assertTaken('moments/second/discriminator/block2/scale');
});

test('an average that the source lacks starts from its weight', () => {
  const from = networksOf({ averageDecay: 0 }, 1);
  take(networksOf({}, 2), from).assertTaken('averaged/generator/block1/kernel', 'generator/block1/kernel');
});

test('for larger images of the same width, layers keep their distance from the image', () => {
  const { assertTaken, assertNew, taken, fresh } = take(networksOf({ imageSize: 32 }, 2), networksOf({}, 1));
  assertTaken('generator/block2/kernel', 'generator/block1/kernel');
  assertTaken('averaged/generator/block2/scale', 'averaged/generator/block1/scale');
  assertTaken('generator/image/bias');
  assertTaken('discriminator/block2/kernel');
  assertNew('generator/block1/kernel');
  assertNew('generator/project/scale');
  assertNew('discriminator/logit/bias');
  assert.equal(taken, [
    'generator/block2',
    'generator/image',
    'discriminator/block1',
    'discriminator/block2',
  ]);
  assert.equal(fresh, [
    'generator/project',
    'generator/block1',
    'discriminator/block3',
    'discriminator/logit',
  ]);
});

test('for larger images of half the width, layers keep their distance from 4x4', () => {
  const to = networksOf({ imageSize: 32, baseWidth: 2 }, 2);
  const { assertTaken, fresh } = take(to, networksOf({}, 1));
  assertTaken('generator/project/kernel');
  assertTaken('generator/block1/offset');
  assertTaken('discriminator/block3/kernel', 'discriminator/block2/kernel');
  assertTaken('discriminator/logit/kernel');
  assert.equal(fresh, [
    'generator/block2',
    'generator/image',
    'discriminator/block1',
    'discriminator/block2',
  ]);
});

test('for smaller images, layers keep their distance from the image', () => {
  const { assertTaken } = take(networksOf({}, 2), networksOf({ imageSize: 32 }, 1));
  assertTaken('generator/block1/kernel', 'generator/block2/kernel');
  assertTaken('discriminator/block2/kernel');
});

test('a kernel of another size is new, and so is its norm', () => {
  const { assertNew, fresh } = take(networksOf({ kernel: 5 }, 2), networksOf({}, 1));
  assertNew('generator/block1/scale');
  assert.ok(fresh.includes('generator/block1') && !fresh.includes('generator/project'));
});

test('rows of z, of the image and of classes of the same name are kept', () => {
  const label = { condition: 'label', head: 'dense' } as const;
  const to = networksOf(label, 2, classes('fox', 'cat', 'owl'));
  const from = networksOf(label, 1, classes('cat', 'dog'));
  const { state, partly } = take(to, from);
  assert.equal(partly, ['generator/project', 'discriminator/block1']);
  const width = 16 * 8;
  const row = (of: Networks['state'], i: number): number[] =>
    [...of['generator/project/kernel']!.data].slice(i * width, (i + 1) * width);
  // Eight rows of z, then the classes.
  assert.equal(row(state, 7), row(from.state, 7));
  assert.equal(row(state, 8), row(to.state, 8), 'fox is new');
  assert.equal(row(state, 9), row(from.state, 8), 'cat is the cat');
  assert.equal(row(state, 10), row(to.state, 10), 'owl is new');
  // The first block's kernel is [4, 4, 3 + classes, 4].
  const maps = (of: Networks['state'], k: number, channel: number, count: number): number[] =>
    [...of['discriminator/block1/kernel']!.data].slice(
      (k * count + channel) * 4,
      (k * count + channel + 1) * 4,
    );
  assert.equal(maps(state, 5, 2, 6), maps(from.state, 5, 2, 5));
  assert.equal(maps(state, 5, 4, 6), maps(from.state, 5, 3, 5));
  assert.equal(maps(state, 5, 3, 6), maps(to.state, 5, 3, 6));
});

test('attributes of the same name are kept, by projection too', () => {
  const values = { condition: 'attributes', labelDiscriminator: 'projection' } as const;
  const attributes = (...names: string[]): Conditioning => ({ kind: 'attributes', names, examples: [] });
  const to = networksOf(values, 2, attributes('hat', 'beard'));
  const from = networksOf(values, 1, attributes('beard', 'smile', 'glasses'));
  const { state, partly } = take(to, from);
  assert.equal(partly, ['generator/project', 'discriminator/projection']);
  const row = (of: Networks['state'], i: number): number[] =>
    [...of['discriminator/projection/kernel']!.data].slice(8 * i, 8 * i + 8);
  assert.equal([row(state, 0), row(state, 1)], [row(to.state, 0), row(from.state, 0)]);
});

test('a generator without classes is taken into one with classes', () => {
  const label = { condition: 'label', labelDiscriminator: 'projection' } as const;
  const { fresh, partly } = take(networksOf(label, 2, classes('a', 'b')), networksOf({}, 1));
  assert.equal([fresh, partly], [['discriminator/projection'], ['generator/project']]);
});

test('networks of another width have nothing to take', () => {
  assert.is(take(networksOf({ baseWidth: 3, latent: 9 }, 2), networksOf({}, 1)).share, 0);
});

const style = { network: 'stylegan', discriminatorNorm: 'none', mappingLayers: 1 } as const;

test("StyleGAN's layers move along by their resolution", () => {
  const { assertTaken, taken, fresh } = take(
    networksOf({ ...style, imageSize: 32 }, 2),
    networksOf(style, 1),
  );
  assertTaken('generator/mapping/dense1/kernel');
  assertTaken('generator/32x32/second/kernel', 'generator/16x16/second/kernel');
  assertTaken('discriminator/32x32/image/kernel', 'discriminator/16x16/image/kernel');
  assert.ok(taken.includes('generator/16x16/first/style') && fresh.includes('generator/4x4/second'));
});

const modern = { network: 'modern', discriminatorNorm: 'none' } as const;

test("R3GAN's layers move along by their resolution, and a condition is added without losing z", () => {
  const { assertTaken, fresh, partly } = take(
    networksOf({ ...modern, imageSize: 32 }, 2),
    networksOf(modern, 1),
  );
  assertTaken('generator/32x32/block1/second/kernel', 'generator/16x16/block1/second/kernel');
  assertTaken('discriminator/16x16/down/kernel', 'discriminator/8x8/down/kernel');
  assertTaken('discriminator/image/kernel');
  assert.ok(fresh.includes('generator/basis') && fresh.includes('generator/4x4/block1/first'));
  assert.equal(partly, []);

  const [to, from] = [networksOf(modern, 2, classes('a', 'b')), networksOf(modern, 1)];
  const conditioned = take(to, from);
  const name = 'generator/basis/kernel';
  const rows = 8 * 16;
  assert.equal(conditioned.state[name]!.data.slice(0, rows), from.state[name]!.data);
  assert.equal(conditioned.state[name]!.data.slice(rows), to.state[name]!.data.slice(rows));
  assert.equal(conditioned.fresh, ['generator/embedding']);
  assert.equal(conditioned.partly, ['generator/basis', 'discriminator/image']);
});

test("images of another shape keep all of StyleGAN's layers but those whose base differs", () => {
  const { assertTaken, fresh } = take(networksOf({ ...style, imageSize: '16x24' }, 2), networksOf(style, 1));
  assertTaken('generator/16x24/second/kernel', 'generator/16x16/second/kernel');
  assertTaken('discriminator/8x12/first/bias', 'discriminator/8x8/first/bias');
  assert.equal(fresh, ['generator/4x6/first', 'discriminator/4x6/dense']);
});

test("StyleGAN2's layers move along by their resolution, with what a new size adds to them", () => {
  const modulated = { ...style, network: 'stylegan2' } as const;
  const { assertTaken, fresh } = take(
    networksOf({ ...modulated, imageSize: 32 }, 2),
    networksOf(modulated, 1),
  );
  assertTaken('generator/32x32/first/kernel/3x3', 'generator/16x16/first/kernel/3x3');
  assertTaken('discriminator/16x16/skip/kernel/1x1', 'discriminator/8x8/skip/kernel/1x1');
  assert.ok(fresh.includes('generator/4x4/second') && fresh.includes('discriminator/8x8/skip'));
});

test.run();
