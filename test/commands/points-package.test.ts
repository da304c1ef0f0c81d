// A package of points where a command expects a model or a run: what it is, and what opens it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planePackages } from '../runtime-web/plane/plane-packages.ts';
import { dcgan } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('commands on a package of points');
const folder = join(await planePackages(['minimax']), 'minimax');
const remedy = /; open this package with <dcgan-plane> or loadPoints\(\)/;

for (const [what, expected] of [
  ['sample', 'a model with a trained generator'],
  ['export', 'a run with its checkpoints'],
] as const) {
  test(`${what} says what it got, what it expected, and what to do`, async () => {
    const out = join(temporaryFolder(), 'out.png');
    const { code, stderr } = await dcgan(what, folder, '--out', out);
    assert.is(code, 2, stderr);
    assert.match(stderr, `got networks to train on points in the plane, expected ${expected}`);
    assert.match(stderr, remedy);
    assert.not.ok(existsSync(out));
  });
}

test('train --from says so too', async () => {
  const { code, stderr } = await dcgan(
    'train',
    '--from',
    join(folder, 'model.json'),
    '--out',
    temporaryFolder(),
  );
  assert.is(code, 2, stderr);
  assert.match(stderr, 'got networks to train on points in the plane, expected a run with its checkpoints');
  assert.match(stderr, remedy);
});

test.run();
