// The built demo in a real browser: every room, its URL, offline, under a sub-path of a host that sends no headers, by keyboard, at
// the width of a phone, and without requests to other origins.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rooms as roomTable } from '../../demo/rooms.ts';
import { arithmeticLink, walkLink } from '../../runtime-web/format/page-link.ts';
import { dcgan } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { axeViolations, browserName, openBrowser, testIn } from '../runtime-web/browser.ts';
import { changedFrom, chooseModel, demoPages, drawn, pixelsOf, site } from './pages.ts';

const test = suite('demo in the browser');
const browser = existsSync(site) ? await openBrowser('demo in the browser') : null;
const rooms = roomTable.map(({ name }) => name);

const pages = demoPages(browser);
const { open } = pages;
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** Goes to a room by its fragment and waits until it is there and has drawn. */
async function enter(page: Page, room: string): Promise<void> {
  await page.evaluate((name) => (location.hash = `#${name}`), room);
  await page.waitForSelector(`nav a[aria-current][href^="#${room}"]`, { state: 'attached' });
  if (room === 'models') await page.waitForSelector('main input[type=file]');
  else if (room === 'plane') await page.locator('dcgan-plane').locator('[part=canvas]').first().waitFor();
  // Their canvases are in shadow trees, that of the trainer with the pictures to learn from.
  else if (room === 'train')
    await page.locator('dcgan-trainer').locator('[part=canvas][width="256"]').waitFor();
  else await drawn(page, 'main canvas', 'any');
}
const widthOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('every room opens without console messages, and axe reports nothing', async () => {
    const { page, said, origins, server } = await open(`#${rooms[0]}`, { reducedMotion: 'reduce' });
    const titles: string[] = [];
    for (const room of rooms) {
      await enter(page, room);
      assert.is(await page.locator('main .lacking').count(), 0, room);
      assert.is(await page.locator('nav a[aria-current]').count(), 1, room);
      assert.equal(await axeViolations(page), [], room);
      assert.is(await page.locator('.error').count(), 0, room);
      assert.ok((await widthOf(page)) <= 1280, `${room} is cut off`);
      assert.equal(said, [], room);
      titles.push((await page.locator('h2').first().textContent()) ?? '');
    }
    assert.is(new Set(titles).size, rooms.length);
    // WebKit's driver does not report requests.
    if (browserName !== 'webkit') assert.equal([...origins], [server.origin]);
  });

  test('the URL is the picture: the same link draws the same, another draws another', async () => {
    const { page } = await open('#generate?seed=12');
    await drawn(page);
    const first = await pixelsOf(page);
    await page.getByRole('button', { name: 'More' }).click();
    await page.waitForFunction(() => location.hash.includes('seed=36'));
    await changedFrom(page, first[0]);
    await page.goto(page.url().replace('seed=36', 'seed=12'));
    await page.reload();
    await drawn(page);
    assert.equal(await pixelsOf(page), first);
  });

  test('a dropped model whose name is a path, with a preview called index.json, spoils nothing', async () => {
    const { page } = await open('#models');
    const drop = temporaryFolder();
    cpSync(join(site, 'models', 'avatars-64'), drop, { recursive: true });
    const json = JSON.parse(readFileSync(join(drop, 'model.json'), 'utf8')) as {
      name: string;
      files: { preview?: object };
    };
    json.name = '..';
    json.files.preview = { file: 'index.json', bytes: 2, sha256: '0'.repeat(64) };
    writeFileSync(join(drop, 'model.json'), JSON.stringify(json));
    writeFileSync(join(drop, 'index.json'), '{}');
    await chooseModel(page, drop);
    // Leftovers of an earlier version of the page.
    await page.evaluate(async () => {
      const cache = await caches.open('dcgan-dropped');
      await cache.put(new URL('models/index.json', document.baseURI), new Response('{}'));
    });
    await page.reload();
    await drawn(page);
    assert.is(await page.locator('.error').count(), 0);
    assert.is(await page.locator('#model option[value="dropped/.."]').count(), 1);
    await page.evaluate(() => (location.hash = '#models'));
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.waitForFunction(
      () => document.querySelectorAll('main li').length > 1 && !document.querySelector('main li button'),
    );
  });

  test('a walk takes no position outside it', async () => {
    const { page } = await open('#walk?seeds=1,2&at=-5');
    await drawn(page);
    const before = await pixelsOf(page);
    await page.goto(page.url().replace('at=-5', 'at=0'));
    await page.reload();
    await drawn(page);
    assert.equal(await pixelsOf(page), before);
  });

  const inWorkers = testIn(['chromium'], 'lets nothing reach its service workers', test);
  inWorkers('a cache that refuses to keep does not fail the answer', async () => {
    const { page } = await open('#generate');
    await drawn(page);
    const [worker] = page.context().serviceWorkers();
    await worker!.evaluate(() => {
      Cache.prototype.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
      return caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
    });
    const status = await page.evaluate(async () => (await fetch('models/index.json')).status);
    assert.is(status, 200);
  });

  test('a dropped model that can no longer be read is listed, and spoils no room', async () => {
    const { page } = await open('#generate');
    await drawn(page);
    await page.evaluate(async () => {
      const cache = await caches.open('dcgan-dropped');
      await cache.put(
        new URL('models/dropped/old/model.json', document.baseURI),
        new Response('{"formatVersion": "9.0"}'),
      );
    });
    await page.reload();
    await drawn(page);
    assert.is(await page.locator('.error').count(), 0);
    assert.is(await page.locator('#model option[value="dropped/old"]').count(), 1);
  });

  test('without a network it works after the first visit', async () => {
    const { page, server } = await open('#generate');
    await drawn(page);
    const before = await pixelsOf(page);
    await server.close();
    await page.reload();
    await drawn(page);
    assert.equal(await pixelsOf(page), before);
    await page.click('text=Walk');
    await drawn(page);
  });

  test('a walk moves, and arrow keys lead through the rooms', async () => {
    const { page } = await open('#walk');
    await drawn(page);
    const [before] = await pixelsOf(page);
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate(() => document.activeElement!.textContent), 'To the content');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate(() => document.activeElement!.textContent), 'Walk');
    const play = page.getByRole('button', { name: 'Play' });
    await play.focus();
    await page.keyboard.press('Enter');
    await changedFrom(page, before);
    await page.keyboard.press('Enter');
    await page.waitForURL(/at=0\.\d+/);
  });

  test('the example of how it works can be changed, and the link keeps it', async () => {
    const { page } = await open('#how-it-works');
    const output = (): Promise<string[]> => page.locator('table').nth(2).locator('td').allTextContents();
    assert.equal(await output(), '1 2 -1 -2 5 9 -1 -4 6 12 8 4 0 3 10 8'.split(' '));
    await page.getByLabel('Input, 2x2, row 1, column 1').focus();
    await page.keyboard.press('ControlOrMeta+a');
    for (const digit of '10') await page.keyboard.press(digit);
    assert.is((await output())[0], '10');
    await page.reload();
    await page.waitForSelector('table');
    assert.is((await output())[0], '10');
  });

  test('your own model, chosen as a folder, is drawn, and stays after a reload', async () => {
    const { page } = await open('#models');
    const folder = join(site, 'models', 'fashion-mnist-32');
    await chooseModel(page, folder);
    await drawn(page);
    await page.reload();
    await drawn(page);
    assert.match(await page.locator('#model').inputValue(), /^dropped\//);
  });

  test('links that commands print draw their walk and their sum', async () => {
    const { page, said } = await open(
      `${walkLink('fashion-mnist-32', [3, 8, 9007199254740991], 'slerp')}&at=1`,
    );
    await drawn(page);
    assert.equal(
      await page
        .locator('main input[type=number]')
        .evaluateAll((all) => all.map((e) => (e as HTMLInputElement).value)),
      ['3', '8', '9007199254740991'],
    );
    const asked = await pixelsOf(page);
    // At a keyframe the path makes no difference; half-way it does.
    await page.goto(page.url().replace('at=1', 'at=0.25'));
    await page.reload();
    await drawn(page);
    const slerp = await pixelsOf(page);
    await page.goto(page.url().replace('path=slerp', 'path=linear'));
    await page.reload();
    await drawn(page);
    assert.is.not((await pixelsOf(page))[0], slerp[0]);
    assert.is.not(asked[0], slerp[0]);

    const terms = [
      { sign: 1, seeds: [3, 7, 9] },
      { sign: -1, seeds: [5, 6, 8] },
      { sign: 1, seeds: [1, 2, 4] },
    ] as const;
    await page.goto(page.url().split('#')[0] + arithmeticLink('fashion-mnist-32', terms, 0.433)!);
    await page.waitForSelector('.nine canvas');
    assert.match(page.url(), /a=3,7,9&b=5,6,8&c=1,2,4&jitter=0\.433/);
    assert.is(await page.locator('.error').count(), 0);
    assert.equal(said, []);
  });

  test('the directions room shows all directions of a model, principal ones too', async () => {
    const folder = temporaryFolder();
    cpSync(join(site, 'models', 'fashion-mnist-32'), folder, { recursive: true });
    const found = await dcgan('directions', folder, '--method', 'sefa', '--count', '3');
    assert.is(found.code, 0, found.stderr);
    const { page, said } = await open('#models');
    await chooseModel(page, folder);
    await page.evaluate(() => (location.hash = location.hash.replace('#generate', '#directions')));
    await page.getByLabel('principal 1').waitFor();
    await drawn(page);
    assert.is(await page.locator('main input[type=range]').count(), 3);
    assert.match(await page.locator('main').innerText(), /principal 1: \d+% of the variation/);
    const [before] = await pixelsOf(page);
    await page.getByLabel('principal 1').fill('1.5');
    const after = await changedFrom(page, before);
    assert.match(page.url(), /principal(\+|%20)1=1\.5/);
    await page.reload();
    await drawn(page);
    assert.is((await pixelsOf(page))[0], after);
    assert.not.match(await page.locator('main').innerText(), /also changes/);
    assert.equal(said, []);
  });

  test('a direction says how often it works and what else it changes, in words, as far as the model says so', async () => {
    const folder = temporaryFolder();
    cpSync(join(site, 'models', 'avatars-64'), folder, { recursive: true });
    const file = join(folder, 'model.json');
    const model = JSON.parse(readFileSync(file, 'utf8')) as { readonly latent: { readonly dim: number } };
    const measured = {
      success: 0.76,
      othersMoved: 0.2,
      classifierQuality: 1,
      length: 19.8,
      latentLength: 10,
    };
    const moved = {
      'moved/hat': 0.0993,
      'moved/hairColour': 0.454,
      'moved/clothes': 0.8701,
      'moved/mouthOpen': 0.1,
    };
    const vector = Array.from({ length: model.latent.dim }, () => 0);
    const directions = [
      { name: 'earrings', vector, figures: { ...measured, ...moved } },
      { name: 'thickBrows', vector, figures: { ...measured, 'moved/hat': 0.04, 'moved/clothes': 0.03 } },
      {
        name: 'smile',
        vector,
        figures: {
          ...measured,
          ...{ 'moved/beard': 0.2, 'moved/hat': 0.3, 'moved/background': 0.15, 'moved/glasses': 0.12 },
          ...{ 'moved/eyeColour': 0.25, 'moved/skinTone': 0.11, 'moved/freckles': 0.08 },
        },
      },
      // The package is from before other attributes were measured one by one.
      { name: 'turn', vector, figures: { success: 0.8, othersMoved: 0.05, classifierQuality: 1 } },
    ];
    writeFileSync(file, JSON.stringify({ ...model, directions }));
    const { page, said } = await open('#models');
    await chooseModel(page, folder);
    await page.evaluate(() => (location.hash = location.hash.replace('#generate', '#directions')));
    await page.getByLabel('earrings').waitFor();
    await page.getByLabel('thick brows').waitFor();
    const texts = await page.locator('main p:has(input[type=range])').allInnerTexts();
    assert.equal(
      // Browsers differ in the empty lines between elements.
      texts.map((text) =>
        text
          .split('\n')
          .slice(1)
          .map((line) => line.trim())
          .filter((line) => line !== '')
          .join('|'),
      ),
      [
        "works on 76% of pictures; 2.0 times as long as a picture's numbers|" +
          'also changes: shirt colour 87%, hair colour 45%, open mouth 10%',
        "works on 76% of pictures; 2.0 times as long as a picture's numbers|" +
          'each of 2 other features changes in less than 10%',
        "works on 76% of pictures; 2.0 times as long as a picture's numbers|" +
          'also changes: hat 30%, eye colour 25%, beard 20%, background colour 15%, and 2 more',
        'works on 80% of pictures',
      ],
    );
    assert.equal(said, []);
  });

  test('every direction of the faces that ship names its side effects as its model does', async () => {
    const { directions } = JSON.parse(
      readFileSync(join(site, 'models', 'avatars-64', 'model.json'), 'utf8'),
    ) as { readonly directions: readonly { readonly figures: Readonly<Record<string, number>> }[] };
    const { page } = await open('#directions?model=avatars-64');
    await page.getByLabel('hat').waitFor();
    const texts = await page.locator('main p:has(input[type=range])').allInnerTexts();
    assert.is(texts.length, directions.length);
    directions.forEach(({ figures }, d) => {
      const most = Math.max(
        ...Object.keys(figures).map((key) => (key.startsWith('moved/') ? figures[key]! : 0)),
      );
      const named = /also changes: [a-z ]+ (\d+)%/.exec(texts[d]!)?.[1];
      assert.is(named, most < 0.1 ? undefined : `${Math.round(100 * most)}`);
    });
  });

  const resized = testIn(['chromium', 'firefox'], 'has windows of one size', test);
  resized('nothing is cut off on phones, 320 and 390 pixels wide', async () => {
    const { page } = await open('#generate');
    for (const room of rooms) {
      for (const width of [320, 390]) {
        await page.setViewportSize({ width, height: 800 });
        if (width === 320) await enter(page, room);
        const wide = await widthOf(page);
        assert.ok(wide <= width, `${room} is ${wide} pixels wide at ${width}`);
      }
    }
  });
}

test.run();
