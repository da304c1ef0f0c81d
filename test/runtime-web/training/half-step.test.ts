// The update of one network alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTrainable } from '../../../runtime-web/format/training/parse-trainable.ts';
import { givenImages } from '../../../runtime-web/training/images.ts';
import * as loopParts from '../../../runtime-web/training/loop-parts.ts';
import { TrainingLoop } from '../../../runtime-web/training/loop.ts';
import { OnnxDevice, type OnnxRuntime } from '../../../runtime-web/training/onnx-device.ts';
import { faces } from '../train/faces.ts';
import { trainablePackage } from '../train/train-pages.ts';

const test = suite('the update of one network');
const model = await trainablePackage('hinge');

/** A training after two whole steps, always the same. */
async function training(): Promise<TrainingLoop> {
  const opened = parseTrainable(JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')), 'model.json');
  const device = new OnnxDevice({
    runtime: ort as unknown as OnnxRuntime,
    isOnGpu: false,
    session: { intraOpNumThreads: 1 },
    opened,
    fileOf: (role) => readFileSync(join(model, opened.trainable.files[role]!.file)),
  });
  const images = givenImages({ images: Uint8Array.from(faces.flat()) }, opened);
  const loop = new TrainingLoop({
    ...{ opened, device, images },
    now: () => performance.now() / 1000,
    parts: async () => loopParts,
  });
  await loop.step();
  await loop.step();
  return loop;
}

/** The numbers of each entry of the state, as texts. */
async function numbers(loop: TrainingLoop): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(await loop.state());
  return Object.fromEntries(entries.map(([name, { data }]) => [name, data.join()]));
}
const isOfD = (name: string): boolean => /(^|\/)discriminator\//.test(name);

test('of D: D is as after a whole step, all else as before, and no step is counted', async () => {
  const [half, whole] = [await training(), await training()];
  const before = await numbers(half);
  await half.step(undefined, 'discriminator');
  await whole.step();
  const [after, expected] = [await numbers(half), await numbers(whole)];
  for (const name of Object.keys(after))
    assert.is(after[name], isOfD(name) ? expected[name] : before[name], name);
  assert.is.not(after['discriminator/logit/kernel'], before['discriminator/logit/kernel']);
  assert.is(half.position.step, 2);
  assert.is(half.position.images, whole.position.images);
});

test('of G: D is as before, and G as after a step in which D cannot move', async () => {
  const [half, still] = [await training(), await training()];
  const before = await numbers(half);
  await half.step(undefined, 'generator');
  // Too small a rate to change a weight of single precision.
  still.set({ discriminatorLearningRate: 1e-30 });
  await still.step();
  const [after, expected] = [await numbers(half), await numbers(still)];
  for (const name of Object.keys(after))
    assert.is(after[name], isOfD(name) ? before[name] : expected[name], name);
  assert.is.not(after['generator/image/kernel'], before['generator/image/kernel']);
  assert.is(half.position.step, 3);
});

test.run();
