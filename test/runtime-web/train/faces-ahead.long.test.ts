// The worker that draws the faces of a training in a real browser: when it ends, and a page that refuses it.
import type { Page, Worker } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser, testIn } from '../browser.ts';
import { assertClose, faceCount, lossesInNode } from './faces.ts';
import { trainablePackage, trainPages } from './train-pages.ts';

const test = suite('faces drawn in a worker');
const browser = await openBrowser('faces drawn in a worker');
const model = await trainablePackage('hinge');
const pages = trainPages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** Losses of a training's first steps on this many faces; disposes of it unless it is kept. */
const losses = (page: Page, { steps, avatars }: { readonly steps: number; readonly avatars: number }) =>
  page.evaluate(
    async ([count, of]) => {
      window.trainer = await window.train.loadTrainer('/model/model.json', {
        ...{ device: 'wasm', data: { avatars: of }, keep: false },
      });
      const lines: Record<string, number>[] = [];
      for (let i = 0; i < count; i++) {
        const { dLoss, gLoss, dReal, dFake } = await window.trainer.step();
        lines.push({ dLoss, gLoss, dReal, dFake });
      }
      return { lines, warnings: window.trainer.warnings };
    },
    [steps, avatars] as const,
  );

const isDrawing = (worker: Worker): boolean => worker.url().endsWith('/train-later.js');
/** Resolves when the worker has ended. */
const ended = (worker: Worker): Promise<void> =>
  new Promise((resolve) => worker.on('close', () => resolve()));

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  const listed = testIn(['chromium'], 'does not list workers inside workers', test);
  listed('it ends when all faces are drawn, and with the training', async () => {
    const { page, said } = await pages.open();
    const workers: { readonly worker: Worker; readonly end: Promise<void> }[] = [];
    page.on('worker', (worker) => {
      if (isDrawing(worker)) workers.push({ worker, end: ended(worker) });
    });
    const { lines } = await losses(page, { steps: 20, avatars: faceCount });
    assertClose(lines, await lossesInNode(model, 20));
    assert.is(workers.length, 1);
    await workers[0]!.end;

    await losses(page, { steps: 1, avatars: 10_000 });
    assert.is(workers.length, 2);
    assert.ok(page.workers().some(isDrawing));
    await page.evaluate(() => window.trainer.dispose());
    await workers[1]!.end;
    assert.equal(said, []);
  });

  test('a page whose policy refuses it trains all the same', async () => {
    const allowed = ['train-worker.js', 'onnx/'].map((path) => `http://127.0.0.1:*/web/${path}`);
    const { page } = await pages.open({}, allowed.join(' '));
    const { lines, warnings } = await losses(page, { steps: 12, avatars: faceCount });
    assertClose(lines, await lossesInNode(model, 12));
    assert.equal(warnings, []);
    assert.not.ok(page.workers().some(isDrawing));
  });
}

test.run();
