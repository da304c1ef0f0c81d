// The viewer's texts: in the page's language, and replaced by the page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { languages } from '../../runtime-web/viewer/languages.ts';
import { english } from '../../runtime-web/viewer/strings.ts';
import { openBrowser } from './browser.ts';
import { picturesRun } from './models.ts';
import { events, tag, viewer, viewerPages, waitFor } from './viewer-pages.ts';

const test = suite("the viewer's languages");
const browser = await openBrowser("the viewer's languages");
const model = join(await picturesRun(), 'model');

const pages = viewerPages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

test('every language has every text, with the same placeholders', () => {
  const placeholders = (text: string): string => (text.match(/\{\w+\}/g) ?? []).join();
  assert.equal(Object.keys(languages), ['de', 'fr', 'es']);
  for (const [language, texts] of Object.entries(languages)) {
    assert.equal(Object.keys(texts), Object.keys(english), language);
    for (const [key, text] of Object.entries(english)) {
      assert.is(placeholders(texts[key as keyof typeof english]), placeholders(text), `${language}: ${key}`);
    }
  }
});

test('docs/reference/viewer.md lists every text', () => {
  const rows = Object.entries(english).map(([key, text]) => `| \`${key}\` | ${text} |`);
  const docs = readFileSync('docs/reference/viewer.md', 'utf8');
  assert.ok(docs.includes(rows.join('\n')), `docs/reference/viewer.md needs these rows:\n${rows.join('\n')}`);
});

if (browser === null) {
  test.skip('all tests in a browser', () => undefined);
} else {
  const status = (element: HTMLElement): string | null =>
    element.shadowRoot!.querySelector('[role=status]')!.textContent;

  for (const [html, language, next, loading] of [
    ['lang="de-AT"', 'German', 'Nächstes Bild', 'Modell wird geladen'],
    ['lang="fr"', 'French', 'Image suivante', 'Chargement du modèle'],
    ['lang="es-MX"', 'Spanish', 'Imagen siguiente', 'Cargando el modelo'],
    ['lang="it"', 'English, for a language that is missing,', 'Next picture', 'Loading the model'],
    ['', 'English, without lang,', 'Next picture', 'Loading the model'],
  ] as const) {
    test(`a page with ${html || 'no language'} has ${language} labels`, async () => {
      const { page, server } = await pages.open(`${tag} controls></dcgan-viewer>`, { html });
      await waitFor(page, 'change');
      await page.getByRole('button', { name: next }).waitFor();
      assert.is(
        await viewer(page, (element) =>
          element.shadowRoot!.querySelector('progress')!.getAttribute('aria-label'),
        ),
        loading,
      );
      const hasFetched = server.requests.some((path) => path.includes('dcgan-languages'));
      assert.is(hasFetched, next !== 'Next picture');
    });
  }

  test('announcements are in the language too; the closest lang counts, and its change', async () => {
    const { page } = await pages.open(
      `<div lang="fr"><div id="close" lang="de">${tag} controls></dcgan-viewer></div></div>`,
    );
    await waitFor(page, 'change');
    await page.getByRole('button', { name: 'Nächstes Bild' }).click();
    assert.is(await viewer(page, status), 'Bild 1');
    await page.evaluate(() => (document.querySelector<HTMLElement>('#close')!.lang = 'es'));
    await page.getByRole('button', { name: 'Imagen siguiente' }).click();
    assert.is(await viewer(page, status), 'Imagen 2');
    await page.evaluate(() => document.querySelector('#close')!.removeAttribute('lang'));
    await page.getByRole('button', { name: 'Image suivante' }).waitFor();
    await page.evaluate(() => document.querySelector('[lang=fr]')!.removeAttribute('lang'));
    await page.getByRole('button', { name: 'Next picture' }).waitFor();
  });

  test('inside another element’s shadow root the language is that of the page', async () => {
    const { page } = await pages.open('<div id="host"></div>', { html: 'lang="de"' });
    await page.evaluate(() => {
      const viewer = document.createElement('dcgan-viewer');
      viewer.setAttribute('controls', '');
      document.querySelector('#host')!.attachShadow({ mode: 'open' }).append(viewer);
    });
    await page.getByRole('button', { name: 'Nächstes Bild' }).waitFor();
  });

  test('a page replaces any text; $ in a value stays, and a name that does not exist is an error event', async () => {
    const { page } = await pages.open(
      `${tag.replace(' alt="A face"', '')} seed="4" controls></dcgan-viewer>`,
      {
        html: 'lang="de"',
      },
    );
    await waitFor(page, 'change');
    await viewer(page, (element) => {
      element.strings = {
        picture: 'Kunst',
        next: 'Vor',
        shown: 'Nummer {seed}!',
        failed: 'Schade: {message}',
        oops: '',
      } as typeof element.strings;
    });
    await page.getByRole('button', { name: 'Vor', exact: true }).click();
    assert.is(await viewer(page, status), 'Nummer 5!');
    assert.is(await page.getByRole('img', { name: 'Kunst' }).count(), 1);
    assert.is(await page.getByRole('button', { name: 'Voriges Bild' }).count(), 1);
    assert.match(
      String((await events(page)).find(({ type }) => type === 'error')?.message),
      /^strings: got "oops", expected picture, loading, /,
    );
    await viewer(page, (element) => {
      element.src = 'nowhere/$&.json';
    });
    await page.waitForFunction(() =>
      document
        .querySelector('dcgan-viewer')!
        .shadowRoot!.querySelector('[role=status]')!
        .textContent!.startsWith('Schade: '),
    );
    assert.match(String(await viewer(page, status)), /nowhere\/\$&\.json: the server answers 404/);
    await viewer(page, (element) => {
      (element as unknown as { strings: unknown }).strings = undefined;
    });
    await page.getByRole('button', { name: 'Nächstes Bild' }).waitFor();
  });
}

test.run();
