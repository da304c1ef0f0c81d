// ONNX files that reach outside of themselves, never end or fill the memory, written field by field.
import process from 'node:process';
import protobuf from 'protobufjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkNetwork } from '../../trainer/model-package/check-network.ts';
import { openNativeGenerator } from '../../trainer/model-package/native-generator.ts';
import {
  elementType,
  encodeModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../trainer/graph/lower/onnx-schema.ts';
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

/** The message with which a network is refused; `none` if it is not. */
const failure = (bytes: Uint8Array): Promise<string> =>
  checkNetwork(bytes).then(
    () => 'none',
    (error: Error) => error.message,
  );

test('external data are refused wherever a tensor can be', async () => {
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
    assert.match(await failure(bytes), /external data/);
  }
});

test('loops are refused, inside branches and functions too', async () => {
  for (const bytes of [inGraph(1, loop), inAttribute(6, field(1, loop)), field(25, field(7, loop))]) {
    assert.match(await failure(bytes), /it has a loop \(operator Loop\)/);
  }
  assert.not.match(await failure(inGraph(1, field(4, 'Conv'))), /loop/);
});

test('what is no ONNX is refused', async () => {
  for (const text of ['\x89PNG\r\n', '0123ORTM']) {
    assert.match(await failure(Buffer.from(text, 'latin1')), /not an ONNX file/);
  }
});

/** Whole numbers as an initialiser. */
const numbers = (name: string, ...values: readonly number[]): OnnxTensor => ({
  name,
  dims: [values.length],
  data_type: elementType.int64,
  raw_data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

/** float32 zeros as an initialiser. */
const zeros = (name: string, ...dims: readonly number[]): OnnxTensor => ({
  name,
  dims,
  data_type: elementType.float32,
  raw_data: new Uint8Array(4 * dims.reduce((product, side) => product * side, 1)),
});

/** A generator of a few bytes, z [n, 4] → images [n, 4], that adds the mean of `hidden`, which `nodes` make. */
function generator(
  nodes: readonly Partial<OnnxNode>[],
  initialisers: readonly OnnxTensor[] = [],
  hidden = 'hidden',
): Uint8Array {
  const node = (given: Partial<OnnxNode>): OnnxNode => ({
    name: '',
    op_type: '',
    input: [],
    output: [hidden],
    attributes: {},
    ...given,
  });
  return encodeModel({
    name: 'small',
    nodes: [
      ...nodes.map(node),
      node({ op_type: 'ReduceMean', input: [hidden], output: ['mean'], attributes: { keepdims: { i: 0 } } }),
      node({ op_type: 'Add', input: ['z', 'mean'], output: ['images'] }),
    ],
    initialisers,
    inputs: [{ name: 'z', elementType: elementType.float32, dims: ['n', 4] }],
    outputs: [{ name: 'images', elementType: elementType.float32, dims: ['n', 4] }],
    metadata: {},
  });
}

/** Networks of under 2 kB with a value of 40000² numbers, by the operator that makes it. */
const huge: Readonly<Record<string, Uint8Array>> = {
  ConstantOfShape: generator(
    [{ op_type: 'ConstantOfShape', input: ['size'] }],
    [numbers('size', 40_000, 40_000)],
  ),
  Expand: generator(
    [{ op_type: 'Expand', input: ['one', 'size'] }],
    [zeros('one', 1, 1), numbers('size', 40_000, 40_000)],
  ),
  Tile: generator(
    [{ op_type: 'Tile', input: ['one', 'size'] }],
    [zeros('one', 4, 4), numbers('size', 10_000, 10_000)],
  ),
  Resize: generator(
    [{ op_type: 'Resize', input: ['one', '', '', 'size'], attributes: { mode: { s: 'nearest' } } }],
    [zeros('one', 1, 1, 4, 4), numbers('size', 1, 1, 40_000, 40_000)],
  ),
  ConvTranspose: generator(
    [
      {
        op_type: 'ConvTranspose',
        input: ['one', 'kernel'],
        attributes: { strides: { ints: [20_000, 20_000] }, output_shape: { ints: [40_000, 40_000] } },
      },
    ],
    [zeros('one', 1, 1, 2, 2), zeros('kernel', 1, 1, 1, 1)],
  ),
  Pad: generator(
    [{ op_type: 'Pad', input: ['one', 'size'] }],
    [zeros('one', 1, 1), numbers('size', 0, 0, 39_999, 39_999)],
  ),
  'Mul by rows and columns': generator(
    [
      { op_type: 'ConstantOfShape', input: ['tall'], output: ['rows'] },
      { op_type: 'ConstantOfShape', input: ['wide'], output: ['columns'] },
      { op_type: 'Mul', input: ['rows', 'columns'] },
    ],
    [numbers('tall', 40_000, 1), numbers('wide', 1, 40_000)],
  ),
};

test('a small file with a huge value inside is refused before that is allocated', async () => {
  for (const [name, bytes] of Object.entries(huge)) {
    const before = process.memoryUsage().rss;
    assert.match(
      await failure(bytes),
      /'hidden' is \[.*40000.*\].* numbers for one image, expected at most/,
      name,
    );
    assert.ok(process.memoryUsage().rss - before < 1e9, `${name} has allocated it`);
  }
  const usual = generator([{ op_type: 'ConstantOfShape', input: ['size'] }], [numbers('size', 1000, 1000)]);
  assert.is(await failure(usual), 'none');
});

test('many values held at once count together, one after the other they do not', async () => {
  const side = 10_000;
  const parts = [0, 1, 2].map((i) => ({
    op_type: 'ConstantOfShape',
    input: ['size'],
    output: [`part${i}`],
  }));
  const together = generator(
    [...parts, { op_type: 'Sum', input: ['part0', 'part1', 'part2'] }],
    [numbers('size', side, side)],
  );
  assert.match(
    await failure(together),
    /'part2' is \[10000, 10000\]; with what is held beside it that is 300000000/,
  );
  const inTurn = generator(
    [
      ...parts.flatMap((part, i) => [
        part,
        {
          op_type: 'ReduceMax',
          input: [`part${i}`],
          output: [`max${i}`],
          attributes: { keepdims: { i: 0 } },
        },
      ]),
      { op_type: 'Sum', input: ['max0', 'max1', 'max2'] },
    ],
    [numbers('size', side, side)],
  );
  assert.is(await failure(inTurn), 'none');
});

test('sparse weights are refused by their size, not by the bytes that the file has', async () => {
  const sparse = Writer.create()
    .uint32((3 << 3) | 2)
    .fork()
    .int64(40_000)
    .int64(40_000)
    .ldelim()
    .finish();
  assert.match(await failure(inGraph(15, sparse)), /sparse weights are \[40000, 40000\]/);
});

test('a generator with a huge value inside is refused in a line', async () => {
  const setup = { latentDim: 4, threads: 1 };
  const opened = await openNativeGenerator(huge['Tile']!, setup).then(
    () => 'opened',
    (error: Error) => error.message,
  );
  assert.match(opened, /'hidden' is \[40000, 40000\]/);
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
