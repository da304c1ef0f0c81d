// The package and the weights to start from that the page takes for a number of pictures.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageFor } from '../../../runtime-web/train/enough-pictures.ts';
import { pageNetworks } from '../../../scripts/page-networks.ts';

const test = suite('packageFor()');

test('names a package of the build, and weights that the build ships for few pictures', () => {
  for (const channels of [1, 3] as const) {
    for (const count of [12, 1999, 2000]) {
      const { name, start } = packageFor({ count, channels });
      assert.is(pageNetworks[name]?.channels ?? 3, channels, name);
      assert.is(start === null, count === 2000);
      // The build copies the folder into that of the networks.
      if (start !== null) assert.ok(existsSync(join('scripts', start.file)), start.file);
    }
  }
});

test.run();
