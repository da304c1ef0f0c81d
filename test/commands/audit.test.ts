// `dcgan audit`, spawned: its files and figures, held-out images of every origin, and the inputs that it refuses.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discriminatorMissing } from '../../trainer/audit/discriminator-scores.ts';
import { figureNames, verdicts, verdictOf, type AuditFigures } from '../../trainer/audit/verdict.ts';
import type { SavedFinding } from '../../trainer/findings/findings.ts';
import type { TrainedRun } from '../../trainer/run/trained-run.ts';
import { dcgan, dcganInTurn, jsonLines, modelOf, smallPictures, smallRun } from '../shared/command-line.ts';
import { writeTinyNetwork } from '../metrics/tiny-network.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan audit');
const pictures = await smallPictures(40);
const network = writeTinyNetwork(temporaryFolder());
const quick = ['--samples', '40', '--network', network];

async function trained(...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...smallRun(pictures, temporaryFolder(), 4), ...flags);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}
const run = await trained('--hold-out', '12');
const without = await trained();

interface Done {
  readonly verdict: string;
  readonly figures: AuditFigures;
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly logits: { readonly training: readonly number[]; readonly heldOut: readonly number[] };
  readonly errors: { readonly training: readonly number[]; readonly heldOut: readonly number[] } | null;
}

async function audited(...args: readonly string[]): Promise<Done & { readonly stderr: string }> {
  const { code, stdout, stderr } = await dcganInTurn('audit', ...args, ...quick, '--json');
  assert.is(code, 0, stderr);
  assert.is(jsonLines(stdout).length, 1);
  return { ...(jsonLines(stdout)[0] as unknown as Done), stderr };
}

async function refused(args: readonly string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await dcganInTurn('audit', ...args, ...quick);
  assert.is(code, 2, stderr + stdout);
  assert.match(stderr, message);
  assert.is(stderr.trim().split('\n').length, 1, stderr);
}

test('figures, verdict, pictures and the report come from images that were set aside', async () => {
  const done = await audited(run, '--inversions', '2', '--write');
  assert.ok(verdicts.some((verdict) => verdict === done.verdict));
  assert.is(verdictOf(done.figures), done.verdict);
  for (const key of Object.keys(figureNames) as (keyof AuditFigures)[]) {
    const { value, low, high } = done.figures[key]!;
    assert.ok(0 <= low && low <= value && value <= high && high <= 1, key);
  }
  const { heldOutKind, imagesOfEachSide, draws, samples, inversionsOfEachSide } = done.protocol;
  // 28 training images are two draws of 12.
  assert.equal(
    [heldOutKind, imagesOfEachSide, draws, samples, inversionsOfEachSide],
    ['set aside', 12, 2, 40, 2],
  );
  assert.equal([done.logits.training.length, done.logits.heldOut.length], [24, 12]);
  assert.equal([done.errors!.training.length, done.errors!.heldOut.length], [2, 2]);
  const folder = join(run, 'analysis', 'audit');
  const saved = JSON.parse(readFileSync(join(folder, 'finding.json'), 'utf8')) as SavedFinding;
  assert.is(saved.data['verdict'], done.verdict);
  assert.equal(
    saved.pictures.map(({ file }) => file),
    ['nearest-features.png', 'nearest-pixels.png', 'distributions.svg', 'inversions.png'],
  );
  for (const { file } of saved.pictures) assert.ok(existsSync(join(folder, file)), file);
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), /Does it memorise its training images\?/);
  const stored = modelOf(run).metrics.filter(({ name }) => name.startsWith('audit/'));
  assert.is(stored.length, 4);
  assert.is(stored[0]!.value, done.figures.nearerInFeatures!.value);
  assert.is(stored[0]!.protocol['verdict'], done.verdict);
});

test('the text says verdict and limits, and the same seed gives the same figures', async () => {
  const args = ['audit', run, ...quick, '--inversions', '0', '--out', temporaryFolder()];
  const { code, stdout, stderr } = await dcganInTurn(...args);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^verdict {3}(memorises|leans on its training images|no sign found)$/m);
  assert.match(stdout, /membership by reconstruction error, AUC +not measured/);
  assert.match(stdout, /no sign is no proof of privacy/);
  assert.is((await dcganInTurn(...args)).stdout, stdout);
});

test('without held-out images the remedies are named, and --held-out fits images as the training images were', async () => {
  await refused([without], /no held-out images.*--held-out PATH, or train with --hold-out 5%/);
  const others = temporaryFolder();
  for (let i = 0; i < 11; i++) {
    const background = { r: 20 * i, g: 90, b: 255 - 20 * i };
    await sharp({ create: { width: 30, height: 20, channels: 3, background } })
      .png()
      .toFile(join(others, `${i}.png`));
  }
  const done = await audited(without, '--held-out', others, '--inversions', '0');
  assert.is(done.protocol['heldOutKind'], 'given');
  assert.match(done.stderr, /typically of 30x20 pixels; they are brought to 16x16 \(crop\)/);
});

test('held-out images that are training images or too few, and --write for another step than the model, are refused', async () => {
  await refused(
    [without, '--held-out', pictures],
    /got 0; 40 others .* are training images, expected at least 10/,
  );
  const nine = await trained('--hold-out', '9', '--steps', '8');
  await refused([nine], /got 9, expected at least 10.*larger --hold-out/);
  await refused(
    [nine, '--checkpoint', 'step-000004', '--write'],
    /has a model of step 8, and this audit is of step 4/,
  );
  await refused([without, '--held-out', join(pictures, 'missing')], /missing/);
});

test('a run without a discriminator of its own has a reason', () => {
  const withState = (state: object, metadata: object): TrainedRun =>
    ({ checkpoint: { state, metadata } }) as unknown as TrainedRun;
  assert.match(discriminatorMissing(withState({ 'generator/x': 1 }, {}))!, /no discriminator/);
  const state = { 'discriminator/x': 1 };
  assert.match(
    discriminatorMissing(withState(state, { origin: { files: ['g'] }, images: 0 }))!,
    /imported without its discriminator/,
  );
  assert.is(discriminatorMissing(withState(state, { origin: { files: ['g', 'd'] }, images: 0 })), null);
  assert.is(discriminatorMissing(withState(state, { images: 400 })), null);
});

test.run();
