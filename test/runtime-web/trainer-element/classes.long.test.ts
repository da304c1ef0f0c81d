// <dcgan-trainer> on networks of classes, in a real browser: D's scores of real and generated pictures, each with its class.
import * as assert from 'uvu/assert';
import { browserSuite } from '../browser-suite.ts';
import { trainablePackage } from '../train/train-pages.ts';
import { events, trainer, trainerPages, waitFor, wallOf } from './trainer-pages.ts';

const classes = await trainablePackage('classes', { condition: 'label', classNames: 'dark,grey,light' });
const { test, pages } = await browserSuite('<dcgan-trainer> on classes', (browser) =>
  trainerPages(browser, { classes }),
);

/** Mean scores of D, by the trainer itself. */
interface Means {
  readonly real: number;
  readonly fake: number;
  /** With the classes in another order. */
  readonly wrong: number;
}

test('the histograms are those of pictures with their classes', async () => {
  const { page, said } = await pages.open(
    '<dcgan-trainer src="networks/classes/model.json" device="wasm" width="4" height="2" steps="80" controls></dcgan-trainer>',
  );
  await page
    .getByText(/faces have none; give images/)
    .first()
    .waitFor();
  await trainer(page, (element) => {
    // Picture i is of class floor(i / 8), and all of its bytes are 100 times its class.
    const images = new Uint8Array(24 * 768).map((_, at) => 100 * Math.floor(at / (8 * 768)));
    element.data = { images, labels: Int32Array.from({ length: 24 }, (_, i) => Math.floor(i / 8)) };
    element.addEventListener('sample', ({ detail }) => {
      Object.assign(window, { sampled: detail.images });
    });
  });
  await wallOf(page, '64x32');
  await page.getByRole('button', { name: 'Play' }).click();
  await waitFor(page, 'done');
  const chart = page.getByRole('img', { name: /^What the discriminator thinks: Real pictures -?\d/ });
  const label = (await chart.getAttribute('aria-label'))!;
  const means = await trainer(page, async (element): Promise<Means> => {
    const trained = await element.trainer!;
    const { sampled } = window as unknown as { readonly sampled: readonly ImageData[] };
    const mean = async (images: Uint8Array, labels: readonly number[]): Promise<number> => {
      const scores = await trained.judge({ images, labels: Int32Array.from(labels) });
      return scores.reduce((sum, score) => sum + score / scores.length, 0);
    };
    // The wall's picture i has class i % 3; a batch of 8 real ones is spread over the 24.
    const drawn = Uint8Array.from(sampled.flatMap(({ data }) => [...data].filter((_, i) => i % 4 < 3)));
    const spread = [0, 3, 6, 9, 12, 15, 18, 21].map((i) => Math.floor(i / 8));
    const real = Uint8Array.from(spread.flatMap((each) => new Array<number>(768).fill(100 * each)));
    return {
      real: await mean(real, spread),
      fake: await mean(drawn, [0, 1, 2, 0, 1, 2, 0, 1]),
      wrong: await mean(real, [...spread].reverse()),
    };
  });
  const shown = /Real pictures (-?\d+\.\d\d), Generated (-?\d+\.\d\d)$/.exec(label)!.slice(1);
  assert.equal(shown, [means.real.toFixed(2), means.fake.toFixed(2)]);
  assert.is.not(means.wrong.toFixed(2), means.real.toFixed(2));
  for (const path of await page.locator('[part~=opinion] path').all())
    assert.match((await path.getAttribute('d'))!, /^M0 87V/);
  const errors = (await events(page, 'error')).map(({ message }) => message);
  assert.equal(errors.length, 1, errors.join());
  assert.equal(said, []);
});

test.run();
