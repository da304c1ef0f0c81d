// The generator's inputs beside z: rows for labels and codes, the conditioning index, and refusals.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conditionFor, labelIndex, type Wanted } from '../../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import { assertClose } from '../../shared/closeness.ts';

const test = suite('condition');

const classes: Conditioning = { kind: 'classes', names: ['bag', '7', 'coat'] };
const codes: Conditioning = {
  kind: 'codes',
  codes: [
    { kind: 'choice', name: 'kind', choices: ['a', 'b'] },
    { kind: 'continuous', name: 'turn', least: -1, most: 3 },
    { kind: 'choice', name: 'shade', choices: ['x', 'y', 'z'] },
    { kind: 'continuous', name: 'width', least: 0, most: 1 },
  ],
};

function rows(conditioning: Conditioning, wanted: Wanted, turns: number[]): number[][] {
  const flat = conditionFor({ conditioning }, wanted, turns)!;
  const columns = flat.length / turns.length;
  return turns.map((_, i) => [...flat.subarray(i * columns, (i + 1) * columns)]);
}

test('an unconditional model gets no rows, and refuses labels and codes', () => {
  assert.is(conditionFor({ conditioning: null }, {}, [1, 2]), null);
  assert.throws(() => conditionFor({ conditioning: null }, { labels: 1 }, [0]), /neither classes nor codes/);
  assert.throws(() => conditionFor({ conditioning: null }, { codes: [1] }, [0]), /neither classes nor codes/);
});

test('labels are one-hot rows, by number or name, one for all or one each', () => {
  assert.equal(rows(classes, { labels: 'coat' }, [0, 1]), [
    [0, 0, 1],
    [0, 0, 1],
  ]);
  // A number is a place in the list, also where a class is called like one.
  assert.equal(rows(classes, { labels: [0, '7'] }, [5, 5]), [
    [1, 0, 0],
    [0, 1, 0],
  ]);
});

test('a class is found by its name composed or decomposed', () => {
  for (const form of ['NFC', 'NFD']) {
    assert.is(labelIndex(['bar', 'caf\u00e9'], 'caf\u00e9'.normalize(form)), 1);
    assert.is(labelIndex(['bar', 'caf\u00e9'.normalize(form)], 'caf\u00e9'), 1);
  }
});

test('without labels the class depends on the seed only, not on the rest of the batch', () => {
  assert.equal(rows(classes, {}, [4]), [[0, 1, 0]]);
  assert.equal(rows(classes, {}, [0, 4, 5])[1], [0, 1, 0]);
});

test('choices alternate, nested; numbers are spread evenly over their range', () => {
  const all = rows(
    codes,
    {},
    Array.from({ length: 600 }, (_, i) => i),
  );
  const pairs = new Map<string, number>();
  for (const row of all) {
    const pair = `${row.slice(0, 2)} ${row.slice(3, 6)}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  assert.equal([...pairs.values()], [100, 100, 100, 100, 100, 100]);
  // Quarters of the two numbers' ranges: each of the sixteen cells holds about its share.
  const cells = new Array<number>(16).fill(0);
  for (const row of all) cells[Math.floor(row[2]! + 1) * 4 + Math.floor(row[6]! * 4)]! += 1;
  assert.ok(Math.min(...cells) > 25 && Math.max(...cells) < 50, `cells: ${cells}`);
});

test('codes are given in their order, for all images or for each; null is left to the conditioning index', () => {
  const [row] = rows(codes, { codes: ['b', 0.5, 2, 1] }, [0]);
  assertClose(row!, [0, 1, 0.5, 0, 0, 1, 1], 1e-7, 'row');
  const each = rows(
    codes,
    {
      codes: [
        [0, 0, 0, 0],
        [1, 0, 'y', 0],
      ],
    },
    [0, 0],
  );
  assert.equal(each, [
    [1, 0, 0, 1, 0, 0, 0],
    [0, 1, 0, 0, 1, 0, 0],
  ]);
  const left = rows(codes, { codes: [null, null, 0, null] }, [3])[0]!;
  const free = rows(codes, {}, [3])[0]!;
  assert.equal([left.slice(0, 3), left[6]], [free.slice(0, 3), free[6]]);
});

const bad: readonly (readonly [Conditioning, Wanted, number[], RegExp])[] = [
  [classes, { labels: 3 }, [0], /label: got 3, expected a number from 0 to 2 or one of bag, 7, coat/],
  [classes, { labels: -1 }, [0], /label: got -1/],
  [classes, { labels: 0.5 }, [0], /label: got 0.5/],
  [classes, { labels: 'shoe' }, [0], /label: got "shoe"/],
  [classes, { labels: [0] }, [0, 1], /labels: got 1, expected 2, one for each image/],
  [classes, { codes: [0] }, [0], /the model has classes, not codes/],
  [codes, { labels: 0 }, [0], /the model has codes, not classes/],
  [codes, { codes: [0, 0, 0] }, [0], /got 3 values, expected 4: kind, turn, shade, width/],
  [codes, { codes: [2, 0, 0, 0] }, [0], /kind: got 2/],
  [codes, { codes: [0, 3.5, 0, 0] }, [0], /turn: got 3.5, expected a number from -1 to 3/],
  [codes, { codes: [0, NaN, 0, 0] }, [0], /turn: got null/],
  [codes, { codes: [[0, 0, 0, 0]] }, [0, 1], /codes: got 1, expected 2/],
];
for (const [conditioning, wanted, turns, message] of bad) {
  test(`refused: ${JSON.stringify(wanted)} for ${turns.length}`, () => {
    assert.throws(() => conditionFor({ conditioning }, wanted, turns), message);
  });
}

test.run();
