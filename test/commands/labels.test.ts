// A table of labels, from `data` through `train` to the exported model, spawned for real.
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan, dcganInTurn, modelOf, smallRun } from '../shared/command-line.ts';
import { picturesWithTable } from '../shared/pictures-with-table.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('labels');
const { data, labels } = await picturesWithTable();

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await dcganInTurn(...args);
  assert.is(code, 2, stderr);
  return stderr;
}

test('data shows the columns with their kinds, shares and ranges', async () => {
  const show = ['data', data, '--labels', labels, '--image-size', '16', '--out', temporaryFolder()];
  const { code, stdout, stderr } = await dcganInTurn(...show);
  assert.is(code, 0, stderr);
  assert.match(
    stdout,
    /labels {4}yes or no: blue \(33\.3% yes\)\n {10}numbers: size \(20 to 43, mean 31\.5\)\n {10}classes: group \(3: a, b, c\)/,
  );
  assert.match(stdout, /classes {3}a \(8\), b \(8\), c \(8\)/);
  assert.match(stdout, /next .* --labels .*labels\.csv/);
});

test('a generator of attributes is trained, says what it does not use, and its file takes them', async () => {
  const out = temporaryFolder();
  const { code, stdout, stderr } = await dcgan(
    ...smallRun(data, out, 4).filter((flag) => flag !== '--json'),
    ...['--labels', labels, '--condition', 'attributes'],
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /condition attributes: blue; not used: size \(number\), group \(3 classes\)/);
  const run = /^run +(\S+)$/m.exec(stdout)![1]!;
  assert.match(run, /-dcgan-attributes$/);
  const { conditioning } = modelOf(run);
  assert.is(conditioning?.kind, 'attributes');
  if (conditioning?.kind !== 'attributes') return;
  assert.equal(conditioning.names, ['blue']);
  // Fewer than 64 images: each is an example.
  assert.equal(conditioning.examples.map(([value]) => value!).sort(), [
    ...Array<number>(16).fill(0),
    ...Array<number>(8).fill(1),
  ]);
  const session = await ort.InferenceSession.create(join(run, 'model', 'generator.onnx'));
  assert.equal(session.inputNames, ['z', 'condition']);
  const images = async (blue: number): Promise<number[]> => {
    const z = new ort.Tensor('float32', new Float32Array(8).fill(0.5), [1, 8]);
    const condition = new ort.Tensor('float32', Float32Array.of(blue), [1, 1]);
    const { images: drawn } = await session.run({ z, condition });
    return Array.from(drawn!.data as Float32Array);
  };
  assert.not.equal(await images(1), await images(0));
  assert.match(await refusal('visualise', run), /takes attributes beside z/);
  assert.match(
    await refusal('export', run, '--restoring', '--out', temporaryFolder()),
    /given attributes beside images.*not trained with --condition attributes/,
  );
});

test('conditions that the labels do not fit are refused before anything is written', async () => {
  const out = temporaryFolder();
  const train = (...flags: string[]): Promise<string> => refusal(...smallRun(data, out, 1), ...flags);
  assert.match(
    await train('--condition', 'attributes'),
    /has no column of yes or no \(it has: no labels\); give them with --labels/,
  );
  const given = ['--labels', labels, '--condition'];
  assert.match(
    await train(...given, 'numbers', '--label-column', 'blue'),
    /--label-column blue: it is blue \(yes or no\), and --condition numbers takes number/,
  );
  assert.match(
    await train(...given, 'numbers', '--label-column', 'sise'),
    /no such column; did you mean 'size'\?/,
  );
  assert.match(await train('--labels', 'missing.csv'), /missing\.csv: cannot be read \(no such file\)/);
  assert.match(
    await refusal('train', '--labels', labels),
    /--labels and --data avatars contradict each other/,
  );
});

test.run();
