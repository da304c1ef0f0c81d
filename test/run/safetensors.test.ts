// Safetensors against bytes built by hand from the published format.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckpointError } from '../../trainer/errors.ts';
import {
  bytesOfTensor,
  decodeSafetensors,
  encodeHeader,
  encodeSafetensors,
  inFileOrder,
} from '../../runtime-web/format/training/safetensors.ts';
import { readHeader, readTensor } from '../../trainer/run/safetensors.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('safetensors');
const folder = temporaryFolder();

const float: HostTensor = { shape: [2], dtype: 'float32', data: Float32Array.of(1, -2) };
const int: HostTensor = { shape: [], dtype: 'int32', data: Int32Array.of(7) };
const bool: HostTensor = { shape: [1, 3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) };

/** A whole file for `header` and data bytes, made without the code under test. */
function byHand(header: string, data: readonly number[]): Uint8Array {
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
  const length = [padded.length & 255, (padded.length >> 8) & 255, 0, 0, 0, 0, 0, 0];
  return Uint8Array.from([...length, ...Buffer.from(padded), ...data]);
}

const handHeader =
  '{"__metadata__":{"a":"b"},' +
  '"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
  '"y":{"dtype":"I32","shape":[],"data_offsets":[8,12]},' +
  '"m":{"dtype":"BOOL","shape":[1,3],"data_offsets":[12,15]}}';
// 1 and -2 in IEEE 754, 7, and three booleans, little-endian.
const handData = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 0, 0, 0, 1, 0, 1];

async function read(bytes: Uint8Array): Promise<{ metadata: object; tensors: Record<string, HostTensor> }> {
  const path = join(folder, 'file.safetensors');
  await writeFile(path, bytes);
  const file = await open(path, 'r');
  try {
    const { header } = await readHeader(file, path);
    const tensors: Record<string, HostTensor> = {};
    for (const entry of header.tensors) tensors[entry.name] = await readTensor(file, header, entry, path);
    return { metadata: header.metadata, tensors };
  } finally {
    await file.close();
  }
}

test('a file built by hand reads as its tensors and metadata', async () => {
  const { metadata, tensors } = await read(byHand(handHeader, handData));
  assert.equal(metadata, { a: 'b' });
  assert.equal(tensors, { x: float, y: int, m: bool });
});

test('a written file is, byte for byte, the one built by hand', () => {
  const tensors = inFileOrder({ m: bool, y: int, x: float });
  const parts = [encodeHeader(tensors, { a: 'b' }), ...tensors.map(([, tensor]) => bytesOfTensor(tensor))];
  assert.equal(new Uint8Array(Buffer.concat(parts)), byHand(handHeader, handData));
});

test('the header is padded to a multiple of 8', () => {
  for (let length = 0; length < 9; length++) {
    const bytes = encodeHeader([], { key: 'x'.repeat(length) });
    assert.is(bytes.length % 8, 0);
    assert.is(Number(new DataView(bytes.buffer).getBigUint64(0, true)), bytes.length - 8);
  }
});

for (const [what, bytes, message] of [
  ['an empty file', new Uint8Array(0), /truncated: 0 bytes/],
  [
    'a file cut in its header',
    byHand(handHeader, handData).slice(0, 60),
    /truncated: 60 bytes, its header alone/,
  ],
  ['a file cut in its data', byHand(handHeader, handData.slice(0, -1)), /truncated/],
  ['a file with bytes to spare', byHand(handHeader, [...handData, 0]), /1 bytes too long/],
  ['a picture', Uint8Array.from({ length: 64 }, (_, i) => 137 + i), /not a safetensors file/],
  ['a header that is not JSON', byHand('{"x":', []), /not JSON/],
  ['a header that is a list', byHand('[]', []), /not a record/],
  [
    'tensors that overlap',
    byHand(handHeader.replace('[8,12]', '[4,8]'), handData),
    /does not start where the one before it ends/,
  ],
  [
    'a shape that does not fit',
    byHand(handHeader.replace('"shape":[2]', '"shape":[3]'), handData),
    /'x' makes no/,
  ],
  ['an unknown type', byHand(handHeader.replace('F32', 'F99'), handData), /'x' makes no sense/],
  ['metadata that are no strings', byHand(handHeader.replace('"b"', '1'), handData), /'a' is not a string/],
] as const) {
  test(`${what} is refused`, async () => {
    try {
      await read(bytes);
    } catch (error) {
      assert.instance(error, CheckpointError);
      assert.match((error as Error).message, message);
      return;
    }
    assert.unreachable('it was read');
  });
}

test('in memory, a file is the same bytes, and reads as its tensors and metadata', () => {
  const bytes = encodeSafetensors({ m: bool, y: int, x: float }, { a: 'b' });
  assert.equal(bytes, byHand(handHeader, handData));
  for (const same of [bytes, Buffer.from(bytes)]) {
    const expected = { tensors: { x: float, y: int, m: bool }, metadata: { a: 'b' } };
    assert.equal(decodeSafetensors(same, 'file'), expected);
  }
  for (const [bad, message] of [
    [bytes.subarray(0, 5), 'file: truncated: 5 bytes'],
    [bytes.subarray(0, 40), 'file: truncated: 40 bytes, its header alone takes'],
    [
      bytes.subarray(0, bytes.length - 1),
      `file: got ${bytes.length - 1} bytes, its header says ${bytes.length}`,
    ],
    [byHand(handHeader.replace('I32', 'U32'), handData), 'file: y has the type U32'],
    [
      byHand('{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', handData.slice(0, 8)),
      "tensor 'x' makes no sense",
    ],
    [new Uint8Array(16).fill(255), 'file: not a safetensors file'],
  ] as const) {
    assert.throws(
      () => decodeSafetensors(bad, 'file'),
      (error: Error) => error.message.includes(message),
    );
  }
});

test.run();
