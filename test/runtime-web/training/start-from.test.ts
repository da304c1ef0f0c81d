// A training in a page that starts from other weights: what it takes, what stays frozen, and what is refused.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { drawState } from '../../../runtime-web/format/training/initial-state.ts';
import { parseTrainable } from '../../../runtime-web/format/training/parse-trainable.ts';
import { decodeSafetensors } from '../../../runtime-web/format/training/safetensors.ts';
import { avatarImages } from '../../../runtime-web/training/avatars.ts';
import { datasetOf, encodeCheckpoint } from '../../../runtime-web/training/checkpoint.ts';
import { firstLayersOfD } from '../../../runtime-web/training/frozen-layers.ts';
import * as loopParts from '../../../runtime-web/training/loop-parts.ts';
import { TrainingLoop } from '../../../runtime-web/training/loop.ts';
import { OnnxDevice, type OnnxRuntime } from '../../../runtime-web/training/onnx-device.ts';
import { sha256Of } from '../../../runtime-web/training/sha256.ts';
import { startedFrom } from '../../../runtime-web/training/start-from.ts';
import { startFile } from '../../../scripts/make-start.ts';
import { configOfPage, pageNetworks } from '../../../scripts/page-networks.ts';
import { exportTrainable } from '../../../trainer/export/export-trainable.ts';
import { failure } from '../../shared/failure.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('startedFrom()');
const shipped = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join('scripts', 'starts', `${name}-32.safetensors`)));
const bytes = shipped('faces');

/** One of the packages that the build makes, its folder, and the state that a seed draws. */
async function packageOf(name: string) {
  const folder = join(temporaryFolder(), name);
  const { signal } = new AbortController();
  const config = configOfPage({ ...pageNetworks[name]!, batch: 8 });
  await exportTrainable({ config, name, out: folder, signal, engine: null });
  const opened = parseTrainable(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')), name);
  return { folder, opened, initial: drawState(opened.trainable.state, new Random(3)) };
}

const few = await packageOf('few-32');

for (const [name, file, { opened, initial }] of [
  ['faces', bytes, few],
  ['clothes', shipped('clothes'), await packageOf('few-grey-32')],
] as const) {
  test(`all weights of the shipped ${name} fit the package for few images, whose moments stay zero`, async () => {
    const { tensors, metadata } = decodeSafetensors(file, name);
    const { state, sha256 } = await startedFrom(file, opened, initial);
    assert.is(sha256, metadata['sha256']);
    const own = Object.keys(state).filter((entry) => /^(generator|discriminator)\//.test(entry));
    assert.equal(own.sort(), Object.keys(tensors).sort());
    for (const entry of own) {
      assert.equal(state[entry]!.data, tensors[entry]!.data, entry);
      if (entry.startsWith('generator/'))
        assert.equal(state[`averaged/${entry}`]!.data, tensors[entry]!.data);
      assert.ok(state[`moments/first/${entry}`]!.data.every((value) => value === 0));
    }
  });
}

test('a file that is damaged, or of other channels or networks, is refused', async () => {
  const damaged = bytes.slice();
  damaged[damaged.length - 3]! ^= 1;
  const messageOf = async (file: Uint8Array<ArrayBuffer>, opened = few.opened): Promise<string> => {
    const { name, message } = await failure(startedFrom(file, opened, few.initial));
    assert.is(name, 'ModelFormatError');
    return message;
  };
  assert.match(await messageOf(damaged), 'weights: corrupt (its content does not match its sha256)');
  assert.match(await messageOf(bytes.slice(0, 5000)), /^weights: /);
  assert.match(await messageOf(new Uint8Array(64)), /^weights: /);
  assert.match(
    await messageOf(shipped('clothes')),
    "its networks have channels 1, and the package's have 3; give one that fits",
  );
  assert.match(
    await messageOf(bytes, { ...few.opened, channels: 1 }),
    "its networks have channels 3, and the package's have 1; give one that fits",
  );
  const { trainable } = few.opened;
  const other = { ...trainable, config: { ...trainable.config, network: 'modern' } };
  assert.match(
    await messageOf(bytes, { ...few.opened, trainable: other }),
    "its networks have network dcgan, and the package's have modern",
  );
});

test("D's layers count from the image on", () => {
  const names = ['block2/kernel', 'block1/kernel', 'block1/bias', 'block10/kernel', 'logit/kernel'];
  const ofD = names.map((name) => `discriminator/${name}`);
  assert.equal(firstLayersOfD(ofD, 0), []);
  assert.equal(firstLayersOfD(ofD, 1), [ofD[1], ofD[2]]);
  assert.equal(firstLayersOfD(ofD, 2), ofD.slice(0, 3));
  assert.throws(() => firstLayersOfD(ofD, 4), /freezeD: got 4, expected a whole number from 0 to 3/);
  assert.throws(() => firstLayersOfD(ofD, 0.5), /freezeD: got 0.5/);
  const sizes = ['8x8/kernel', '32x32/kernel', '16x16/kernel'].map((name) => `discriminator/${name}`);
  assert.equal(firstLayersOfD([...sizes, 'discriminator/image/kernel'], 1), [
    'discriminator/32x32/kernel',
    'discriminator/image/kernel',
  ]);
});

test('frozen layers keep their weights while the others learn, and the result starts another training', async () => {
  const { folder, opened } = few;
  const device = new OnnxDevice({
    runtime: ort as unknown as OnnxRuntime,
    isOnGpu: false,
    session: { intraOpNumThreads: 1 },
    opened,
    fileOf: (role) => readFileSync(join(folder, opened.trainable.files[role]!.file)),
  });
  const images = avatarImages(16, opened);
  const loop = new TrainingLoop({
    ...{ opened, device, images, now: () => performance.now() / 1000 },
    parts: async () => loopParts,
  });
  const { state: begun, sha256 } = await startedFrom(bytes, opened, few.initial);
  const frozen = firstLayersOfD(Object.keys(begun), 2);
  assert.is(frozen.length, 5);
  await loop.startFrom(begun, frozen, { from: 'faces', fromHash: sha256, freezeD: 2 });
  for (let i = 0; i < 3; i++) await loop.step();
  const state = await loop.state();
  for (const name of frozen) assert.equal(state[name]!.data, begun[name]!.data, name);
  for (const name of ['discriminator/block3/kernel', 'discriminator/logit/kernel', 'generator/image/kernel'])
    assert.ok(
      state[name]!.data.some((value, i) => value !== begun[name]!.data[i]),
      name,
    );
  assert.is(loop.config['freezeD'], 2);

  // The weights of a checkpoint, halved: within half a unit in the last of 11 bits.
  const { position, config } = loop;
  const engine = { engine: 'test', version: '1', threads: 1 };
  const checkpoint = await encodeCheckpoint(
    { state, position, config },
    { engine, dataset: datasetOf(images, opened) },
    sha256Of,
  );
  const made = new Uint8Array(startFile(checkpoint, 'checkpoint'));
  assert.ok(made.length < checkpoint.length / 5, `${made.length} of ${checkpoint.length} bytes`);
  const again = await startedFrom(made, opened, few.initial);
  assert.is(again.sha256.length, createHash('sha256').digest('hex').length);
  for (const name of ['generator/block1/kernel', 'discriminator/block3/kernel']) {
    const exact = state[name.startsWith('generator') ? `averaged/${name}` : name]!.data;
    again.state[name]!.data.forEach((value, i) => {
      assert.ok(Math.abs(value - exact[i]!) <= Math.max(2 ** -25, Math.abs(exact[i]!) * 2 ** -11), name);
    });
  }
  await device.dispose();
});

test.run();
