// Training on points in a real browser: the losses of Node, samples, D's scores, the gradient of G's loss, modes, and what is refused.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser } from '../browser.ts';
import { assertClose } from '../train/faces.ts';
import { trainPages } from '../train/train-pages.ts';
import { planePackages, trainInNode } from './plane-packages.ts';

const test = suite('training on points in the browser');
const browser = await openBrowser('training on points in the browser');
const names = ['minimax', 'unrolled-1', 'wgan-gp'] as const;
const folder = await planePackages(names);
const pages = trainPages(browser, folder);
test.after.each(() => pages.close());
test.after(() => browser?.close());

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  for (const name of names) {
    test(`${name}: 20 steps have the losses of Node, and so have samples, scores and gradients after them`, async () => {
      const { page, said } = await pages.open();
      const result = await page.evaluate(async (method) => {
        const points = await window.train.loadPoints(`/model/${method}/model.json`, {
          data: 'eight',
          seed: 5,
        });
        const lines: object[] = [];
        for (let i = 0; i < 20; i++) lines.push(await points.step());
        const samples = await points.sample(40);
        const [scores, slopes, field] = [
          await points.judge(samples),
          await points.slopes(samples),
          await points.field({ columns: 3, rows: 2 }),
        ];
        const modes = await points.modes(points.real(400));
        const own = await points.modes();
        const { device, report } = points;
        points.dispose();
        const numbers = [samples, scores, slopes, field].map((each) => Array.from(each));
        return { lines, numbers, modes, own, device, images: report.images };
      }, name);
      const loop = trainInNode(join(folder, name), { points: 'eight' }, 5);
      const expected: Record<string, number>[] = [];
      for (let i = 0; i < 20; i++) expected.push({ ...(await loop.step()) });
      assertClose(result.lines as Record<string, unknown>[], expected);
      const samples = await loop.sample(Array.from({ length: 40 }, (_, i) => i));
      const judge = (images: Float32Array): Promise<Float32Array> =>
        loop.judge({ images, labels: null, condition: null });
      const grid = Float32Array.of(-3, 3, 0, 3, 3, 3, -3, -3, 0, -3, 3, -3);
      const all = [samples, await judge(samples), await loop.slopes(samples), await judge(grid)];
      all.forEach((values, k) => {
        assert.is(result.numbers[k]!.length, values.length);
        const size = Math.max(...values.map(Math.abs));
        assert.ok(size > 0);
        values.forEach((value, i) =>
          assert.ok(Math.abs(value - result.numbers[k]![i]!) < 5e-3 * size, `${k}, ${i}`),
        );
      });
      assert.is(result.modes.covered, 8);
      assert.is(result.own.total, 8);
      assert.is(result.images, 20 * 32 * (name === 'wgan-gp' ? 5 : 1));
      assert.is(result.device.reason, 'wasm with 1 thread');
      assert.equal(said, []);
    });
  }

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
}

test.run();
