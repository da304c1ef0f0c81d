// A training in a real browser learns: after 200 steps its faces are nearer to those it saw, by the trainer's own measure, and reports move.
import * as assert from 'uvu/assert';
import { dcgan, jsonLines } from '../../shared/command-line.ts';
import { browserSuite } from '../browser-suite.ts';
import { trainablePackage, trainPages, unpacked } from './train-pages.ts';

const model = await trainablePackage('usual', {
  ...{
    baseWidth: 8,
    latent: 16,
    batch: 16,
    steps: 400,
    objective: 'non-saturating',
    r1: 0,
    r1Every: 1,
    flip: false,
  },
  sampleEvery: 50,
});
const { test, pages } = await browserSuite('training in the browser learns', (browser) =>
  trainPages(browser, model),
);

/** The Fréchet distance of a package's images from the faces. */
async function distance(folder: string): Promise<number> {
  const { code, stdout, stderr } = await dcgan('evaluate', folder, 'avatars', '--count', '1000', '--json');
  assert.is(code, 0, stderr);
  const { frechet } = jsonLines(stdout).at(-1) as { readonly frechet?: number };
  assert.type(frechet, 'number', stdout);
  return frechet!;
}

test('200 steps on faces bring the distance down, and while the page is hidden a run may wait', async () => {
  const { page } = await pages.open();
  await page.evaluate(async () => {
    window.trainer = await window.train.loadTrainer('/model/model.json', { device: 'wasm', keep: false });
    await window.trainer.step();
  });
  const before = await distance(await unpacked(page, 'toPackage'));
  const reports = await page.evaluate(async () => {
    const lines: { at: number; images: number; dLoss: number; share: number }[] = [];
    await window.trainer.run({
      steps: 199,
      onReport: ({ images, dLoss, shareOutside }) =>
        lines.push({ at: performance.now(), images, dLoss, share: shareOutside }),
    });
    return lines;
  });
  const after = await distance(await unpacked(page, 'toPackage'));
  assert.ok(after < 0.8 * before, `${before}, then ${after}`);
  assert.is(reports.at(-1)!.images, 200 * 16);
  assert.ok(reports.every(({ dLoss, share }) => Number.isFinite(dLoss) && share >= 0 && share < 1));
  const seconds = (reports.at(-1)!.at - reports[0]!.at) / 1000;
  assert.ok(reports.length <= 10 * seconds + 3, `${reports.length} reports in ${seconds} s`);

  // A page that is hidden: waits only where that was asked for.
  const hidden = await page.evaluate(async () => {
    const hide = (isHidden: boolean): void => {
      Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    };
    const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const { trainer } = window;
    const waiting = trainer.run({ hidden: 'wait' });
    await wait(500);
    hide(true);
    await wait(1000);
    const first = trainer.report.step;
    await wait(1000);
    const second = trainer.report.step;
    hide(false);
    await wait(1500);
    const third = trainer.report.step;
    await trainer.pause();
    await waiting;
    hide(true);
    const going = await trainer.run({ steps: 3 });
    return { first, second, third, going: going.step, at: trainer.report.step };
  });
  assert.is(hidden.second, hidden.first);
  assert.ok(hidden.third > hidden.second, JSON.stringify(hidden));
  assert.is(hidden.at, hidden.going);
});

test.run();
