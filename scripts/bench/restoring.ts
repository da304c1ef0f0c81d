// `npm run bench -- restoring MODEL`: restoring in a real Chromium, with a package that was exported with --restoring. Prints
// updates per second with and without a preview of each, the longest task of the page's main thread, and the files fetched.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Runtime from '../../runtime-web/index.ts';
import { refuse } from '../flags.ts';
import { serveFolders } from '../static-server.ts';
import { launchBrowser } from './browser.ts';

const [model] = process.argv.slice(2);
if (model === undefined) {
  refuse('got no model; expected the folder of a package that was exported with --restoring');
}
const site = mkdtempSync(join(tmpdir(), 'dcgan-bench-restoring-'));
writeFileSync(join(site, 'index.html'), '<!doctype html><title>bench</title>');
writeFileSync(join(site, 'favicon.ico'), '');
const server = await serveFolders({
  folders: { '/': site, '/web/': 'runtime-web/dist', '/model/': model },
  isIsolated: true,
});
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  await page.goto(server.origin);
  const result = await page.evaluate(async () => {
    const { loadGenerator } = (await import(new URL('/web/index.js', location.href).href)) as typeof Runtime;
    const generator = await loadGenerator('/model/model.json', { device: 'wasm' });
    const { width: side } = generator.model;
    const [image] = await generator.generate({ seeds: [1000] });
    const mask = Array.from({ length: side * side }, (_, i) => {
      const isMiddle = (at: number): boolean => at >= side / 4 && at < (3 * side) / 4;
      return isMiddle(i % side) && isMiddle(Math.floor(i / side));
    });
    const request = { image: image!, mask, candidates: 2, restarts: 2 };
    await generator.restore({ ...request, steps: 2 });
    let longest = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    });
    observer.observe({ type: 'longtask' });
    const rateOf = async (onStep?: () => void): Promise<number> => {
      const steps = 60;
      const started = performance.now();
      await generator.restore({ ...request, steps, onStep });
      return (steps * 1000) / (performance.now() - started);
    };
    const [withoutPreview, withPreview] = [await rateOf(), await rateOf(() => undefined)];
    const { loss } = await generator.restore({ ...request, steps: 200 });
    observer.disconnect();
    return { device: generator.device.reason, side, withoutPreview, withPreview, longest, loss };
  });
  const extra = server.requests.filter((path) => /restor|extras/.test(path));
  console.log(`${model}, ${result.side}x${result.side}, ${cpus()[0]?.model.trim()}: ${result.device}`);
  console.log(
    `updates/s of two latents: ${result.withoutPreview.toFixed(1)}, with a preview of each ${result.withPreview.toFixed(1)}`,
  );
  console.log(
    `main-thread tasks over 50 ms: ${result.longest === 0 ? 'none' : `the longest ${result.longest.toFixed(0)} ms`}`,
  );
  console.log(`loss of a generated image after 200 updates: ${result.loss.toFixed(4)}`);
  console.log(`fetched for restoring: ${extra.join(', ')}`);
} finally {
  await browser.close();
  await server.close();
  rmSync(site, { recursive: true, force: true });
}
