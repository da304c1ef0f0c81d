// The share of samples that are nearer to training images, on points whose distances are known.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { averaged } from '../../trainer/audit/image-rows.ts';
import { nearestShare } from '../../trainer/audit/nearest-share.ts';
import { openProducts, type FeatureRows } from '../../trainer/metrics/products.ts';
import { Random } from '../../runtime-web/format/random.ts';

const test = suite('samples nearer to training images');
const products = await openProducts(1);
test.after(() => products.dispose());

const line = (...values: readonly number[]): FeatureRows => ({
  count: values.length,
  dim: 1,
  data: Float32Array.from(values),
});

test('shares, ratios, copies and pairs are means over the draws', async () => {
  // Held-out images at 10 and 20; draws of training images at 0 and 30, and at 12 and 50.
  const found = await nearestShare(products, line(1, 11, 29), line(0, 30, 12, 50), line(10, 20), 2);
  // Draw 1: nearer, not, nearer. Draw 2: not (11 and 9), tie (1 and 1), not (17 and 9).
  assert.is(found.share.value, 2.5 / 6);
  // Draw 1: at 0 one, at 30 one, at 10 one: 3 independent ones. Draw 2: at 10, at 12 (the tie), at 20: 3 again.
  assert.ok(Math.abs(found.effective - 3) < 1e-12);
  // Copies: 1 (1 and 9), 29 (1 and 9); of held-out ones 11 (1 and 11).
  assert.equal(found.copies, { training: 1, heldOut: 0.5 });
  assert.equal(
    found.closest.map(({ sample, training, heldOut }) => [sample, training, heldOut]),
    [
      [0, 0, 0],
      [2, 1, 1],
    ],
  );
});

test('a generator of copies has a share of 1, and one that knows no image has one near 1/2', async () => {
  const random = new Random(5);
  const cloud = (count: number): FeatureRows => ({
    count,
    dim: 4,
    data: random.fillLatent(new Float32Array(4 * count), 'normal'),
  });
  const [training, heldOut] = [cloud(60), cloud(60)];
  const copies = { ...training, data: training.data.map((value) => value + 0.001) };
  const copied = await nearestShare(products, copies, training, heldOut, 1);
  assert.is(copied.share.value, 1);
  assert.ok(copied.share.low > 0.9);
  const healthy = await nearestShare(products, cloud(500), training, heldOut, 1);
  const { low, high } = healthy.share;
  assert.ok(low < 0.5 && high > 0.5, `${low} to ${high}`);
});

test('the interval is wide where all samples have the same nearest image', async () => {
  const samples = line(...Array.from({ length: 200 }, (_, i) => 5 + i / 1000));
  const { share, effective } = await nearestShare(products, samples, line(5, 80), line(40, 90), 1);
  assert.equal([share.value, effective], [1, 1]);
  assert.ok(Math.abs(share.low - 0.005) < 1e-9);
});

test('training images that are no multiple of the held-out ones are refused', async () => {
  let message = '';
  await nearestShare(products, line(1), line(1, 2, 3), line(1, 2), 1).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /got 3, expected a multiple of 2/);
});

test('averaged() is the mean over squares, smaller ones at the edge', () => {
  const image = Uint8Array.of(0, 51, 255, 102, 153, 0);
  const found = Array.from(averaged(image, { width: 3, height: 2, channels: 1 }, 2));
  assert.ok(Math.abs(found[0]! - (0 + 51 + 102 + 153) / 4 / 255) < 1e-6);
  assert.ok(Math.abs(found[1]! - 0.5) < 1e-6);
});

test.run();
