// Training in a real browser: the same losses as in Node, and what is refused.
import * as assert from 'uvu/assert';
import { browserSuite } from '../browser-suite.ts';
import { assertClose, faceCount, lossesInNode } from './faces.ts';
import { trainablePackage, trainPages } from './train-pages.ts';

const model = await trainablePackage('hinge');
const { test, pages } = await browserSuite('training in the browser', (browser) =>
  trainPages(browser, model),
);

test('20 steps on the built-in faces have the losses of Node, in two threads, under a strict policy', async () => {
  const { page, said } = await pages.open();
  const result = await page.evaluate(async (avatars) => {
    const progress: number[] = [];
    const trainer = await window.train.loadTrainer('/model/model.json', {
      ...{ device: 'wasm', data: { avatars } },
      onProgress: ({ loaded, total }) => progress.push(loaded / total),
    });
    const lines: Record<string, number>[] = [];
    for (let i = 0; i < 20; i++) {
      const { dLoss, gLoss, dReal, dFake, step, images } = await trainer.step();
      lines.push({ dLoss, gLoss, dReal, dFake, step, images });
    }
    const [picture] = await trainer.sample([3]);
    const noise = Uint8Array.from({ length: 8 * 768 }, (_, i) => (i * 7919) % 251);
    const judged = await trainer.judge({ images: noise });
    const { dReal: ofStep } = await trainer.step({ images: noise });
    const fewer = await trainer.judge({ images: noise.slice(0, 3 * 768) });
    const { device, warnings, package: opened } = trainer;
    trainer.dispose();
    const after = await trainer.step().catch((error: Error) => error.message);
    const { width, height, data } = picture!;
    const size = [width, height, new Set(data).size];
    return {
      lines,
      device,
      warnings,
      name: opened.method,
      last: progress.at(-1),
      after,
      size,
      judged: [...judged],
      fewer: [...fewer],
      ofStep,
    };
  }, faceCount);
  assertClose(result.lines, await lossesInNode(model, 20));
  assert.is(result.judged.length, 8);
  assert.ok(new Set(result.judged).size > 4 && result.judged.every(Number.isFinite), result.judged.join());
  // The step reports D's mean output for the same images, before its update.
  const mean = result.judged.reduce((sum, value) => sum + value / 8, 0);
  assert.ok(Math.abs(mean - result.ofStep) < 1e-4, `${mean}, ${result.ofStep}`);
  assert.is(result.fewer.length, 3);
  assert.is(result.lines[19]!['step'], 20);
  assert.is(result.lines[19]!['images'], 160);
  assert.is(result.device.name, 'wasm');
  assert.match(result.device.reason, /^wasm with \d threads?$/);
  assert.equal(result.warnings, []);
  assert.match(result.name, 'hinge');
  assert.is(result.last, 1);
  assert.match(String(result.after), 'disposed of');
  assert.equal(result.size.slice(0, 2), [16, 16]);
  assert.ok(result.size[2]! > 4);
  assert.equal(said, []);
});

test("a visitor's pictures are trained on as they were read", async () => {
  const { page, said } = await pages.open();
  const result = await page.evaluate(async () => {
    const drawn = Array.from(
      { length: 12 },
      (_, i) => new ImageData(new Uint8ClampedArray(4 * 20 * 24).fill(20 * i + 15), 20, 24),
    );
    const { loadTrainer, readPictures } = window.train;
    const pictures = await readPictures(drawn, { width: 16, height: 16, channels: 3 });
    const options = { device: 'wasm', data: pictures, keep: false } as const;
    const trainer = await loadTrainer('/model/model.json', options);
    const { step, images, dLoss } = await trainer.step();
    trainer.dispose();
    return { step, images, isFinite: Number.isFinite(dLoss) };
  });
  assert.equal(result, { step: 1, images: 8, isFinite: true });
  assert.equal(said, []);
});

test('wrong images, states and options are refused with what to do', async () => {
  const { page } = await pages.open();
  const messages = await page.evaluate(async () => {
    const { loadTrainer } = window.train;
    const messageOf = (options: object, url = '/model/model.json'): Promise<string> =>
      loadTrainer(url, { device: 'wasm', keep: false, ...options }).then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const trainer = await loadTrainer('/model/model.json', { data: { avatars: 10 }, keep: false });
    const state = await trainer.state();
    const damaged = state.slice();
    damaged[damaged.length - 5]! ^= 1;
    const load = (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
      trainer.load(bytes).then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const broken = [await load(damaged), await load(state.slice(0, 900)), await load(new Uint8Array(50))];
    const going = (await trainer.step()).step;
    return [
      ...broken,
      String(going),
      await messageOf({ data: { images: new Uint8Array(0) } }),
      await messageOf({ data: { images: new Uint8Array(11 * 16 * 16 * 3) } }),
      await messageOf({ data: { images: new Uint8Array(1000) } }),
      await messageOf({ data: { images: [1, 2] } }),
      await messageOf({ data: { avatars: 1 } }),
      await messageOf({ maxBytes: 1000 }),
      await messageOf({ state: 'package' }),
      await messageOf({ device: 'gpu' }),
      await messageOf({ seed: -1 }),
      await messageOf({}, '/model/none.json'),
    ];
  });
  [
    /^ModelFormatError: state: corrupt \(its content does not match its sha256\); copy it again$/,
    /^ModelFormatError: state: /,
    /^ModelFormatError: state: /,
    /^1$/,
    /^RangeError: images: got 0, expected at least 12 of 16x16 with 3 channels; add images/,
    /^RangeError: images: got 11, expected at least 12/,
    /^RangeError: images: got 1000 bytes, expected 768 for each image of 16x16 with 3 channels/,
    /^TypeError: data: expected 'avatars'/,
    /^RangeError: avatars: got 1, expected a whole number from 2 to 100000/,
    /^RangeError: maxBytes: the training takes about \d+ MB, .*ask the user and give maxBytes: \d+/,
    /^ModelLoadError: .*the package has no state; export it with --trainable --state/,
    /^TypeError: device: got gpu/,
    /^RangeError: seed: got -1/,
    /^ModelLoadError: .*404/,
  ].forEach((pattern, i) => assert.match(messages[i]!, pattern));
});

test.run();
