// model.json: an invalid value in every field, and older and newer versions.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ModelFormatError } from '../../../runtime-web/format/model-format-error.ts';
import { fileRoles } from '../../../runtime-web/format/package-files.ts';
import { formatVersion } from '../../../runtime-web/format/format-version.ts';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';

const test = suite('parseModel()');
const sha256 = '0123456789abcdef'.repeat(4);

type Json = Record<string, unknown>;

/** A model with every part in it. */
function goodModel(): Json {
  return {
    formatVersion,
    name: 'clothes',
    width: 32,
    height: 48,
    channels: 1,
    latent: { dim: 3, distribution: 'uniform' },
    conditioning: null,
    files: {
      generator: { file: 'generator.onnx', bytes: 10, sha256 },
      generatorFp16: { file: 'generator.fp16.onnx', bytes: 5, sha256 },
      preview: { file: 'preview.png', bytes: 7, sha256 },
    },
    training: {
      method: 'dcgan',
      dataset: { name: 'Fashion-MNIST', images: 60000, classes: ['shirt', 'shoe'] },
      images: 6400,
      steps: 100,
      seconds: 12.5,
      seed: 1,
      engine: 'onnx-cpu',
      configHash: sha256,
    },
    origin: {
      format: 'pytorch',
      files: [{ file: 'my generator (1).pth', bytes: 12, sha256 }],
      producer: 'pytorch 2.3.0',
      settings: { architecture: 'pytorch-dcgan', seed: 1, isRescaled: false },
    },
    parity: {
      seeds: [0, 1],
      figures: [
        {
          role: 'generator',
          runtime: 'onnxruntime-web 1.30.0 wasm',
          against: 'checkpoint',
          maxDifference: 1e-6,
          tolerance: 1e-4,
        },
      ],
    },
    metrics: [{ name: 'fid', value: 12.5, protocol: { images: 10000, split: 'train', isResized: true } }],
    directions: [{ name: 'smile', vector: [0, 0.5, -1], figures: { effect: 0.9 } }],
    steering: [{ name: 'smile', kind: 'binary' }],
    styles: { dim: 2, layers: [4, 4, 8, 8], mean: [0.5, -1] },
    calibration: {
      scale: 0.5,
      offset: -3.25,
      protocol: { images: 1000, dataset: 'clothes', part: 'held-out', firstSeed: 3_000_000_000 },
    },
    trainable: null,
  };
}

/** A good model with the value at `path` replaced; undefined removes it. */
function changed(path: string, value: unknown): Json {
  const model = goodModel();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Json>((at, key) => at[key] as Json, model);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return model;
}

function messageOf(json: unknown): string {
  try {
    parseModel(json, 'model.json');
  } catch (error) {
    assert.instance(error, ModelFormatError);
    return (error as Error).message;
  }
  return 'accepted';
}

test('a good model comes back as it is', () => {
  assert.equal(parseModel(goodModel(), 'model.json'), goodModel());
});

test('a model of an older version has no steering, no styles, no calibration and no networks to train', () => {
  assert.is(parseModel(changed('trainable', undefined), 'model.json').trainable, null);
  assert.is(parseModel(changed('steering', undefined), 'model.json').steering, null);
  assert.is(parseModel(changed('styles', undefined), 'model.json').styles, null);
  assert.is(parseModel(changed('calibration', undefined), 'model.json').calibration, null);
});

test('a model of an older version has no origin, and a model without training must have one', () => {
  assert.is(parseModel(changed('origin', undefined), 'model.json').origin, null);
  const imported = changed('training', null);
  assert.equal(parseModel(imported, 'model.json'), imported);
  for (const origin of [null, undefined]) {
    const message = messageOf({ ...imported, origin });
    assert.match(message, /^model\.json: origin: got (null|nothing), expected an object$/);
  }
});

test('a model of before 1.5 has squares, by the name imageSize', () => {
  const rest = { ...goodModel(), width: undefined, height: undefined };
  const parsed = parseModel({ ...rest, formatVersion: '1.4', imageSize: 64 }, 'model.json');
  assert.equal([parsed.width, parsed.height, parsed.channels], [64, 64, 1]);
  assert.not.ok('imageSize' in parsed);
  assert.match(messageOf({ ...rest, imageSize: 0 }), 'model.json: imageSize: got 0');
});

test('every role and both kinds of conditioning are known', () => {
  const files = Object.fromEntries(
    fileRoles.map((role) => [role, { file: `${role}.bin`, bytes: 1, sha256 }]),
  );
  assert.equal(parseModel(changed('files', files), 'model.json').files, files);
  const classes = { kind: 'classes', names: ['shirt', 'shoe'] };
  assert.equal(parseModel(changed('conditioning', classes), 'model.json').conditioning, classes);
  const codes = {
    kind: 'codes',
    codes: [
      { kind: 'continuous', name: 'slant', least: -1, most: 1 },
      { kind: 'choice', name: 'digit', choices: ['0', '1'] },
    ],
  };
  assert.equal(parseModel(changed('conditioning', codes), 'model.json').conditioning, codes);
  const attributes = { kind: 'attributes', names: ['hat'], examples: [[1], [0], [0.5]] };
  assert.equal(parseModel(changed('conditioning', attributes), 'model.json').conditioning, attributes);
  const numbers = {
    kind: 'numbers',
    numbers: [
      { name: 'age', least: 1, most: 90 },
      { name: 'size', least: -2.5, most: 0 },
    ],
    examples: Array.from({ length: 64 }, (_, i) => [i + 1, -i / 64]),
  };
  assert.equal(parseModel(changed('conditioning', numbers), 'model.json').conditioning, numbers);
});

/** Path, invalid value, and the rest of the message after the path. */
const bad: readonly (readonly [string, unknown, string])[] = [
  ['formatVersion', undefined, 'got nothing, expected a version'],
  ['formatVersion', 1, 'got 1, expected a version'],
  ['formatVersion', '0.9', 'export it again'],
  ['name', '', 'got "", expected a text that is not empty'],
  ['name', undefined, 'got nothing'],
  ['width', 32.5, 'got 32.5, expected a whole number'],
  ['height', 0, 'got 0'],
  ['height', '32', 'got "32"'],
  ['width', undefined, 'got nothing, expected a whole number'],
  ['channels', 2, 'got 2, expected 1 or 3 or 4'],
  ['latent', null, 'got null, expected an object'],
  ['latent.dim', -1, 'got -1'],
  ['latent.distribution', 'gaussian', 'got "gaussian", expected "uniform" or "normal"'],
  ['steering', [{ name: 'smile', kind: 'yes' }], 'expected "binary" or "continuous"'],
  ['steering', 'smile', 'got "smile"'],
  ['styles.dim', 0, 'got 0'],
  ['styles.layers', [], 'expected a list of at least 1'],
  ['styles.layers', [4, 0.5], 'got 0.5'],
  ['styles.mean', [1], 'expected 2 numbers, as many as a style has, not 1'],
  ['styles.mean', [1, 'a'], 'got "a"'],
  ['conditioning', {}, 'got nothing, expected "classes" or "codes" or "attributes" or "numbers"'],
  ['conditioning', { kind: 'classes', names: ['one'] }, 'expected a list of at least 2'],
  ['conditioning', { kind: 'classes', names: ['a', 'a'] }, 'got "a", expected a name that is not'],
  ['conditioning', { kind: 'codes', codes: [] }, 'expected a list of at least 1'],
  ...(
    [
      [{ kind: 'attributes', names: [], examples: [[1]] }, 'expected a list of at least 1'],
      [{ kind: 'attributes', names: ['hat'], examples: [] }, 'expected a list of at least 1'],
      [{ kind: 'attributes', names: ['hat'], examples: [[1, 0]] }, 'expected 1 numbers'],
      [{ kind: 'attributes', names: ['hat', 'hat'], examples: [[1, 1]] }, 'got "hat", expected a name that'],
      [{ kind: 'attributes', names: ['hat'] }, 'got nothing, expected a list'],
      [
        { kind: 'numbers', numbers: [{ name: 'age', least: 3, most: 2 }], examples: [[3]] },
        'got 2, expected a finite number of at least 3',
      ],
      [
        { kind: 'numbers', numbers: [{ name: 'age', least: 1, most: 9 }], examples: [['1']] },
        'got "1", expected a finite number',
      ],
    ] as const
  ).map(([value, rest]) => ['conditioning', value, rest] as const),
  [
    'conditioning',
    { kind: 'codes', codes: [{ kind: 'continuous', name: 'x', least: 1, most: 0 }] },
    'of at least 1',
  ],
  ['conditioning', { kind: 'codes', codes: [{ kind: 'choice', name: 'x', choices: ['a'] }] }, 'at least 2'],
  ['files', [], 'got [], expected an object'],
  ['files.generator', undefined, 'got nothing, expected an object'],
  ['files.poster', { file: 'a.png', bytes: 1, sha256 }, 'expected no such key'],
  ['files.preview', null, 'got null, expected an object'],
  ['files.generator.bytes', 0, 'got 0'],
  ['files.generator.bytes', NaN, 'got null'],
  ['files.generator.sha256', sha256.toUpperCase(), 'expected 64 lower-case hexadecimal digits'],
  ['files.generator.sha256', sha256.slice(1), 'expected 64 lower-case hexadecimal digits'],
  ['training', undefined, 'got nothing, expected an object'],
  ['training.method', 3, 'got 3'],
  ['training.dataset.name', '  ', 'expected a text'],
  ['training.dataset.images', 0, 'got 0'],
  ['training.dataset.classes', ['a', ''], 'got ""'],
  ['training.images', -1, 'got -1'],
  ['training.steps', 1e300, 'expected a whole number'],
  ['training.seconds', Infinity, 'expected a finite number'],
  ['training.seed', 0.5, 'got 0.5'],
  ['training.engine', null, 'got null'],
  ['training.configHash', 'abc', 'got "abc"'],
  ['origin', 'elsewhere', 'got "elsewhere", expected an object'],
  ['origin.format', '', 'got ""'],
  ['origin.files', [], 'expected a list of at least 1'],
  ['origin.files', [{ file: '', bytes: 1, sha256 }], 'got ""'],
  ['origin.files', [{ file: 'a.pth', bytes: 1, sha256: 'abc' }], 'expected 64 lower-case'],
  ['origin.producer', undefined, 'got nothing'],
  ['origin.settings', { range: null }, 'got null'],
  ['origin.settings', undefined, 'got nothing, expected an object'],
  ['parity.seeds', [0.5], 'got 0.5'],
  ['parity.figures', {}, 'got {}, expected a list'],
  ['parity.figures', [{ role: 'x' }], 'got "x", expected "generator"'],
  [
    'parity.figures',
    [{ role: 'generator', runtime: 'r', against: 'a', maxDifference: NaN, tolerance: 1 }],
    'finite',
  ],
  ['metrics', undefined, 'got nothing, expected a list'],
  ['metrics', [{ name: 'fid', value: NaN, protocol: { a: 1 } }], 'expected a finite number'],
  ['metrics', [{ name: 'fid', value: 1, protocol: {} }], 'got {}, expected at least one entry'],
  ['metrics', [{ name: 'fid', value: 1, protocol: { a: null } }], 'got null'],
  ['directions', [{ name: 'smile', vector: [1, 2], figures: {} }], 'expected 3 numbers'],
  ['directions', [{ name: 'smile', vector: [1, 2, Infinity], figures: {} }], 'expected a finite number'],
  ['directions', [{ name: 'smile', vector: [1, 2, 3], figures: { effect: '1' } }], 'got "1"'],
  ['calibration', 1, 'got 1, expected an object'],
  ['calibration.scale', 0, 'got 0'],
  ['calibration.scale', -1, 'got -1'],
  ['calibration.offset', null, 'got null'],
  ['calibration.protocol', {}, 'got {}, expected at least one entry'],
  ['calibration.protocol.part', null, 'got null'],
  ['colour', true, 'got true, expected no such key'],
  ['latent.size', 3, 'got 3, expected no such key'],
];

for (const [path, value, expected] of bad) {
  test(`${path} = ${JSON.stringify(value) ?? String(value)} is refused with its path`, () => {
    const message = messageOf(changed(path, value));
    assert.ok(message.startsWith(`model.json: ${path}`), message);
    assert.ok(message.includes(expected), message);
    assert.not.match(message, /\n/);
  });
}

test('a file name that leaves the folder, or is no name everywhere, is refused', () => {
  for (const file of [
    '../generator.onnx',
    '/etc/passwd',
    'a/b.onnx',
    'a\\b.onnx',
    '..',
    '.',
    '',
    '.hidden',
    'C:generator.onnx',
    'http://example.org/x',
    'a%2fb',
    'a?b',
    'a#b',
    'a b',
    'a\n',
    'x'.repeat(300),
    7,
  ]) {
    const message = messageOf(changed('files.generator.file', file));
    assert.match(message, 'model.json: files.generator.file: got ', String(file));
    assert.match(message, 'expected a plain file name', String(file));
  }
});

test('a file that is no object is refused with its name', () => {
  for (const json of [null, [], 'model', 3, undefined]) {
    assert.match(messageOf(json), /^model\.json: got .*, expected an object$/);
  }
});

test('a newer major version says to update', () => {
  const message = messageOf(changed('formatVersion', '2.0'));
  assert.match(message, 'formatVersion: got "2.0", expected 1.x');
  assert.match(message, 'update it');
});

test('a newer minor version may have keys that are not known yet, at any depth', () => {
  const model = { ...goodModel(), formatVersion: '1.99', licence: 'MIT' };
  (model as Json)['latent'] = { dim: 3, distribution: 'normal', truncation: 0.7 };
  (model as Json)['files'] = {
    ...((model as Json)['files'] as Json),
    poster: { file: 'p.png', bytes: 1, sha256 },
  };
  const parity = (model as Json)['parity'] as { readonly figures: readonly Json[] };
  const figures = [...parity.figures, { ...parity.figures[0], role: 'poster' }];
  (model as Json)['parity'] = { ...parity, figures };
  const parsed = parseModel(model, 'model.json');
  assert.equal(parsed.parity.figures, parity.figures);
  assert.match(
    messageOf({ ...goodModel(), parity: { ...parity, figures } }),
    'parity.figures[1].role: got "poster"',
  );
  assert.equal(parsed.latent, { dim: 3, distribution: 'normal' });
  assert.equal('licence' in parsed, false);
  assert.equal('poster' in parsed.files, false);
  assert.match(messageOf({ ...model, width: 'big' }), 'model.json: width: got "big"');
});

test('__proto__ in a record is an entry like any other', () => {
  const json: unknown = JSON.parse(JSON.stringify(goodModel()).replace('"effect"', '"__proto__"'));
  const [direction] = parseModel(json, 'model.json').directions;
  assert.equal(Object.keys(direction!.figures), ['__proto__']);
});

test.run();
