// Sums of attributes: parsing, exemplars and trials, on a generator and a classifier in closed form: images are the latents
// themselves, and each attribute is one number of the latent.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import { runTrials, sumOfSeeds, trialTerms } from '../../../trainer/analysis/sums/arithmetic-trials.ts';
import type {
  AttributeClassifier,
  PredictedAttribute,
} from '../../../trainer/analysis/attributes/attribute-classifier.ts';
import { parseAttributes } from '../../../trainer/analysis/attributes/attribute-expression.ts';
import { findExemplars } from '../../../trainer/analysis/sums/exemplars.ts';
import { shareInterval } from '../../../trainer/analysis/sums/trials-text.ts';
import { UserError } from '../../../trainer/errors.ts';
import type { NativeGenerator } from '../../../trainer/model-package/native-generator.ts';

const test = suite('arithmetic by attribute');
const signal = new AbortController().signal;
const dim = 4;
const model = { latent: { dim, distribution: 'normal' } } as const;
const attributes: readonly PredictedAttribute[] = [
  { name: 'glasses', kind: 'binary', values: null, range: [0, 1] },
  { name: 'hat', kind: 'binary', values: null, range: [0, 1] },
  { name: 'beard', kind: 'binary', values: null, range: [0, 1] },
  { name: 'yaw', kind: 'continuous', values: null, range: [-1, 1] },
];
const generator: NativeGenerator = {
  runtime: 'none',
  draw: (z) => Promise.resolve({ shape: [z.length / dim, dim], dtype: 'float32', data: z }),
  dispose: () => Promise.resolve(),
};
/** Glasses are the first number, a hat the second; a larger number gives a higher probability. */
const classifier: AttributeClassifier = {
  attributes,
  steerable: attributes,
  quality: {},
  predict: (images) => Promise.resolve(images.map((value) => 1 / (1 + Math.exp(-3 * value)))),
  classify: () => {
    throw new Error('is not asked');
  },
};

test('a term has what it names and lacks what the others name', () => {
  const { terms, expected, attributes: used } = parseAttributes('glasses - none + hat', attributes);
  assert.equal(used, [0, 1]);
  assert.equal(expected, [true, true]);
  assert.equal(terms, [
    { sign: 1, has: [true, false], text: 'glasses' },
    { sign: -1, has: [false, false], text: 'none' },
    { sign: 1, has: [false, true], text: 'hat' },
  ]);
  const other = parseAttributes('glasses&beard-glasses +hat', attributes);
  assert.equal(other.attributes, [0, 2, 1]);
  assert.equal(other.expected, [false, true, true]);
  assert.is(other.terms[0]!.text, 'glasses & beard');
  assert.equal(parseAttributes('hat', attributes).expected, [true]);
  assert.equal(parseAttributes('hat - hat + none', attributes).expected, [false]);
});

for (const [text, message] of [
  ['', /ends where an attribute or none is expected/],
  ['glasses -', /ends where an attribute/],
  ['- none + hat', /got '-' at the start, expected an attribute or none/],
  ['glasses hat', /got 'hat' after 'glasses', expected \+, - or &/],
  ['glasses - - hat', /got '-' after '-', expected an attribute or none/],
  ['glases - none + hat', /there is no attribute 'glases'; did you mean 'glasses'\?/],
  ['Glasses - none + hat', /there is no attribute 'Glasses'; did you mean 'glasses'\?/],
  ['banana', /there is no attribute 'banana'; there are: glasses, hat, beard/],
  ['yaw - none + hat', /'yaw' is not binary, expected one of: glasses, hat, beard/],
  ['glasses & none', /'none' stands alone/],
  ['none & glasses', /'none' stands alone/],
  ['hat & hat', /'hat' is named twice in one term/],
  ['glasses + hat', /adds 2 terms and takes 0 away, expected one more added than taken/],
  ['glasses - none', /adds 1 terms and takes 1 away/],
  ['hat - none + hat', /'hat' comes out 2 times, expected once or not at all/],
  ['none - hat + none', /'hat' comes out -1 times/],
  ['none', /names no attribute/],
  ['glasses * hat', /got '\*' after 'glasses'/],
] as const) {
  test(`'${text}' is refused`, () => {
    assert.throws(
      () => parseAttributes(text, attributes),
      (error: Error) =>
        error instanceof UserError &&
        error.message.startsWith(`--attributes "${text}": `) &&
        message.test(error.message),
    );
  });
}

const expression = parseAttributes('glasses - none + hat', attributes);
const search = {
  ...{ model, generator, classifier, expression, sure: 0.9, steady: null, size: 1, firstSeed: 1000, signal },
} as const;
/** 1/(1 + exp(-3z)) >= 0.9 where z >= ln(9)/3. */
const border = Math.log(9) / 3;
const pool = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ seed: 1000 + i, z: latentFromSeed(1000 + i, dim, 'normal') }));

for (const steady of [null, 1, 0.5]) {
  test(`exemplars have a high probability by the classifier, none occurs twice, steady ${steady}`, async () => {
    const given = { ...search, steady, size: 2, needed: 10, maxSamples: 20_000 };
    const { groups, looked, shareAsExpected } = await findExemplars(given);
    assert.equal(
      groups.map((list) => list.map(({ length }) => length)),
      new Array<number[]>(3).fill(new Array<number>(10).fill(2)),
    );
    assert.is(new Set(groups.flat(2)).size, 60);
    assert.ok(looked % 256 === 0 && looked < 20_000);
    // At half the length a number has to be twice as large; the mean of two that are large enough is large enough.
    const far = border / (steady ?? 1);
    const all = pool(looked);
    const fitting = [
      all.filter(({ z }) => z[0]! >= far && z[1]! <= -far),
      all.filter(({ z }) => z[0]! <= -far && z[1]! <= -far),
      all.filter(({ z }) => z[0]! <= -far && z[1]! >= far),
    ];
    fitting.forEach((list, t) =>
      assert.equal(
        groups[t]!.flat(),
        list.slice(0, 20).map(({ seed }) => seed),
      ),
    );
    assert.is(shareAsExpected, all.filter(({ z }) => z[0]! > 0 && z[1]! > 0).length / looked);
  });
}

test('a group whose mean lacks the attribute is split, and its images form other groups', async () => {
  // An image has a hat if its second number is far from zero on either side, so opposite ones have a mean without a hat.
  const twoSided: AttributeClassifier = {
    ...classifier,
    predict: (images) =>
      Promise.resolve(images.map((value, i) => (i % dim === 1 ? Number(Math.abs(value) > 1) : 0))),
  };
  const hats = parseAttributes('hat', attributes);
  const given = { ...search, classifier: twoSided, expression: hats, size: 3, needed: 40, maxSamples: 1024 };
  const signs = (groups: readonly (readonly number[])[]): number[] =>
    groups.map((seeds) => {
      const values = seeds.map((seed) => latentFromSeed(seed, dim, 'normal')[1]!);
      assert.ok(values.every((value) => Math.abs(value) > 1));
      return Math.abs(values.reduce((sum, value) => sum + Math.sign(value), 0));
    });
  const any = signs((await findExemplars({ ...given, steady: null })).groups[0]!);
  assert.ok(any.length === 40 && any.includes(1), 'as they come, signs are mixed');
  const { groups, looked } = await findExemplars({ ...given, steady: 1 });
  assert.is(groups[0]!.length, 40);
  assert.is(new Set(groups[0]!.flat()).size, 120);
  const held = groups[0]!.map(
    (seeds) => seeds.reduce((sum, s) => sum + latentFromSeed(s, dim, 'normal')[1]!, 0) / 3,
  );
  assert.ok(held.every((mean) => Math.abs(mean) > 1));
  assert.equal((await findExemplars({ ...given, steady: 1 })).groups, groups);
  assert.ok(looked <= 1024);
});

test('if there are too few exemplars, all of them are returned', async () => {
  const { groups, looked } = await findExemplars({ ...search, needed: 1000, maxSamples: 300 });
  assert.is(looked, 300);
  assert.ok(groups.every(({ length }) => length > 0 && length < 300));
  const aborted = AbortSignal.abort(new Error('enough'));
  try {
    await findExemplars({ ...search, needed: 1, maxSamples: 300, signal: aborted });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
});

test('equal terms get different images', async () => {
  const twice = parseAttributes('glasses - none + hat - none + beard', attributes);
  const { groups } = await findExemplars({ ...search, expression: twice, needed: 10, maxSamples: 20_000 });
  assert.is(new Set(groups.flat(2)).size, 50);
});

test('a sum is that of the means, and strength scales its distance from the subtracted mean', () => {
  const z = (seed: number): Float32Array => latentFromSeed(seed, dim, 'normal');
  const terms = [
    { sign: 1, seeds: [1, 2] },
    { sign: -1, seeds: [3] },
    { sign: 1, seeds: [4] },
  ] as const;
  const plain = Float32Array.from(z(1), (value, i) => (value + z(2)[i]!) / 2 - z(3)[i]! + z(4)[i]!);
  const far = plain.map((value, i) => z(3)[i]! + 1.5 * (value - z(3)[i]!));
  for (const [strength, wanted] of [
    [1, plain],
    [1.5, far],
  ] as const) {
    sumOfSeeds(model, terms, strength).forEach((value, i) => assert.ok(Math.abs(value - wanted[i]!) < 1e-6));
  }
});

test('each trial has exemplars of its own, and counts the attributes of its sums', async () => {
  const trials = 300;
  const { groups } = await findExemplars({ ...search, size: 3, needed: trials, maxSamples: 100_000 });
  const used = Array.from({ length: trials }, (_, i) =>
    trialTerms(expression, groups, i).flatMap((term) => term.seeds),
  );
  assert.is(new Set(used.flat()).size, 9 * trials);
  const settings = [
    { exemplars: 1, strength: 1 },
    { exemplars: 3, strength: 1 },
  ];
  const outcomes = await runTrials({
    ...{ model, generator, evaluator: classifier, expression, groups, settings, trials, signal },
  });
  for (const [s, { exemplars }] of settings.entries()) {
    const sums = Array.from({ length: trials }, (_, i) =>
      sumOfSeeds(model, trialTerms(expression, groups, i, exemplars)),
    );
    const { shares, asExpected, trials: counted } = outcomes[s]!;
    assert.is(counted, trials);
    assert.is(shares[0], sums.filter((sum) => sum[0]! > 0).length / trials);
    assert.is(shares[1], sums.filter((sum) => sum[1]! > 0).length / trials);
    assert.is(asExpected, sums.filter((sum) => sum[0]! > 0 && sum[1]! > 0).length / trials);
  }
  // Means of three are steadier than one.
  assert.ok(outcomes[1]!.asExpected > outcomes[0]!.asExpected);
});

test('intervals are Wilson’s', () => {
  // scipy.stats.binomtest(170, 200).proportion_ci(method='wilson')
  const [low, high] = shareInterval(0.85, 200);
  assert.ok(
    Math.abs(low - 0.7939442071583334) < 1e-5 && Math.abs(high - 0.89286406437758) < 1e-5,
    `${low} ${high}`,
  );
  assert.ok(shareInterval(1, 10)[1] <= 1 && shareInterval(0, 10)[0] >= 0);
});

test.run();
