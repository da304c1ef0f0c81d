// ADA, spawned: its probability follows the discriminator, and a run that is stopped and resumed ends as the uninterrupted one.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('adaptive augmentation');
const pictures = await smallPictures(16);

/** Trains with these arguments; resolves to the run's folder. */
async function trained(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

const statsOf = (folder: string): readonly Record<string, unknown>[] =>
  jsonLines(readFileSync(join(folder, 'stats.jsonl'), 'utf8'));

async function endOf(folder: string): Promise<object> {
  const { state, metadata } = await loadCheckpoint((await listCheckpoints(join(folder, 'checkpoints')))[0]!);
  const { step, random, sampler, gathered, augmentation } = metadata;
  const bytes = Object.entries(state).map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  ]);
  return { step, random, sampler, sums: gathered.sums, augmentation, bytes };
}

/** A discriminator that learns the 16 images by heart: it alone learns fast, and nothing holds it back. */
const overfitting =
  '--augment ada --ada-images 3200 --discriminator-norm none --discriminator-learning-rate 2e-3 --learning-rate 1e-5';

test('the probability rises while the discriminator overfits, and falls with a target that it does not reach', async () => {
  const folder = await trained(...smallRun(pictures, temporaryFolder(), 120), ...overfitting.split(' '));
  const risen = statsOf(folder).at(-1)!;
  assert.ok((risen['dSign'] as number) > 0.6, JSON.stringify(risen));
  assert.ok((risen['augmentProbability'] as number) > 0.1, JSON.stringify(risen));
  await trained('train', '--resume', folder, '--steps', '160', '--ada-target', '1', '--json');
  const fallen = statsOf(folder).at(-1)!;
  assert.ok(fallen['augmentProbability']! < risen['augmentProbability']!, JSON.stringify(fallen));
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), '"augmentProbability":[0,');
});

test('a run of pairs with two updates of the discriminator, in parts, is resumed bit for bit', async () => {
  const flags = `${overfitting} --objective relativistic --critic-steps 2 --accumulate 2`.split(' ');
  const whole = await trained(...smallRun(pictures, temporaryFolder(), 24), ...flags);
  const pieces = await trained(...smallRun(pictures, temporaryFolder(), 24), ...flags);
  // Back to the checkpoint of step 16, as after a crash.
  for (const step of ['20', '24']) rmSync(join(pieces, 'checkpoints', `step-0000${step}.safetensors`));
  await trained('train', '--resume', pieces, '--json');
  assert.equal(await endOf(pieces), await endOf(whole));
  const { metadata } = await loadCheckpoint((await listCheckpoints(join(whole, 'checkpoints')))[0]!);
  assert.ok(metadata.augmentation!.probability > 0);
});

test('a resumed run may take ADA, with transparency too, and fix its probability', async () => {
  const folder = await trained(...smallRun(pictures, temporaryFolder(), 2), '--channels', '4');
  await trained('train', '--resume', folder, '--steps', '4', '--augment', 'ada', '--json');
  assert.is(statsOf(folder).at(-1)!['augmentProbability'], 0);
  await trained('train', '--resume', folder, '--steps', '6', '--augment-probability', '0.5', '--json');
  assert.is(statsOf(folder).at(-1)!['augmentProbability'], null);
  const refused = await dcganInTurn('train', '--resume', folder, '--steps', '8', '--augment', 'ada,color');
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /ada and color contradict each other/);
});

test.run();
