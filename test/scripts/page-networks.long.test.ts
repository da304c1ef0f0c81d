// The packages of networks that pages train: their graphs compute what the trainer's engine does, and they are small.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTrainable } from '../../runtime-web/format/training/parse-trainable.ts';
import { pageNetworks, writePageNetworks } from '../../scripts/page-networks.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('networks of pages');
/** All packages together, compressed with brotli. */
const maxBytes = 1_500_000;

test(`every package passes the gate, all are below ${maxBytes} bytes, and a build writes the same graphs`, async () => {
  const [compared, built] = [temporaryFolder(), temporaryFolder()];
  await writePageNetworks(
    compared,
    async () => (await selectEngine({ engine: 'onnx-cpu', threads: 2 })).engine,
  );
  await writePageNetworks(built);
  const names = JSON.parse(readFileSync(join(built, 'index.json'), 'utf8')) as readonly string[];
  assert.equal(names, Object.keys(pageNetworks));
  let total = 0;
  for (const name of names) {
    const read = (folder: string, file: string): Buffer => readFileSync(join(folder, name, file));
    const opened = (folder: string) =>
      parseTrainable(JSON.parse(read(folder, 'model.json').toString()), name).trainable;
    assert.is(opened(compared).parity.length, 2 * Object.keys(opened(compared).files).length, name);
    assert.equal(opened(built).files, opened(compared).files, name);
    for (const file of readdirSync(join(built, name))) total += brotliCompressSync(read(built, file)).length;
  }
  assert.ok(total > 50_000 && total < maxBytes, `${total}`);
});

test.run();
