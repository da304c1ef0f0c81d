// Every objective and number of unrolled updates for points in a real browser: the losses, samples, scores and gradients are those of Node.
import { suite } from 'uvu';
import { planeNetworks } from '../../../scripts/plane-networks.ts';
import { openBrowser } from '../browser.ts';
import { trainPages } from '../train/train-pages.ts';
import { planePackages } from './plane-packages.ts';
import { assertSameInPage } from './same-in-page.ts';

const test = suite('every method on points in the browser');
const browser = await openBrowser('every method on points in the browser');
const names = Object.keys(planeNetworks);
const folder = await planePackages(names);
const pages = trainPages(browser, folder);
test.after.each(() => pages.close());
test.after(() => browser?.close());

for (const name of names) {
  if (browser === null) test.skip(name, () => undefined);
  else test(`${name}: 20 steps are those of Node`, () => assertSameInPage(pages, folder, name));
}

test.run();
