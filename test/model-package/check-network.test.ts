// ONNX files that reach outside of themselves or never end, written field by field.
import protobuf from 'protobufjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkNetwork } from '../../trainer/model-package/check-network.ts';
import { openFeatureNetwork } from '../../trainer/metrics/feature-network.ts';
import { writeTinyNetwork } from '../metrics/tiny-network.ts';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('checkNetwork()');

const { Writer } = protobuf;

/** A protobuf message of one field: text, or another message. */
function field(number: number, content: Uint8Array | string): Uint8Array {
  return Writer.create()
    .uint32((number << 3) | 2)
    .bytes(typeof content === 'string' ? new TextEncoder().encode(content) : content)
    .finish();
}

const external = field(13, field(1, 'location'));
const loop = field(4, 'Loop');
const inGraph = (number: number, content: Uint8Array): Uint8Array => field(7, field(number, content));
/** An attribute of a node of the main graph. */
const inAttribute = (number: number, content: Uint8Array): Uint8Array =>
  inGraph(1, field(5, field(number, content)));

function failure(bytes: Uint8Array): string {
  try {
    checkNetwork(bytes);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

test('external data are refused wherever a tensor can be', () => {
  for (const bytes of [
    inGraph(5, external),
    inGraph(15, field(1, external)),
    inAttribute(5, external),
    inAttribute(10, external),
    inAttribute(22, field(2, external)),
    inAttribute(6, field(5, external)),
    field(20, field(2, field(5, external))),
    field(25, field(7, field(5, field(5, external)))),
    Buffer.concat([inGraph(5, external), field(7, field(2, 'a second part of the same graph'))]),
  ]) {
    assert.match(failure(bytes), /external data/);
  }
});

test('loops are refused, inside branches and functions too', () => {
  for (const bytes of [inGraph(1, loop), inAttribute(6, field(1, loop)), field(25, field(7, loop))]) {
    assert.match(failure(bytes), /it has a loop \(operator Loop\)/);
  }
  assert.is(failure(inGraph(1, field(4, 'Conv'))), 'none');
});

test('what is no ONNX is refused', () => {
  for (const text of ['\x89PNG\r\n', '0123ORTM']) {
    assert.match(failure(Buffer.from(text, 'latin1')), /not an ONNX file/);
  }
});

test('--network refuses external data before ONNX Runtime opens the file', async () => {
  const folder = temporaryFolder();
  let sidecar: Record<string, unknown> = {};
  const path = writeTinyNetwork(folder, (made) => (sidecar = made));
  const bytes = Buffer.concat([readFileSync(path), inGraph(5, external)]);
  writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(folder, 'tiny.json'), JSON.stringify({ ...sidecar, sha256 }));
  const message = await openFeatureNetwork(path).then(
    () => 'opened',
    (error: Error) => error.message,
  );
  assert.match(message, /--network .*tiny\.onnx: cannot be run: its weights are in another file/);
});

test.run();
