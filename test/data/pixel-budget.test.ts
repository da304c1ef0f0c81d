// Decoding at once: few large images, many small ones.
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withinPixelBudget } from '../../trainer/data/pixel-budget.ts';

const test = suite('withinPixelBudget()');

async function flat(side: number): Promise<Uint8Array> {
  return sharp({ create: { width: side, height: side, channels: 3, background: '#888888' } })
    .png()
    .toBuffer();
}

/** The most images of one size that are decoded at the same time, out of eight. */
async function mostAtOnce(bytes: Uint8Array): Promise<number> {
  let running = 0;
  let most = 0;
  const decode = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await delay(30);
    running -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withinPixelBudget(bytes, decode)));
  return most;
}

test('images decoded at once have 100 million pixels at most, however small their files', async () => {
  assert.is(await mostAtOnce(await flat(6000)), 2);
  assert.is(await mostAtOnce(await flat(16)), 8);
});

test('what is no image, and what fails, keeps nobody waiting', async () => {
  assert.is(await mostAtOnce(new Uint8Array(9)), 8);
  const large = await flat(8000);
  const failing = Array.from({ length: 3 }, () =>
    withinPixelBudget(large, () => Promise.reject(new Error('no'))).catch(() => 'failed'),
  );
  assert.equal(await Promise.all(failing), ['failed', 'failed', 'failed']);
  assert.is(await withinPixelBudget(large, () => Promise.resolve('done')), 'done');
});

test.run();
