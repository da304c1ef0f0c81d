// `train --from`, spawned: a run that starts from another, and what cannot be started from.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcganInTurn } from '../../shared/command-line.ts';
import { largestDifference } from '../../shared/closeness.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { newest, others, pictures, source, start, trained } from './start-runs.ts';

const test = suite('train --from');

/** The message of a run that is refused; nothing may be written. */
async function refusal(...args: readonly string[]): Promise<string> {
  const out = join(temporaryFolder(), 'none');
  const { code, stderr, stdout } = await dcganInTurn(
    'train',
    '--data',
    others,
    '--out',
    out,
    '--steps',
    '1',
    ...args,
  );
  assert.is(code, 2, stdout);
  assert.not.match(stderr, / {4}at /);
  return stderr;
}

test('a run starts with the weights and the networks of another, and records its file', async () => {
  const run = await trained(...start('--learning-rate', '1e-9'));
  const [before, after] = [await newest(source), await newest(run)];
  for (const name of ['generator/block1/kernel', 'discriminator/logit/kernel']) {
    assert.ok(largestDifference(after.state[name]!.data, before.state[name]!.data) < 1e-7, name);
  }
  const { config, origin } = after.metadata;
  assert.equal([config.imageSize, config.baseWidth, config.latent], [16, 4, 8]);
  const sha256 = createHash('sha256').update(readFileSync(before.path)).digest('hex');
  assert.equal([config.from, config.fromHash], [before.path, sha256]);
  assert.equal(
    [origin?.format, origin?.files[0]?.sha256, origin?.settings['steps']],
    ['checkpoint', sha256, 6],
  );
  const model = JSON.parse(readFileSync(join(run, 'model', 'model.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(model['origin'], origin);
  const report = readFileSync(join(run, 'report.html'), 'utf8');
  assert.match(report, /starting from the weights of 00001-/);
  // Flags alone would be read over the settings of the other run.
  assert.match(report, /train (-- )?--config [^"]*config\.json/);
});

test('the plan tells what fits, from a checkpoint too, and what parts of a batch mean', async () => {
  const { path } = await newest(source);
  const { code, stdout, stderr } = await dcganInTurn(
    ...[
      'train',
      '--from',
      path,
      '--data',
      others,
      '--image-size',
      '32',
      '--batch',
      '8',
      '--dry-run',
      '--accumulate',
      '2',
      '--freeze-d',
      '1',
    ],
  );
  assert.is(code, 0, stderr);
  const line = stdout.split('\n').find((one) => one.startsWith('from'));
  assert.match(
    line ?? '',
    /, step 6; taken: 4 layers \(\d+% of the parameters\); new: generator\/project, generator\/block1, discriminator\/block3, discriminator\/logit \(other shape\)$/,
  );
  assert.match(stdout, /^frozen {4}layers of the discriminator, from the image on: 1$/m);
  assert.match(
    stdout,
    /^batch {5}8 images in 2 parts of 4: batch norm takes its mean and variance over each part/m,
  );
});

test('what does not fit is refused with what was got and expected', async () => {
  const from = ['--from', source];
  assert.match(
    await refusal(...from, '--network', 'stylegan'),
    /its networks are those of dcgan, and this run asks for stylegan; leave --network out/,
  );
  assert.match(
    await refusal(...from, '--channels', '1'),
    /its images have 3 channels, and this run asks for 1; give --channels 3/,
  );
  assert.match(
    await refusal(...from, '--base-width', '6'),
    /no layer of its networks fits \(base width 4, kernel 4, here 6 and 4\)/,
  );
  assert.match(await refusal(...from, '--clip', '0.01'), /--clip .* contradict each other/);
  assert.match(await refusal(...from, '--batch', '10', '--accumulate', '4'), /give --batch 12/);
  assert.match(await refusal('--from-moments'), /--from-moments has no effect without --from/);
  assert.match(await refusal('--freeze-d', '1'), /--freeze-d 1 without --from would keep random weights/);
  assert.match(await refusal(...from, '--freeze-d', '3'), /the discriminator has 2 layers/);
});

test('what is no run is refused with what to do', async () => {
  assert.match(await refusal('--from', join(source, 'absent')), /there is no such run or checkpoint/);
  assert.match(await refusal('--from', pictures), /not a run folder \(no config\.json in it\)/);
  const model = join(temporaryFolder(), 'package');
  cpSync(join(source, 'model'), model, { recursive: true });
  for (const path of [model, join(model, 'model.json')]) {
    assert.match(await refusal('--from', path), /a model without the run that made it, .*; give the run/);
  }
  const foreign = join(temporaryFolder(), 'weights.pth');
  writeFileSync(foreign, 'no weights');
  assert.match(await refusal('--from', foreign), /import makes a run of the PyTorch weights of a DCGAN/);
  const damaged = join(temporaryFolder(), 'damaged.safetensors');
  const bytes = readFileSync((await newest(source)).path);
  bytes[bytes.length - 5]! ^= 255;
  writeFileSync(damaged, bytes);
  assert.match(await refusal('--from', damaged), /corrupt \(its content does not match its sha256\)/);
  assert.match(
    (await dcganInTurn('train', '--resume', source, '--from', source)).stderr,
    /the run was begun with --from null and cannot go on with /,
  );
});

test.run();
