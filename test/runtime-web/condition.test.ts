// Conditions by name in a page: the viewer's attribute and property, and generate(). The test's model shows its condition as a colour.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Page } from 'playwright-core';
import type * as Runtime from '../../runtime-web/index.ts';
import { attributesOfColour, conditionPackage, numbersOfColour } from '../shared/condition-package.ts';
import { openBrowser } from './browser.ts';
import { events, picture, tag, viewer, viewerPages, waitFor } from './viewer-pages.ts';

const test = suite('conditions in a page');
const browser = await openBrowser('conditions in a page');
const attributes = viewerPages(browser, conditionPackage(attributesOfColour));
const numbers = viewerPages(browser, conditionPackage(numbersOfColour));
test.after.each(async () => {
  await attributes.close();
  await numbers.close();
});
test.after(() => browser?.close());

/** The colour of the picture's first pixel. */
const colour = async (page: Page): Promise<string> =>
  (await picture(page)).split(' ')[1]!.split(',', 3).join();
const [no, yes] = [128, 255];

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('the attribute is a text, and the property an object or a text', async () => {
    const { page } = await attributes.open(
      `${tag} seed="1" condition="smiling=1 wavy hair=no"></dcgan-viewer>`,
    );
    await waitFor(page, 'change');
    assert.is(await colour(page), `${yes},${no},${no}`);
    await viewer(page, (element) => {
      element.condition = { Smiling: 0, 'wavy hair': true, Hat: true };
    });
    await waitFor(page, 'change', 2);
    assert.is(await colour(page), `${no},${yes},${yes}`);
    const read = await viewer(page, ({ condition }) => condition);
    assert.equal(read, { Smiling: 0, 'wavy hair': true, Hat: true });
    await viewer(page, (element) => {
      element.condition = 'Hat wavy hair=0 smiling=yes';
    });
    await waitFor(page, 'change', 3);
    assert.is(await colour(page), `${yes},${no},${yes}`);
    // Without one, seed 1 has the second example.
    await viewer(page, (element) => {
      (element as unknown as Record<string, unknown>)['condition'] = undefined;
    });
    await waitFor(page, 'change', 4);
    assert.is(await colour(page), `${no},${yes},${no}`);
    assert.is(await viewer(page, (element) => element.hasAttribute('condition')), false);
  });

  test('an unknown name is shown as an error, with the names and ranges; invalid JSON too', async () => {
    const { page } = await numbers.open(`${tag} condition="height=3"></dcgan-viewer>`);
    await waitFor(page, 'error');
    const [error] = (await events(page)).filter(({ type }) => type === 'error');
    assert.match(error!.message!, /got "height", expected age \(0 to 100\), turn \(-30 to 30\)/);
    await page.locator('[part=error]').getByText('got "height"').waitFor();
    await viewer(page, (element) => element.setAttribute('condition', 'age=100 turn=30'));
    await waitFor(page, 'change');
    assert.is(await colour(page), `255,255,${no}`);
    await viewer(page, (element) => element.setAttribute('condition', '{"age": }'));
    await waitFor(page, 'error', 2);
    assert.match(
      (await events(page)).findLast(({ type }) => type === 'error')!.message!,
      /condition: got "\{/,
    );
  });

  test('generate() takes one condition for all images, or a list', async () => {
    const { page } = await numbers.open('');
    const pixels = await page.evaluate(async () => {
      const { loadGenerator } = (await import(`${document.baseURI}web/index.js`)) as typeof Runtime;
      const generator = await loadGenerator('model/model.json', { device: 'wasm' });
      const first = async (request: Runtime.GenerateRequest): Promise<number[][]> =>
        (await generator.generate(request)).map(({ data }) => [...data.subarray(0, 2)]);
      const one = await first({ seeds: [3, 4], condition: { age: 0, turn: 30 } });
      const each = await first({ seeds: [3, 4], condition: [{ age: 100, turn: -30 }, 'turn=30 age=20'] });
      const free = await first({ seeds: [0, 1] });
      const z = [new Float32Array(4), new Float32Array(4)];
      const latents = await first({ z, conditionIndices: [1, 0], condition: {} });
      const error = await first({ seeds: [1], condition: { age: 101 } }).catch(String);
      generator.dispose();
      return { one, each, free, latents, error };
    });
    // (v - least) / (most - least) of 255.
    assert.equal(pixels.one, [
      [0, 255],
      [0, 255],
    ]);
    assert.equal(pixels.each, [
      [255, 0],
      [51, 255],
    ]);
    // Examples: 25 and 0, 75 and 15.
    assert.equal(pixels.free, [
      [64, 128],
      [191, 191],
    ]);
    assert.equal(pixels.latents, [...pixels.free].reverse());
    assert.match(String(pixels.error), /RangeError: age: got 101, expected a number from 0 to 100/);
  });
}

test.run();
