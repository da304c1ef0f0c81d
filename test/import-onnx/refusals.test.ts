// Files that `dcgan import` refuses: damaged, hostile and unsuitable ones, each in one line that says what to do, with nothing written.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { dcganInTurn } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import {
  dcganFile,
  drawn,
  fileOf,
  float32,
  int64,
  saved,
  tensor,
  withExternalData,
  type FileOf,
} from './onnx-files.ts';

const test = suite('files that dcgan import refuses');
const random = new Random(3);

/** The complaint about files, without its first word; fails unless it is one line, with exit code 2 and nothing written. */
async function refusal(files: readonly string[], ...flags: readonly string[]): Promise<string> {
  const out = join(temporaryFolder(), 'model');
  const { code, stderr } = await dcganInTurn('import', ...files, '--out', out, '--json', ...flags);
  assert.is(code, 2, stderr);
  assert.match(stderr, /^error: [^\n]+\n$/);
  assert.not.ok(existsSync(out));
  return stderr.slice(7, -1);
}

/** A small network of one dense layer: z [n, 20] → image [n, 3, 4, 4], with some parts changed. */
function denseFile(changes: Partial<FileOf> = {}): Uint8Array {
  return fileOf({
    opset: 17,
    inputs: { latent: [float32, ['n', 20]] },
    outputs: { image: [float32, ['n', 3, 4, 4]] },
    nodes: [
      ['MatMul', ['latent', 'weight'], ['a']],
      ['Reshape', ['a', 'shape'], ['b']],
      ['Tanh', ['b'], ['image']],
    ],
    ...changes,
    weights: {
      weight: drawn(random, [20, 48], 0.2),
      shape: tensor([4], [-1, 3, 4, 4], int64),
      ...changes.weights,
    },
  });
}

/** The nodes of {@link denseFile} with others between its layer and its image. */
const withNodes = (...between: FileOf['nodes']): Pick<FileOf, 'nodes'> => ({
  nodes: [
    ['MatMul', ['latent', 'weight'], ['a']],
    ['Reshape', ['a', 'shape'], ['b']],
    ...between,
    ['Tanh', [between.at(-1)![2][0]!], ['image']],
  ],
});

const good = dcganFile();

/** A file, and the part of the message that names its fault. */
const bad: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['an empty file', () => new Uint8Array(0), /it is not an ONNX file|it holds no network/],
  [
    'text',
    () => Buffer.from('<!DOCTYPE html><title>404</title>'),
    /it is not an ONNX file, or a damaged one/,
  ],
  ['half of a file', () => good.subarray(0, good.length >> 1), /it is not an ONNX file, or a damaged one/],
  ["ONNX Runtime's own format", () => Buffer.from('\0\0\0\0ORTM0000'), /it is not an ONNX file/],
  [
    'a file without a network',
    () => fileOf({ opset: 17, inputs: {}, outputs: {}, nodes: [], weights: {} }),
    /it holds no network/,
  ],
  [
    'a weight that is shorter than its shape',
    () => denseFile({ weights: { weight: { dims: [20, 48], data_type: 1, raw_data: new Uint8Array(16) } } }),
    /its constant 'weight' has 4 values, expected 960 by its shape \[20,48\]/,
  ],
  [
    'a weight of an impossible size',
    () =>
      denseFile({
        weights: { weight: { dims: [2 ** 40, 2 ** 40], data_type: 1, raw_data: new Uint8Array(16) } },
      }),
    /its constant 'weight' has the impossible shape/,
  ],
  [
    'a weight of an unknown type',
    () => denseFile({ weights: { weight: { dims: [1], data_type: 99, raw_data: new Uint8Array(4) } } }),
    /its constant 'weight' has elements of type 99/,
  ],
  [
    'random numbers of its own',
    () => denseFile(withNodes(['RandomNormalLike', ['b'], ['noise']], ['Add', ['b', 'noise'], ['c']])),
    /draws random numbers of its own \(operator RandomNormalLike\)/,
  ],
  [
    'a branch',
    () =>
      fileOf({
        ...{
          opset: 17,
          inputs: { latent: [float32, ['n', 20]] },
          outputs: { image: [float32, ['n', 3, 4, 4]] },
        },
        nodes: [],
        weights: {},
        graph: {
          node: [
            {
              op_type: 'If',
              input: ['latent'],
              output: ['image'],
              attribute: [{ name: 'then_branch', type: 5, g: {} }],
            },
          ],
        },
      }),
    /it branches \(operator If\); save it without conditions/,
  ],
  [
    'functions of its own',
    () => denseFile({ model: { functions: [{ name: 'gelu', domain: 'my' }] } }),
    /it defines functions of its own \(gelu\); inline them/,
  ],
  [
    'an opset before 7',
    () => denseFile({ opset: 6 }),
    /uses version 6 of ONNX's operators, expected 7 or later/,
  ],
  [
    'an operator that does not exist',
    () => denseFile(withNodes(['Wobble', ['b'], ['c']])),
    /onnxruntime-node cannot open it: .*Wobble/,
  ],
  [
    'batch norm in training mode',
    () =>
      denseFile({
        ...withNodes([
          'BatchNormalization',
          ['b', 's', 's', 's', 's'],
          ['c', 'm', 'v'],
          { training_mode: { i: 1 } },
        ]),
        weights: { s: tensor([3], [1, 1, 1]) },
      }),
    /operator BatchNormalization in training mode.*save it in evaluation mode/,
  ],
  [
    'an operator that ONNX Runtime Web lacks',
    () =>
      denseFile({
        nodes: [
          ['MatMul', ['latent', 'wide'], ['a']],
          ['Reshape', ['a', 'blocks'], ['b']],
          ['ReorderInput', ['b'], ['c'], {}, 'com.microsoft.nchwc'],
          ['ReorderOutput', ['c'], ['d'], { channels: { i: 32 } }, 'com.microsoft.nchwc'],
          ['Gather', ['d', 'three'], ['e'], { axis: { i: 1 } }],
          ['Tanh', ['e'], ['image']],
        ],
        weights: {
          wide: drawn(random, [20, 512], 0.2),
          blocks: tensor([4], [-1, 32, 4, 4], int64),
          three: tensor([3], [0, 1, 2], int64),
        },
        domains: { 'com.microsoft.nchwc': 1 },
      }),
    // Without AVX, onnxruntime-node lacks it too.
    /(ONNX Runtime Web, which runs models in pages, has no operator|onnxruntime-node cannot open it: .*) .*ReorderInput/,
  ],
  [
    'an image of two rows',
    () => denseFile({ weights: { shape: tensor([4], [-1, 3, 2, 8], int64) } }),
    /gives .*\[\d+, 3, 2, 8\], expected images of 1 or 3 channels/,
  ],
  [
    'a vector instead of an image',
    () =>
      denseFile({
        nodes: [['MatMul', ['latent', 'weight'], ['image']]],
        outputs: { image: [float32, ['n', 48]] },
      }),
    /gives image \[\d+, 48\], expected images of/,
  ],
  [
    'images that are no numbers',
    () =>
      denseFile({
        nodes: [
          ['MatMul', ['latent', 'weight'], ['a']],
          ['Reshape', ['a', 'shape'], ['b']],
          ['Sqrt', ['b'], ['image']],
        ],
      }),
    /its images hold NaN, expected numbers/,
  ],
  [
    'values of an unknown range',
    () =>
      denseFile({
        nodes: [
          ['MatMul', ['latent', 'weight'], ['a']],
          ['Mul', ['a', 'thousand'], ['b']],
          ['Reshape', ['b', 'shape'], ['image']],
        ],
        weights: { thousand: tensor([], [1000]) },
      }),
    /values from -\S+ to \S+: say what they mean with --range/,
  ],
  [
    'two inputs that may be the latent',
    () =>
      denseFile({
        inputs: { first: [float32, ['n', 20]], second: [float32, ['n', 20]] },
        nodes: [
          ['Add', ['first', 'second'], ['latent']],
          ['MatMul', ['latent', 'weight'], ['a']],
          ['Reshape', ['a', 'shape'], ['b']],
          ['Tanh', ['b'], ['image']],
        ],
      }),
    /takes first \[n, 20\], second \[n, 20\]: name the input that takes the latent with --latent-input/,
  ],
  [
    'an image as input',
    () => denseFile({ inputs: { latent: [float32, ['n', 3, 64, 64]] } }),
    /its input is latent \[n, 3, 64, 64\], expected a latent/,
  ],
  [
    'a latent of unknown size',
    () => denseFile({ inputs: { latent: [float32, ['n', 'd']] } }),
    /the size of its latent latent \[n, n\] is not in the file: give it with --latent/,
  ],
  [
    'more memory than there is',
    () =>
      dcganFile({
        last: [
          ['ConstantOfShape', ['huge'], ['zeros']],
          ['ReduceMax', ['zeros'], ['zero'], { keepdims: { i: 0 } }],
          ['Add', ['x', 'zero'], ['image']],
        ],
        weights: { huge: tensor([3], [3, 3_000_000, 3_000_000], int64) },
      }),
    /onnxruntime-node cannot run it: Failed to allocate memory/,
  ],
  [
    'a batch size that the network has built in',
    () =>
      denseFile({
        inputs: { latent: [float32, [2, 20]] },
        outputs: { image: [float32, [2, 3, 4, 4]] },
        ...withNodes(['Add', ['b', 'noise'], ['c']]),
        weights: { noise: drawn(random, [2, 3, 4, 4], 0.2) },
      }),
    /fixed at 2 inside the network \(Attempting to broadcast an axis.*\); save it with a dynamic batch axis/,
  ],
];

for (const [what, make, expected] of bad) {
  test(`${what}`, async () => {
    const path = saved(make());
    const message = await refusal([path]);
    assert.match(message, expected);
    assert.match(message, 'netG.onnx: cannot be imported: ');
  });
}

test('a loop', async () => {
  const loop = denseFile(withNodes(['Loop', ['', '', 'b'], ['c']]));
  assert.match(await refusal([saved(loop)]), /it has a loop \(operator Loop\)/);
});

/** The reason why {@link denseFile} is refused with its weights in another file, of so many bytes (null: not written), at a place. */
async function outsideRefusal(place: Readonly<Record<string, string>>, size: number | null): Promise<string> {
  const folder = temporaryFolder();
  const path = join(folder, 'netG.onnx');
  writeFileSync(path, withExternalData(denseFile(), 'weight', place));
  if (size !== null) writeFileSync(join(folder, 'weights.bin'), new Uint8Array(size));
  return refusal([path]);
}

test('weights in another file that is elsewhere, missing, too short, or named badly', async () => {
  const location = 'weights.bin';
  for (const elsewhere of ['../weights.bin', '/etc/passwd', 'a/weights.bin', '..', '']) {
    assert.match(
      await outsideRefusal({ location: elsewhere }, 3840),
      /its weights are in '.*' \(ONNX external data\), expected a file in the same folder/,
    );
  }
  assert.match(
    await outsideRefusal({ location }, null),
    /'weights\.bin', which is not beside it; put that file into/,
  );
  assert.match(
    await outsideRefusal({ location, length: '3840' }, 3839),
    /end at byte 3840 of 'weights\.bin'/,
  );
  assert.match(await outsideRefusal({ location, offset: '1e9' }, 3840), /have the offset '1e9'/);
  assert.match(await outsideRefusal({ location }, 3844), /has 961 values, expected 960/);
});

test('files that are not there, are no files, or are of unknown kinds', async () => {
  const folder = temporaryFolder();
  assert.match(await refusal([join(folder, 'lost.onnx')]), /lost\.onnx: there is no such file/);
  mkdirSync(join(folder, 'folder.onnx'));
  assert.match(
    await refusal([join(folder, 'folder.onnx')]),
    /folder\.onnx: cannot be read: a folder, not a file/,
  );
  writeFileSync(join(folder, 'netG.h5'), 'x');
  assert.match(
    await refusal([join(folder, 'netG.h5')]),
    /netG\.h5: cannot be imported, expected a file that ends in \.onnx/,
  );
  const path = saved(good);
  assert.match(
    await refusal([path, path, path]),
    /3 files, expected a generator, or a mapping and a synthesis network/,
  );
  assert.match(await refusal([path, path]), /the synthesis network takes|the mapping network gives/);
});

test('answers that contradict the file', async () => {
  const path = saved(good);
  for (const [flags, expected] of [
    [['--latent', '64'], /--latent: got 64, and the file's latent is input\.1 \[n, 20, 1, 1\]/],
    [['--latent-input', 'z'], /--latent-input: got z, and the file takes input\.1 \[n, 20, 1, 1\]/],
    [['--image-output', 'y'], /--image-output: got y, and the file gives image/],
    [['--layout', 'nhwc'], /--layout: got nhwc, and the file's image is \[16, 3, 8, 8\]/],
    [['--range', '0..2'], /--range/],
    [['--set', 'psi'], /--set psi: expected an input's name, =, and a number/],
    [['--classes', 'a,,b'], /--classes a,,b: expected different names/],
  ] as const) {
    const { code, stderr } = await dcganInTurn(
      'import',
      path,
      '--out',
      join(temporaryFolder(), 'model'),
      ...flags,
    );
    assert.is(code, 2, stderr);
    assert.match(stderr, expected);
  }
});

test('a folder with other files in it stays as it is', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'thesis.txt'), 'x');
  const { code, stderr } = await dcganInTurn('import', saved(good), '--out', folder);
  assert.is(code, 2, stderr);
  assert.match(stderr, /holds other files than a model package, so it is left as it is; give another --out/);
});

test.run();
