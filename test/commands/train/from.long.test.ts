// `train --from`, spawned: a run that starts from another, is repeated and resumed; whole runs.
import { createHash } from 'node:crypto';
import { cpSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixture } from '../../import-pytorch/fixture.ts';
import { dcganInTurn } from '../../shared/command-line.ts';
import { largestDifference } from '../../shared/closeness.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { few, newest, others, source, start, trained } from './start-runs.ts';

const test = suite('whole runs with --from');

async function bytesOf(run: string): Promise<object> {
  const { state } = await newest(run);
  return Object.fromEntries(
    Object.entries(state).map(([name, { data }]) => [
      name,
      createHash('sha256')
        .update(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
        .digest('hex'),
    ]),
  );
}

test('frozen layers keep their bits, and the first moments of the others go on', async () => {
  const run = await trained(...start('--freeze-d', '1', '--from-moments'));
  const [before, after] = [await newest(source), await newest(run)];
  const difference = (name: string): number =>
    largestDifference(after.state[name]!.data, before.state[name]!.data);
  for (const part of ['kernel', 'bias']) assert.is(difference(`discriminator/block1/${part}`), 0);
  assert.ok(difference('discriminator/block2/kernel') > 0);
  const first = 'moments/first/discriminator/block2/offset';
  assert.is.not(difference(first), 0);
  assert.is(difference('moments/first/discriminator/block1/bias'), 0);
});

test('a configuration repeats the run from the same file only', async () => {
  const run = await trained(...start());
  const config = join(run, 'config.json');
  const { path } = await newest(source);
  const again = ['train', '--config', config, '--out', temporaryFolder(), '--json'];
  assert.equal(await bytesOf(await trained(...again)), await bytesOf(run));
  const kept = `${path}.kept`;
  renameSync(path, kept);
  try {
    const absent = await dcganInTurn(...again);
    assert.is(absent.code, 2);
    assert.match(
      absent.stderr,
      /there is no such run or checkpoint; give --from with its present path, with --from-hash [0-9a-f]{64}/,
    );
    cpSync((await newest(run)).path, path);
    const other = await dcganInTurn(...again);
    assert.is(other.code, 2);
    assert.match(other.stderr, /its sha256 is [0-9a-f]{64}, and the configuration asks for [0-9a-f]{64}/);
    assert.is((await dcganInTurn(...again, '--from-hash', 'none')).code, 0);
    assert.equal(await bytesOf(await trained(...again, '--from', kept)), await bytesOf(run));
  } finally {
    rmSync(path, { force: true });
    renameSync(kept, path);
  }
});

test('resuming needs no source, and goes on bit for bit, in parts of a batch too', async () => {
  const moved = join(temporaryFolder(), 'moved');
  cpSync(source, moved, { recursive: true });
  const args = ['train', '--from', moved, '--data', others, ...few, '--accumulate', '2', '--freeze-d', '1'];
  const whole = await trained(...args, '--steps', '4', '--out', temporaryFolder());
  const stopped = await trained(...args, '--steps', '2', '--out', temporaryFolder());
  rmSync(moved, { recursive: true });
  await trained('train', '--resume', stopped, '--steps', '4', '--json');
  assert.equal(await bytesOf(stopped), await bytesOf(whole));
  assert.is((await newest(stopped)).metadata.origin?.format, 'checkpoint');
});

test('the model in a run names the run, and an imported run is a run', async () => {
  const run = await trained(...start('--from', join(source, 'model')));
  assert.is((await newest(run)).metadata.config.from, (await newest(source)).path);
  const imported = join(temporaryFolder(), 'imported');
  const made = await dcganInTurn(
    ...['import', fixture('netG.pth'), '--architecture', 'pytorch-dcgan', '--out', imported],
  );
  assert.is(made.code, 0, made.stderr);
  const fine = await trained(
    ...['train', '--from', imported, '--data', others, '--out', temporaryFolder(), ...few],
  );
  const { origin } = (await newest(fine)).metadata;
  assert.is(origin?.settings['importedFrom'], 'netG.pth');
  assert.match(basename(fine), /^00001-/);
});

test.run();
