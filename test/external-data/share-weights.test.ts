// Files that share weights: what ONNX Runtime makes of them from a folder, and what readers refuse.
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { weightFiles } from '../../runtime-web/format/external-weights.ts';
import { besidePath, embedData } from '../../trainer/external-data/embed-data.ts';
import { shareWeights } from '../../trainer/external-data/share-weights.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { failure } from '../shared/failure.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('files that share weights');
const demo = join('demo', 'models', 'avatars-64');
const root = temporaryFolder();

/** A copy of the demo's faces. */
function copied(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of [
    'model.json',
    'generator.fp16.onnx',
    'discriminator.onnx',
    'masked.onnx',
    'restoring.onnx',
  ])
    copyFileSync(join(demo, file), join(folder, file));
  return folder;
}

test('the demo’s files refer to others, are small, and ONNX Runtime opens them where they lie', async () => {
  assert.equal(weightFiles(readFileSync(join(demo, 'masked.onnx'))), ['generator.fp16.onnx']);
  assert.equal(weightFiles(readFileSync(join(demo, 'restoring.onnx'))).sort(), [
    'discriminator.onnx',
    'generator.fp16.onnx',
  ]);
  const { files } = (await openPackage(demo)).model;
  for (const { file, bytes } of [files.masked!, files.restoring!])
    assert.ok(bytes < 40_000, `${file}: ${bytes}`);

  // Its own reading of external data, from the path, is the oracle of ours.
  const z = new ort.Tensor(
    'float32',
    Float32Array.from({ length: 200 }, (_, i) => Math.sin(i)),
    [2, 100],
  );
  const whole = await (await openPackage(demo)).readFile('masked');
  const images: Float32Array[] = [];
  for (const model of [join(demo, 'masked.onnx'), Buffer.from(whole)]) {
    const session = await ort.InferenceSession.create(model as string);
    const masks = session.inputMetadata.flatMap((input) => {
      if (!input.isTensor || input.name === 'z') return [];
      const filters = Number(input.shape[1]);
      return [[input.name, new ort.Tensor('float32', new Float32Array(2 * filters).fill(1), [2, filters])]];
    });
    const found = await session.run({ z, ...(Object.fromEntries(masks) as Record<string, ort.Tensor>) }, [
      'images',
    ]);
    images.push(found['images']!.data as Float32Array);
    await session.release();
  }
  assert.equal(images[0], images[1]);
});

test('weights that are put into a file and shared again give the same bytes', async () => {
  const path = join(demo, 'restoring.onnx');
  const bytes = readFileSync(path);
  const { bytes: whole, dataFiles } = await embedData(bytes, besidePath(path));
  assert.equal(weightFiles(whole), []);
  assert.equal(dataFiles.map(({ file }) => file).sort(), ['discriminator.onnx', 'generator.fp16.onnx']);
  const lenders = ['generator.fp16.onnx', 'discriminator.onnx'].map((file) => ({
    file,
    bytes: readFileSync(join(demo, file)),
  }));
  assert.ok(Buffer.from(shareWeights(whole, lenders)).equals(bytes));
  assert.equal(Buffer.from(shareWeights(whole, [])), Buffer.from(whole));
});

test('a file that is missing, altered, or foreign to the package is named', async () => {
  const missing = copied('missing');
  rmSync(join(missing, 'discriminator.onnx'));
  const gone = await failure((await openPackage(missing)).readFile('restoring'));
  assert.match(gone.message, /discriminator\.onnx: named in model\.json and cannot be read: it is not there/);

  const altered = copied('altered');
  const place = join(altered, 'generator.fp16.onnx');
  const bytes = readFileSync(place);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(place, bytes);
  assert.match(
    (await failure((await openPackage(altered)).readFile('masked'))).message,
    /generator\.fp16\.onnx: got sha256 .*, expected .* by model\.json/,
  );

  const foreign = copied('foreign');
  const json = JSON.parse(readFileSync(join(foreign, 'model.json'), 'utf8')) as {
    files: Record<string, unknown>;
  };
  delete json.files['generatorFp16'];
  writeFileSync(join(foreign, 'model.json'), JSON.stringify(json));
  assert.match(
    (await failure((await openPackage(foreign)).readFile('masked'))).message,
    /masked\.onnx: its weights are in 'generator\.fp16\.onnx', which is no file of the model; export the model again/,
  );
  assert.ok(statSync(place).size > 0);
});

test.run();
