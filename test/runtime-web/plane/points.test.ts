// Training on points in a real browser: the losses of Node, samples, D's scores, the gradient of G's loss, modes, and what is refused.
import * as assert from 'uvu/assert';
import type * as Viewer from '../../../runtime-web/element.ts';
import { trainPages } from '../train/train-pages.ts';
import { browserSuite } from '../browser-suite.ts';
import { planePackages } from './plane-packages.ts';
import { assertSameInPage } from './same-in-page.ts';

const folder = await planePackages(['minimax', 'unrolled-1', 'wgan-gp']);
const { test, pages } = await browserSuite('training on points in the browser', (browser) =>
  trainPages(browser, folder),
);

test('minimax: 20 steps have the losses of Node, and so have samples, scores and gradients after them', () =>
  assertSameInPage(pages, folder, 'minimax'));

test('a state goes on exactly, given points are learned, and settings change', async () => {
  const { page } = await pages.open();
  const [first, again, changed, total] = await page.evaluate(async () => {
    const { loadPoints } = window.train;
    const data = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
    const points = await loadPoints('/model/minimax/model.json', { data, seed: 1 });
    await points.run({ steps: 4 });
    const state = await points.state();
    const { dLoss } = await points.step();
    await points.load(state);
    const { dLoss: repeated } = await points.step();
    await points.load(state);
    await points.set({ learningRate: 1, discriminatorLearningRate: 1 });
    await points.step();
    return [dLoss, repeated, (await points.step()).dLoss, points.centres.centres.length] as const;
  });
  assert.is(first, again);
  assert.ok(Math.abs(changed - first) > 0.1, `${changed}`);
  assert.ok(total > 5);
});

test('wrong data, grids and packages are refused with what to do', async () => {
  const { page } = await pages.open();
  const messages = await page.evaluate(async () => {
    const { loadPoints, loadTrainer } = window.train;
    const url = '/model/minimax/model.json';
    const said = (work: () => Promise<unknown>): Promise<string> =>
      work().then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const of = (data: unknown): Promise<string> => said(() => loadPoints(url, { data: data as 'ring' }));
    const points = await loadPoints(url);
    return [
      await of('square'),
      await of(new Float32Array(3)),
      await of(Float32Array.of(1, 2)),
      await of(Float32Array.of(1, 2, NaN, 4)),
      await of([1, 2, 3, 4]),
      await said(() => loadTrainer(url, { data: { avatars: 4 } })),
      await said(() => points.field({ columns: 1, rows: 4 })),
      await said(() => points.judge(new Float32Array(5))),
      await said(() => points.slopes([1, 2] as unknown as Float32Array)),
      await said(() => points.sample(0)),
      await said(() => loadPoints('/model/none.json')),
    ];
  });
  [
    /^RangeError: data: got square, expected eight, ring, grid or points/,
    /^RangeError: data: got 3 numbers, expected x and y of at least 2 points/,
    /^RangeError: data: got 2 numbers, expected x and y of at least 2 points/,
    /^RangeError: data: number 2 is NaN, expected finite numbers/,
    /^TypeError: data: expected eight, ring, grid or a Float32Array/,
    /^ModelFormatError: .*data: got points, expected images; load this package with loadPoints\(\)/,
    /^RangeError: columns: got 1, expected a whole number from 2 to 512/,
    /^RangeError: points: got 5 numbers, expected x and y of each/,
    /^RangeError: points: got 2 numbers, expected x and y of each/,
    /^RangeError: sample: got 0, expected a whole number from 1 to 65536/,
    /^ModelLoadError: .*404/,
  ].forEach((pattern, i) => assert.match(messages[i]!, pattern));
});

test('whoever expects a trained generator is told what the package is, and what opens it', async () => {
  const { page } = await pages.open();
  const messages = await page.evaluate(async () => {
    const entry = '/web/element.js';
    const { loadGenerator } = (await import(entry)) as typeof Viewer;
    const src = '/model/minimax/model.json';
    const loading = loadGenerator(src, { device: 'wasm' }).then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    const viewer = document.createElement('dcgan-viewer');
    const shown = new Promise<string>((done) =>
      viewer.addEventListener('error', ({ detail }) => done(detail.error.message)),
    );
    viewer.src = src;
    document.body.append(viewer);
    return [await loading, await shown];
  });
  for (const message of messages)
    assert.match(
      message,
      /\/model\/minimax\/model\.json: got networks to train on points in the plane, expected a model with a trained generator; open this package with <dcgan-plane> or loadPoints\(\)$/,
    );
  assert.match(messages[0]!, /^ModelFormatError: /);
});

test.run();
