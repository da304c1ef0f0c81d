// Files of weights: PyTorch's own in every form hold the same tensors, and files that lie about themselves are refused in one line.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../trainer/errors.ts';
import { openWeights } from '../../trainer/import-pytorch/open-weights.ts';
import { zipBytes, type ZipEntry } from '../data/zip-bytes.ts';
import { failure } from '../shared/failure.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { fixture, largestDifference } from './fixture.ts';

const test = suite('openWeights()');
const folder = temporaryFolder();

/** The floating-point tensors of a file by name, `module.` removed. */
async function tensorsIn(
  path: string,
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const file = await openWeights(path);
  try {
    const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const [name, tensor] of file.tensors) {
      if (name.endsWith('num_batches_tracked')) continue;
      tensors.set(name.replace(/^module\./, ''), { shape: tensor.shape, data: await tensor.read() });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The bytes of netG.safetensors, whose layout is trivial: what PyTorch put there, read without the code under test. */
const reference = (() => {
  const bytes = readFileSync(fixture('netG.safetensors'));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [start, end],
    },
  ] of Object.entries(header)) {
    if (dtype !== 'F32') continue;
    const data = Uint8Array.from(bytes.subarray(8 + length + start, 8 + length + end));
    tensors.set(name, { shape, data: new Float32Array(data.buffer) });
  }
  return tensors;
})();

for (const [name, tolerance] of [
  ['netG.pth', 0],
  ['netG.safetensors', 0],
  ['big-endian.pth', 0],
  ['legacy.pth', 0],
  ['strided-double.pth', 0],
  ['parallel-half.pth', 2 ** -11],
  ['bfloat16.safetensors', 2 ** -8],
] as const) {
  test(`${name} holds the tensors that PyTorch saved`, async () => {
    const tensors = await tensorsIn(fixture(name));
    assert.is(tensors.size, 11);
    assert.equal([...tensors.keys()].sort(), [...reference.keys()].sort());
    for (const [key, { shape, data }] of tensors) {
      const expected = reference.get(key)!;
      assert.equal(shape, expected.shape, key);
      const scale = Math.max(1, ...expected.data.map(Math.abs));
      assert.ok(largestDifference(data, expected.data) <= tolerance * scale, key);
    }
  });
}

async function refuses(path: string, message: RegExp): Promise<void> {
  const error = await failure(openWeights(path));
  assert.instance(error, UserError);
  assert.match(error.message, message);
  assert.not.match(error.message, /\n/);
  assert.ok(error.message.startsWith(path), error.message);
}

for (const [name, message] of [
  ['command.pth', /refused, it calls the Python object posix\.system, .*nothing was executed/],
  [
    'module.pth',
    /refused, it calls the Python object torch\.nn\.modules\..*torch\.save\(netG\.state_dict\(\)/,
  ],
  [
    'checkpoint.pth',
    /keys epoch, netG, optimizer, .*torch\.load\("checkpoint\.pth", map_location='cpu'\)\["netG"\]/,
  ],
  ['torchscript.pt', /TorchScript program/],
  ['images.json', /neither a \.pth/],
] as const) {
  test(`${name} is refused, with what to do`, () => refuses(fixture(name), message));
}

for (const [what, change, message] of [
  [
    'cut off',
    (bytes: Buffer) => bytes.subarray(0, bytes.length - 4),
    /ends in its storage '\d+'; is it damaged/,
  ],
  ['cut off in its pickles', (bytes: Buffer) => bytes.subarray(0, 200), /pickle is truncated; is it damaged/],
  [
    'of another length',
    (bytes: Buffer) => {
      const changed = Buffer.from(bytes);
      // The length of the last storage, that of a batch norm's 4 numbers or of a counter.
      const at = changed.lastIndexOf(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), changed.length - 9);
      changed[at] = 9;
      return changed;
    },
    /has 9 elements and declares 1; is it damaged/,
  ],
] as const) {
  test(`a file of torch.save before PyTorch 1.6 is refused when it is ${what}`, async () => {
    const path = join(temporaryFolder(), 'old.pth');
    writeFileSync(path, change(readFileSync(fixture('legacy.pth'))));
    await refuses(path, message);
  });
}

const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const word = (value: number): string =>
  String.fromCharCode(...[0, 8, 16, 24].map((shift) => (value >> shift) & 255));
const binary = (text: string): string => `X${word(text.length)}${text}`;

/** The pickle of a state dict of one tensor of 4 float32, with some of its fields changed. */
function stateDict({
  count = 4,
  offset = 0,
  shape = [4],
  strides = [1],
  storage = 'FloatStorage',
} = {}): Uint8Array {
  const tuple = (values: readonly number[]): string =>
    `(${values.map((value) => `J${word(value)}`).join('')}t`;
  return latin(
    `\x80\x02}${binary('w')}ctorch._utils\n_rebuild_tensor_v2\n((${binary('storage')}ctorch\n${storage}\n${binary('0')}` +
      `${binary('cpu')}J${word(count)}tQJ${word(offset)}${tuple(shape)}${tuple(strides)}\x89}tRs.`,
  );
}

/** A file of torch.save with this pickle. */
function torchFile(pickle: Uint8Array, ...others: readonly ZipEntry[]): Buffer {
  const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const entries = [{ name: 'a/data.pkl', data: pickle, stored: true }, ...others];
  return zipBytes(
    others.some(({ name }) => name === 'a/data/0') ? entries : [...entries, { name: 'a/data/0', data }],
  );
}

test('the file that the next tests change is read, its storage compressed', async () => {
  const tensors = await tensorsIn(
    written('good.pth', torchFile(stateDict({ shape: [2, 2], strides: [1, 2] }))),
  );
  assert.equal([...tensors.get('w')!.data], [1, 3, 2, 4]);
});

const good = readFileSync(fixture('netG.pth'));
const honest = new Uint8Array(16);
for (const [what, bytes, message] of [
  ['a truncated zip', good.subarray(0, 5000), /not a whole zip file/],
  ['a zip of something else', zipBytes([{ name: 'a.txt', data: honest }]), /not of torch\.save/],
  ['a pickle that is cut', torchFile(stateDict().subarray(0, 60)), /truncated/],
  ['a pickle of one tensor', torchFile(latin('\x80\x02K\x01.')), /holds no dict, expected a state dict/],
  ['an empty dict', torchFile(latin('\x80\x02}.')), /expected a state dict of named tensors/],
  [
    'a dict of numbers',
    torchFile(latin(`\x80\x02}${binary('lr')}K\x01s.`)),
    /keys lr, expected a state dict/,
  ],
  ['a storage of bytes', torchFile(stateDict({ storage: 'ByteStorage' })), /type torch\.ByteStorage/],
  [
    'a storage that declares more than it has',
    torchFile(stateDict({ count: 60000 })),
    /has 16 bytes and declares 240000/,
  ],
  [
    'a tensor behind its storage',
    torchFile(stateDict({ offset: 1 })),
    /\[4\], does not fit its storage of 4/,
  ],
  ['a tensor with strides beyond it', torchFile(stateDict({ strides: [2] })), /does not fit/],
  [
    'one element as a large tensor',
    torchFile(stateDict({ shape: [30000, 30000], strides: [0, 0] })),
    /does not fit/,
  ],
  ['a negative size', torchFile(stateDict({ shape: [-1] })), /makes no sense/],
  ['strides for fewer axes', torchFile(stateDict({ shape: [2, 2], strides: [1] })), /makes no sense/],
  [
    'a storage that is not there',
    zipBytes([{ name: 'a/data.pkl', data: stateDict() }]),
    /its storage '0' is missing/,
  ],
  [
    'a zip bomb',
    torchFile(stateDict({ count: 4 }), { name: 'a/data/0', data: new Uint8Array(1000), claimed: 16 }),
    /unpacks to more than the 16 bytes it declares/,
  ],
  [
    'a bomb that says so',
    torchFile(stateDict(), { name: 'a/byteorder', data: new Uint8Array(1000) }),
    /as in a zip bomb/,
  ],
  [
    'an unknown byte order',
    torchFile(stateDict(), { name: 'a/byteorder', data: latin('middle') }),
    /byteorder is 'middle'/,
  ],
  ['a path outside', torchFile(stateDict(), { name: '../a', data: honest }), /points outside/],
] as const) {
  test(`${what} is refused in one line`, async () => {
    const path = written('hostile.pth', bytes);
    const error = await failure(tensorsIn(path));
    assert.instance(error, UserError);
    assert.match(error.message, message);
    assert.not.match(error.message, /\n/);
    assert.ok(error.message.startsWith(path), error.message);
  });
}

test('a truncated file of safetensors is refused', async () => {
  const path = written('cut.safetensors', readFileSync(fixture('netG.safetensors')).subarray(0, 3000));
  await refuses(path, /truncated/);
});

test('a file that is not there, and a folder, are refused', async () => {
  await refuses(join(folder, 'absent.pth'), /no such file/);
  await refuses(folder, /a folder, not a file/);
});

test.run();
