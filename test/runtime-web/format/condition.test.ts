// The generator's inputs beside z: rows for labels and codes, the conditioning index, and refusals.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conditionFields } from '../../../runtime-web/format/condition-fields.ts';
import { conditionFor, labelIndex, type Wanted } from '../../../runtime-web/format/condition.ts';
import { conditionText } from '../../../runtime-web/format/condition-text.ts';
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

const attributes: Conditioning = {
  kind: 'attributes',
  names: ['Smiling', 'wavy hair', 'wavy'],
  examples: [
    [1, 0, 0],
    [0, 1, 1],
    [0, 0, 1],
  ],
};
const numbers: Conditioning = {
  kind: 'numbers',
  numbers: [
    { name: 'age', least: 0, most: 100 },
    { name: 'turn', least: -30, most: 30 },
  ],
  examples: [
    [25, -15],
    [30, 15],
    [75, 30],
  ],
};

test('without a wish, attributes and numbers come from example i modulo their number', () => {
  assert.equal(rows(attributes, {}, [0, 1, 5]), [
    [1, 0, 0],
    [0, 1, 1],
    [0, 0, 1],
  ]);
  // 25 of 0 to 100 is a quarter of the way: -0.5 of -1 to 1.
  assertClose(rows(numbers, {}, [3])[0]!, [-0.5, -0.5], 1e-7, 'row');
});

test('an incomplete condition keeps to the examples that fit it, and is itself kept exactly', () => {
  assert.equal(rows(attributes, { condition: { Smiling: false } }, [0, 1, 2]), [
    [0, 1, 1],
    [0, 0, 1],
    [0, 1, 1],
  ]);
  // No example smiles with wavy hair: the next one in turn is changed.
  const both = { Smiling: 1, 'wavy hair': 1 };
  assert.equal(rows(attributes, { condition: both }, [0, 2]), [
    [1, 1, 0],
    [1, 1, 1],
  ]);
  assert.equal(rows(attributes, { condition: { wavy: 0.25 } }, [0]), [[1, 0, 0.25]]);
  // Ages of 25 and 30 are within a tenth of the range of 28; only 75 is nearest to 100.
  const turns = rows(numbers, { condition: { age: 28 } }, [0, 1, 2]).map(([, turn]) => turn);
  assert.equal(turns, [-0.5, 0.5, -0.5]);
  assert.equal(rows(numbers, { condition: { age: 100 } }, [0, 1]), [
    [1, 1],
    [1, 1],
  ]);
});

test('a condition is an object or a text, for all images or for each', () => {
  const wanted = {
    condition: ['Smiling=yes, "wavy hair"=0 wavy=0', { Smiling: 0, 'wavy hair': true, wavy: 'no' }],
  };
  assert.equal(rows(attributes, wanted, [0, 0]), [
    [1, 0, 0],
    [0, 1, 0],
  ]);
});

/** Text, model, and the row it gives for seed 0. */
const texts: readonly (readonly [string, Conditioning, readonly number[]])[] = [
  ['', attributes, [1, 0, 0]],
  ['  ,', attributes, [1, 0, 0]],
  ['Smiling=1 wavy hair=1 wavy=1', attributes, [1, 1, 1]],
  ['wavy=true,wavy hair=false,Smiling=0', attributes, [0, 0, 1]],
  ['wavy hair smiling wavy', attributes, [1, 1, 1]],
  ['SMILING = no , "WAVY HAIR" = yes, wavy=1', attributes, [0, 1, 1]],
  ['Smiling=.5 wavy=0 "wavy hair"=1e0', attributes, [0.5, 1, 0]],
  ['{"Smiling": true, "wavy hair": 1, "wavy": null}', attributes, [1, 1, 0]],
  ['age=50 turn=-30', numbers, [0, -1]],
  ['turn = 30,age=1e2', numbers, [1, 1]],
  ['label=coat', classes, [0, 0, 1]],
  ['label="7"', classes, [0, 1, 0]],
  ['COAT', classes, [0, 0, 1]],
  ['kind=b turn=3 shade=z width=0', codes, [0, 1, 3, 0, 0, 1, 0]],
];
for (const [text, conditioning, row] of texts) {
  test(`the text ${JSON.stringify(text)} gives ${row.join(' ')}`, () => {
    assert.equal(rows(conditioning, { condition: text }, [0]), [row]);
  });
}

test('names of classes with spaces and commas are read without quotes', () => {
  const shop: Conditioning = { kind: 'classes', names: ['boot', 'Ankle boot', 'top, long'] };
  for (const [text, label] of [
    ['label=Ankle boot', 1],
    ['ankle boot', 1],
    ['label=top, long', 2],
    ['label="top, long"', 2],
    ['boot', 0],
  ] as const) {
    assert.is(rows(shop, { condition: text }, [0])[0]!.indexOf(1), label, text);
  }
});

test('a condition as a text is read as the same condition', () => {
  const odd: Conditioning = {
    kind: 'attributes',
    names: ['a b', 'c=d', '{e', 'f"g'],
    examples: [[0, 0, 0, 0]],
  };
  for (const condition of [
    { 'a b': true, 'c=d': 'no', '{e': 1 },
    { 'f"g': 1, '{e': 0 },
    { 'a b': null, 'c=d': 0.5 },
  ]) {
    const text = conditionText(condition);
    assert.equal(rows(odd, { condition: text }, [0]), rows(odd, { condition }, [0]), text);
  }
  assert.is(conditionText({ smiling: 1, 'wavy hair': false, age: undefined }), 'smiling=1 "wavy hair"=false');
});

test('fields of every kind have their names and ranges', () => {
  const named = (conditioning: Conditioning) =>
    conditionFields(conditioning).map(({ kind, name }) => `${kind} ${name}`);
  assert.equal(named(null), []);
  assert.equal(named(classes), ['choice label']);
  assert.equal(named(codes), ['choice kind', 'number turn', 'choice shade', 'number width']);
  assert.equal(named(attributes), ['binary Smiling', 'binary wavy hair', 'binary wavy']);
  assert.equal(conditionFields(numbers)[1], { kind: 'number', name: 'turn', least: -30, most: 30 });
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
  [
    null,
    { condition: 'hat=1' },
    [0],
    /condition: got hat=1, and the model has neither classes nor codes, attr/,
  ],
  [attributes, { labels: 0 }, [0], /the model has attributes, not classes/],
  [numbers, { codes: [0] }, [0], /the model has numbers, not codes/],
  [classes, { labels: 0, condition: 'coat' }, [0], /condition: got one beside labels, expected one of them/],
  [
    attributes,
    { condition: { smilling: 1 } },
    [0],
    /condition: got "smilling", expected Smiling \(yes or no\), wa/,
  ],
  [
    attributes,
    { condition: 'Smiling=maybe' },
    [0],
    /Smiling: got "maybe", expected yes, no or a number from 0 to 1/,
  ],
  [
    attributes,
    { condition: { Smiling: 2 } },
    [0],
    /Smiling: got 2, expected yes, no or a number from 0 to 1/,
  ],
  [attributes, { condition: { Smiling: '' } }, [0], /Smiling: got ""/],
  [attributes, { condition: 'Smiling=' }, [0], /condition: got no value for Smiling/],
  [attributes, { condition: '=1' }, [0], /condition: got "", expected Smiling/],
  [attributes, { condition: 'wavy "wavy hair' }, [0], /got "\\"wavy"/],
  [attributes, { condition: 'Smiling=1 smiling=0' }, [0], /condition: got Smiling twice/],
  [attributes, { condition: '{"Smiling"' }, [0], /expected JSON such as/],
  [attributes, { condition: [{ wavy: 1 }] }, [0, 1], /condition: got 1, expected 2, one for each image/],
  [attributes, { condition: 3 as unknown as string }, [0], /condition: got 3, expected an object or a text/],
  [numbers, { condition: 'age=101' }, [0], /age: got "101", expected a number from 0 to 100/],
  [numbers, { condition: 'age=yes' }, [0], /age: got "yes"/],
  [numbers, { condition: { age: true } }, [0], /age: got true/],
  [numbers, { condition: { age: NaN } }, [0], /age: got null/],
  [numbers, { condition: 'age' }, [0], /condition: got no value for age, expected age=VALUE/],
  [numbers, { condition: 'height=3' }, [0], /got "height", expected age \(0 to 100\), turn \(-30 to 30\)/],
  [classes, { condition: 'shoe' }, [0], /condition: got "shoe", expected label \(bag, 7, coat\)/],
  [
    classes,
    { condition: 'label=shoe' },
    [0],
    /label: got "shoe", expected a number from 0 to 2 or one of bag, 7/,
  ],
];
for (const [conditioning, wanted, turns, message] of bad) {
  test(`refused: ${JSON.stringify(wanted)} for ${turns.length}`, () => {
    assert.throws(() => conditionFor({ conditioning }, wanted, turns), message);
  });
}

test.run();
