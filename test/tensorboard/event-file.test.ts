// Records and event files of TensorBoard against published checksums, bytes written by hand, and TensorBoard's own reader.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventFile } from '../../trainer/tensorboard/event-file.ts';
import { crc32c, maskedCrc, recordOf } from '../../trainer/tensorboard/records.ts';
import { dcgan, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { skipIf } from '../shared/skip.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('TensorBoard files');
const run = promisify(execFile);
/** A Python with TensorBoard. */
const python = process.env['DCGAN_PYTHON'] ?? 'python3';
const hasReader = await run(python, ['-c', 'import tensorboard']).then(
  () => true,
  () => false,
);

test('the checksums are those of RFC 3720, appendix B.4, and the masked one that of the format', () => {
  assert.is(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  // 0xe3069283 turned right by 15 bits is 0x2507c60d; plus 0xa282ead8.
  assert.is(maskedCrc(Buffer.from('123456789')), 0xc78ab0e5);
});

test('a record is its length, data and their checksums', () => {
  const record = Buffer.from(recordOf(Buffer.from('123456789')));
  assert.is(record.length, 8 + 4 + 9 + 4);
  assert.is(record.readBigUInt64LE(0), 9n);
  assert.is(record.subarray(12, 21).toString(), '123456789');
  assert.is(record.readUInt32LE(21), 0xc78ab0e5);
});

test('an event file begins with its version, and a scalar has the field numbers of summary.proto', async () => {
  const folder = temporaryFolder();
  const file = await EventFile.begin(folder, 4);
  await file.scalars(7, [{ tag: 'ab', value: 1 }]);
  const [name = ''] = readdirSync(folder);
  assert.match(name, /^events\.out\.tfevents\.\d{10}\./);
  const bytes = readFileSync(join(folder, name));
  const events: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    events.push(bytes.subarray(at + 12, at + 12 + length));
    at += length + 16;
  }
  // After the 9 bytes of the time: field 3, the version; field 2, step 5, with session_log { status: 1 }; the scalar 1 as float32.
  const after = (event: Buffer | undefined): string => event!.subarray(9).toString('hex');
  assert.is(after(events[0]), '1000' + '1a0d' + Buffer.from('brain.Event:2').toString('hex'));
  assert.is(after(events[1]), '1005' + '3a020801');
  assert.is(after(events[2]), '1007' + '2a0b0a09' + '0a026162' + '150000803f');
});

const withReader = skipIf(
  !hasReader,
  'needs a Python with the package tensorboard; name it in DCGAN_PYTHON',
  test,
);
withReader(
  "TensorBoard's reader finds a run's figures, grids and configuration, also after it was resumed",
  async () => {
    const started = await dcgan(
      ...smallRun(await smallPictures(), temporaryFolder(), 4),
      ...['--tensorboard', '--sample-every', '2'],
    );
    assert.is(started.code, 0, started.stderr);
    const folder = String(jsonLines(started.stdout).at(-1)!['runDir']);
    const more = await dcgan('train', '--resume', folder, '--steps', '6');
    assert.is(more.code, 0, more.stderr);
    const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={'tensors': 0, 'scalars': 0, 'images': 0}).Reload()
print(json.dumps({
  'tags': found.Tags(),
  'loss': [[e.step, e.value] for e in found.Scalars('loss/generator')],
  'images': [[e.step, e.width, e.height, e.encoded_image_string[:4].hex()] for e in found.Images('samples')],
  'text': [e.tensor_proto.string_val[0].decode() for e in found.Tensors('configuration')],
}))`;
    const { stdout } = await run(python, ['-c', script, join(folder, 'tensorboard')]);
    const found = JSON.parse(stdout) as {
      readonly loss: readonly (readonly number[])[];
      readonly images: readonly (readonly unknown[])[];
      readonly text: readonly string[];
    };
    const lines = jsonLines(readFileSync(join(folder, 'stats.jsonl'), 'utf8'));
    assert.equal(
      found.loss,
      lines.map(({ step, gLoss }) => [step, Math.fround(Number(gLoss))]),
    );
    assert.equal(
      found.images,
      [2, 4, 6].map((step) => [step, 32, 32, '89504e47']),
    );
    assert.is(found.text.length, 2);
    assert.match(found.text[0]!, '| steps | 4 |');
    assert.match(found.text[1]!, '| steps | 6 |');
    // Only the name of the data, because such files are shared.
    assert.match(found.text[0]!, /\| data \| [^/\\]+ \|\n/);
  },
);

test('without --tensorboard a run has no such files', async () => {
  const { stdout } = await dcgan(...smallRun(await smallPictures(), temporaryFolder(), 1));
  assert.not(readdirSync(String(jsonLines(stdout).at(-1)!['runDir'])).includes('tensorboard'));
});

test.run();
