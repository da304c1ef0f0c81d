// Self-attention and spectral norm from training to what a model is used for, spawned: stickers of 16x24 with transparency, resuming to the
// bit, every file of the package against the checkpoint, filters, and a run that starts from another.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcgan, jsonLines, modelOf, smallRun, stickers } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('attention and spectral norm, spawned');
const data = await stickers();
const flags = [
  ...['--image-size', '16x24', '--channels', '4', '--attention', '8', '--spectral-norm', 'both'],
  ...['--objective', 'hinge', '--learning-rate', '1e-4', '--discriminator-learning-rate', '4e-4'],
];

/** Trains with these arguments; resolves to the run's folder. */
async function trained(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

async function stateOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const { state } = await loadCheckpoint((await listCheckpoints(join(folder, 'checkpoints')))[0]!);
  return Object.fromEntries(
    Object.entries(state).map(([name, { data: bytes }]) => [
      name,
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
    ]),
  );
}

const whole = await trained(...smallRun(data, temporaryFolder(), 8), ...flags);

for (const [name, more] of Object.entries({
  'of one pass': [],
  'in parts, with two updates of D and lazy penalties': [
    ...['--accumulate', '2', '--critic-steps', '2', '--r1', '1', '--r2', '1', '--r1-every', '2'],
    ...['--augment', 'color,translation'],
  ],
})) {
  test(`a run ${name} that is resumed ends, bit for bit, as the uninterrupted one`, async () => {
    const reference =
      more.length === 0 ? whole : await trained(...smallRun(data, temporaryFolder(), 8), ...flags, ...more);
    const folder = await trained(...smallRun(data, temporaryFolder(), 8), ...flags, ...more);
    // Back to the checkpoint of step 4, as after a crash.
    rmSync(join(folder, 'checkpoints', 'step-000008.safetensors'));
    await trained('train', '--resume', folder, '--json');
    const state = await stateOf(folder);
    assert.ok('spectral/discriminator/attention/query/kernel' in state);
    assert.equal(state, await stateOf(reference));
  });
}

test('every file of the package agrees with the checkpoint in two runtimes, and the method is named', async () => {
  const out = join(temporaryFolder(), 'all');
  const exported = await dcgan('export', whole, '--discriminator', '--masks', '--restoring', '--out', out);
  assert.is(exported.code, 0, exported.stderr);
  const model = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')) as ReturnType<typeof modelOf>;
  const roles = new Set<string>(model.parity.figures.map(({ role }) => role));
  for (const role of ['generator', 'discriminator', 'masked', 'restoring']) assert.ok(roles.has(role), role);
  assert.match(modelOf(whole).name, 'dcgan-attention-sn-hinge');
});

test('filters are shown with the part of the image that they see, and samples are drawn', async () => {
  const shown = await dcgan('visualise', whole, '--images', '20', '--filters', '2', '--json');
  assert.is(shown.code, 0, shown.stderr);
  // Block 2 is behind the attention, so its units see the whole image, 16 pixels wide; block 1 sees a kernel.
  const { discriminator } = jsonLines(shown.stdout).at(-1) as { discriminator: { sees: number } };
  assert.is(discriminator.sees, 16);
  const before = await dcgan(
    'visualise',
    whole,
    '--images',
    '20',
    '--layer',
    'discriminator/block1',
    '--json',
  );
  const { discriminator: first } = jsonLines(before.stdout).at(-1) as { discriminator: { sees: number } };
  assert.is(first.sees, 4);
  const drawn = await dcgan('sample', whole, '--seeds', '3', '--out', join(temporaryFolder(), 'one.png'));
  assert.is(drawn.code, 0, drawn.stderr);
});

test('another run starts from it, with frozen layers, and says how many there are', async () => {
  const args = [...smallRun(data, temporaryFolder(), 4), '--from', whole, '--freeze-d', '2'];
  const folder = await trained(...args);
  assert.ok(existsSync(join(folder, 'model', 'model.json')));
  const [before, after] = [await stateOf(whole), await stateOf(folder)];
  for (const name of ['block1/kernel', 'attention/query/kernel', 'attention/output/scale']) {
    assert.is(after[`discriminator/${name}`], before[`discriminator/${name}`], name);
  }
  assert.is.not(after['discriminator/block2/kernel'], before['discriminator/block2/kernel']);
  const refused = await dcgan(...args.slice(0, -1), '4');
  assert.is(refused.code, 2);
  assert.match(refused.stderr, '--freeze-d 4: the discriminator has 3 layers');
});

test('labels are projected, and classes are drawn', async () => {
  const folder = await trained(
    ...smallRun('avatars', temporaryFolder(), 4),
    ...['--condition', 'attributes', '--label-column', 'glasses,hat', '--label-discriminator', 'projection'],
    ...['--attention', '8', '--spectral-norm', 'discriminator', '--objective', 'hinge'],
  );
  assert.ok('spectral/discriminator/projection/kernel' in (await stateOf(folder)));
});

test.run();
