// The size of the scripts that a page with a viewer fetches at once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageFiles } from '../../runtime-web/format/package-files.ts';
import { allScripts, brotliBytes, scriptsAtOnce } from '../../scripts/bench/web/script-bytes.ts';

const test = suite("the size of a page's scripts");
const folder = join('dist', 'web');
const maxBytes = 15_000;

test(`viewer and worker have at most ${maxBytes} bytes, compressed with brotli`, () => {
  const atOnce = scriptsAtOnce(folder, ['dcgan-viewer.js', 'dcgan-worker.js']);
  const sizes = atOnce.map((file) => `${file} ${brotliBytes(folder, [file])}`);
  const total = brotliBytes(folder, atOnce);
  assert.ok(total > maxBytes / 2, `only ${total} bytes: ${sizes.join(', ')}`);
  assert.ok(total <= maxBytes, `${total} bytes: ${sizes.join(', ')}`);
});

test('calls that few pages use are scripts of their own', () => {
  const atOnce = scriptsAtOnce(folder, ['dcgan-viewer.js', 'dcgan-worker.js']);
  const later = allScripts(folder).filter((file) => !atOnce.includes(file));
  for (const name of [
    ...['layers', 'discriminate', 'restore', 'steer', 'mix-styles', 'condition', 'trial'],
    ...['buttons', 'languages', 'explained'],
  ]) {
    assert.ok(
      later.some((file) => file.startsWith(`dcgan-${name}-`)),
      `${name}: not among ${later.join(', ')}`,
    );
  }
});

test('no script carries the descriptions for the command line', () => {
  const scripts = allScripts(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  for (const { about } of Object.values(packageFiles))
    assert.not.ok(scripts.some((text) => text.includes(about)));
});

test.run();
