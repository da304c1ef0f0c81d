// Every objective and number of unrolled updates for points in a real browser: the losses, samples, scores and gradients are those of Node.
import { planeNetworks } from '../../../scripts/plane-networks.ts';
import { trainPages } from '../train/train-pages.ts';
import { browserSuite } from '../browser-suite.ts';
import { planePackages } from './plane-packages.ts';
import { assertSameInPage } from './same-in-page.ts';

const names = Object.keys(planeNetworks);
const folder = await planePackages(names);
const { test, pages } = await browserSuite('every method on points in the browser', (browser) =>
  trainPages(browser, folder),
);

for (const name of names)
  test(`${name}: 20 steps are those of Node`, () => assertSameInPage(pages, folder, name));

test.run();
