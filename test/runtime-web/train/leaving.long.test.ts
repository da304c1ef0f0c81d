// Files that leave a page that trains: a run folder for the trainer, whose checkpoint comes back, and a model package.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { dcgan, jsonLines } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { browserSuite } from '../browser-suite.ts';
import { assertClose, faceCount, faces } from './faces.ts';
import { trainablePackage, trainPages, unpacked } from './train-pages.ts';

const model = await trainablePackage('hinge');
const { test, pages } = await browserSuite('files of a training in the browser', (browser) =>
  trainPages(browser, model),
);

test('a run folder of the page goes on with train --resume, with the losses that the page has', async () => {
  const { page } = await pages.open();
  await page.evaluate(async (list) => {
    window.trainer = await window.train.loadTrainer('/model/model.json', {
      ...{ device: 'wasm', data: { images: Uint8Array.from(list.flat()) }, keep: false },
    });
    await window.trainer.run({ steps: 20 });
  }, faces);
  const root = await unpacked(page, 'toRun');
  const [name] = readdirSync(root);
  assert.match(name!, /^00001-pictures-.*hinge/);
  const folder = join(root, name!);
  const files = readdirSync(join(folder, 'pictures'));
  assert.is(files.length, faceCount);
  const pixels = await sharp(join(folder, 'pictures', '000007.png'))
    .raw()
    .toBuffer();
  assert.equal(Array.from(pixels), faces[7]);
  const inPage = await page.evaluate(async () => {
    const lines: Record<string, number>[] = [];
    for (let i = 0; i < 20; i++) {
      const { dLoss, gLoss, dReal, dFake } = await window.trainer.step();
      lines.push({ dLoss, gLoss, dReal, dFake });
    }
    return lines;
  });
  const flags = ['--report-every', '1', '--engine', 'onnx-cpu', '--threads', '2', '--json'];
  const { code, stdout, stderr } = await dcgan('train', '--resume', folder, '--steps', '40', ...flags);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, 'the data have changed');
  const lines = readFileSync(join(folder, 'stats.jsonl'), 'utf8').trim().split('\n');
  assertClose(
    inPage,
    lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  );
  assert.is(jsonLines(stdout).at(-1)!['event'], 'done');

  // And back: the server's checkpoint goes on in the page.
  const state = readFileSync(join(folder, 'checkpoints', 'step-000040.safetensors'));
  const back = await page.evaluate(async (bytes) => {
    const mine = await window.trainer.step();
    const { step } = await window.trainer.load(Uint8Array.from(bytes));
    const theirs = await window.trainer.step();
    return { step, mine: mine.dLoss, theirs: theirs.dLoss };
  }, Array.from(state));
  assert.is(back.step, 40);
  assert.ok(Math.abs(back.mine - back.theirs) < 1e-3 * Math.max(1, Math.abs(back.mine)));
});

test('a package of the page draws the same pictures with dcgan sample, and passes the checks of its readers', async () => {
  const { page } = await pages.open();
  const pictures = await page.evaluate(async (avatars) => {
    window.trainer = await window.train.loadTrainer('/model/model.json', {
      ...{ device: 'wasm', data: { avatars }, keep: false },
    });
    await window.trainer.run({ steps: 10 });
    const drawn = await window.trainer.sample([0, 1], { isExact: true });
    return drawn.map(({ data }) => Array.from(data));
  }, faceCount);
  const folder = await unpacked(page, 'toPackage');
  assert.equal(readdirSync(folder).sort(), ['generator.onnx', 'model.json', 'preview.png']);
  for (const [seed, drawn] of pictures.entries()) {
    const out = join(temporaryFolder(), 'drawn.png');
    const { code, stderr } = await dcgan('sample', folder, '--seeds', `${seed}`, '--out', out);
    assert.is(code, 0, stderr);
    const { data, info } = await sharp(out).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    assert.equal([info.width, info.height], [16, 16]);
    const expected = drawn.filter((_, k) => k % 4 < 3);
    const most = expected.reduce((worst, value, k) => Math.max(worst, Math.abs(value - data[k]!)), 0);
    assert.ok(most <= 1, `seed ${seed}: ${most}`);
  }
});

test.run();
