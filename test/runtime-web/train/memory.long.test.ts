// The memory of a page that trains stays flat over 10,000 steps.
import * as assert from 'uvu/assert';
import { testIn } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { trainablePackage, trainPages } from './train-pages.ts';

const model = await trainablePackage('tiny', { baseWidth: 1, latent: 2, batch: 2, r1: 0, r1Every: 1 });
const { test, pages } = await browserSuite('memory of a training', (browser) => trainPages(browser, model));

const measured = testIn(['chromium'], 'does not tell the memory of a page and its workers', test);
measured('10,000 steps change it by at most 5%', async () => {
  const { page } = await pages.open();
  const megabytes = await page.evaluate(async () => {
    const measuring = performance as unknown as {
      measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
    };
    const trainer = await window.train.loadTrainer('/model/model.json', {
      ...{ device: 'wasm', data: { avatars: 20 }, keep: false },
    });
    const found: number[] = [];
    for (const steps of [1000, 5000, 5000]) {
      await trainer.run({ steps });
      found.push((await measuring.measureUserAgentSpecificMemory()).bytes / 2 ** 20);
    }
    trainer.dispose();
    return found;
  });
  const [first, ...others] = megabytes;
  assert.ok(first! > 10, `${megabytes.join()} MB: without the worker?`);
  for (const each of others)
    assert.ok(Math.abs(each / first! - 1) < 0.05, `${megabytes.map((value) => value.toFixed(1)).join()} MB`);
});

test.run();
