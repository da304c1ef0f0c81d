// Codes of measured samples: drawn in their distribution, decided by the seed, and independent of the seed's latent.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conditionFor } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { conditionMix } from '../../trainer/metrics/condition-mix.ts';
import type { SetLabels } from '../../trainer/metrics/set-labels.ts';

const test = suite('metrics/condition-mix');

const choices = ['a', 'b', 'c', 'd', 'e'];
const conditioning: Conditioning = {
  kind: 'codes',
  codes: [
    { name: 'shape', kind: 'choice', choices },
    { name: 'angle', kind: 'continuous', least: -2, most: 4 },
  ],
};
const count = 20_000;
const seeds = Array.from({ length: count }, (_, i) => i);
const { of, text, wantedOf } = (await conditionMix(conditioning, null, 0))!;
const rows = conditionFor({ conditioning }, wantedOf(seeds), seeds)!;
const at = (i: number, column: number): number => rows[i * 6 + column]!;

test('the protocol says that codes are drawn at random', () => {
  assert.equal([of, text], ['codes', 'at random by seed']);
});

test('choices are equally likely and do not take turns; numbers are uniform in their range', () => {
  const seen = choices.map((_, k) => seeds.filter((i) => at(i, k) === 1).length);
  // Chi-square with 4 degrees of freedom; 23.5 has a probability of 1e-4.
  const expected = count / choices.length;
  const chiSquare = seen.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 23.5, `${seen}`);
  const repeats = seeds.filter((i) => i > 0 && choices.some((_, k) => at(i, k) === 1 && at(i - 1, k) === 1));
  assert.ok(Math.abs(repeats.length / count - 0.2) < 0.02, `${repeats.length} repeats`);

  const numbers = seeds.map((i) => at(i, 5)).toSorted((a, b) => a - b);
  // The largest distance of the distribution functions (Kolmogorov and Smirnov); 2.23/√n has a probability of 1e-4.
  const distance = Math.max(...numbers.map((x, i) => Math.abs((x + 2) / 6 - (i + 0.5) / count)));
  assert.ok(distance < 2.23 / Math.sqrt(count), `${distance}`);
});

test('a seed decides its codes, whatever other seeds are asked for', () => {
  assert.equal(conditionFor({ conditioning }, wantedOf([123]), [123]), rows.slice(123 * 6, 124 * 6));
});

test("codes do not depend on the seed's latent", () => {
  for (let dimension = 0; dimension < 4; dimension++) {
    for (const column of [0, 5]) {
      const pairs = seeds.map((i) => [latentFromSeed(i, 4, 'uniform')[dimension]!, at(i, column)] as const);
      const mean = (of: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[of], 0) / count;
      const [x, y] = [mean(0), mean(1)];
      let [xy, xx, yy] = [0, 0, 0];
      for (const [a, b] of pairs) {
        xy += (a - x) * (b - y);
        xx += (a - x) ** 2;
        yy += (b - y) ** 2;
      }
      // Four standard errors.
      assert.ok(Math.abs(xy / Math.sqrt(xx * yy)) < 4 / Math.sqrt(count), `${dimension}, ${column}`);
    }
  }
});

const rowsOfData = [
  [1, 0.25, 7],
  [0, 0.5, 7],
  [1, 2, 7],
];
/** Labels of three images: smile, tilt and something that no model has. */
const labels: SetLabels = {
  classNames: null,
  classCounts: null,
  attributes: [
    { name: 'Smile', kind: 'binary', values: null, range: [0, 1] },
    { name: 'tilt', kind: 'continuous', values: null, range: [-1, 2] },
    { name: 'other', kind: 'continuous', values: null, range: [7, 7] },
  ],
  readClasses: () => Promise.reject(new RangeError('classes')),
  readAttributes: (first, number) =>
    Promise.resolve(Float32Array.from(rowsOfData.slice(first, first + number).flat())),
};

test("attributes and numbers are those of the data's images, in their order and within the model's range", async () => {
  const attributes: Conditioning = { kind: 'attributes', names: ['hat', 'smile'], examples: [[1, 0]] };
  const smiles = (await conditionMix(attributes, labels, 3))!;
  assert.equal([smiles.of, smiles.text], ['attributes', "as in the data's images, but hat of the examples"]);
  const some = [0, 1, 2, 3];
  const found = conditionFor({ conditioning: attributes }, smiles.wantedOf(some), some)!;
  assert.equal([...found], [1, 1, 1, 0, 1, 1, 1, 1]);
  const numbers: Conditioning = {
    kind: 'numbers',
    numbers: [{ name: 'tilt', least: 0, most: 1 }],
    examples: [[0.1]],
  };
  const tilts = (await conditionMix(numbers, labels, 3))!;
  assert.equal([tilts.of, tilts.text], ['numbers', "as in the data's images"]);
  assert.equal([...conditionFor({ conditioning: numbers }, tilts.wantedOf(some), some)!], [-0.5, 0, 1, -0.5]);
});

test('without labels that the model has, its examples take turns', async () => {
  const conditioning: Conditioning = { kind: 'attributes', names: ['hat'], examples: [[1], [0]] };
  for (const of of [null, labels]) {
    const { text: why, wantedOf: wanted } = (await conditionMix(conditioning, of, 3))!;
    assert.is(why, 'of the examples in turn');
    assert.equal([...conditionFor({ conditioning }, wanted([0, 1]), [0, 1])!], [1, 0]);
  }
});

test.run();
