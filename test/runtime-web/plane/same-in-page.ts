// The comparison of a training on points in a page with the same in Node.
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { slopesAt } from '../../../runtime-web/training/slopes.ts';
import { assertClose } from '../train/faces.ts';
import type { trainPages } from '../train/train-pages.ts';
import { trainInNode } from './plane-packages.ts';

/** Asserts that 20 steps of a package in a page have the losses of Node, and so have samples, scores and gradients after them. */
export async function assertSameInPage(
  pages: ReturnType<typeof trainPages>,
  folder: string,
  name: string,
): Promise<void> {
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
  const all = [samples, await judge(samples), await slopesAt(loop, samples), await judge(grid)];
  all.forEach((values, k) => {
    assert.is(result.numbers[k]!.length, values.length);
    const size = Math.max(...values.map(Math.abs));
    assert.ok(size > 0);
    const others = values.filter((value, i) => !(Math.abs(value - result.numbers[k]![i]!) < 5e-3 * size));
    // The gradient of a network with ReLU jumps between the pieces of the plane: points at an edge may lie on either side.
    const most = k === 2 ? values.length / 10 : 0;
    assert.ok(others.length <= most, `${k}: ${others.length} of ${values.length} differ`);
  });
  assert.is(result.modes.covered, 8);
  assert.is(result.own.total, 8);
  assert.is(result.images, 20 * 32 * (name.startsWith('wgan') ? 5 : 1));
  assert.is(result.device.reason, 'wasm with 1 thread');
  assert.equal(said, []);
}
