// `dcgan audit` of every kind of model, and of one that was trained to memorise a few images.
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { avatarAttributes } from '../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../runtime-web/format/avatars/draw-avatar.ts';
import { verdicts, type AuditFigures } from '../../trainer/audit/verdict.ts';
import {
  dcgan,
  dcganInTurn,
  jsonLines,
  labelledPictures,
  smallPictures,
  smallRun,
  stickers,
} from '../shared/command-line.ts';
import { picturesWithTable } from '../shared/pictures-with-table.ts';
import { writeTinyNetwork } from '../metrics/tiny-network.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan audit, every kind of model');
const network = writeTinyNetwork(temporaryFolder());
const labelled = await labelledPictures(36, ['round', 'rounder', 'roundest']);
const table = await picturesWithTable();
const transparent = await stickers(30);
const plain = await smallPictures(30);

const kinds: readonly (readonly [string, string, readonly string[]])[] = [
  ['classes', labelled, ['--condition', 'label']],
  ['classes by projection', labelled, ['--condition', 'label', '--label-discriminator', 'projection']],
  [
    'attributes',
    table.data,
    ['--labels', table.labels, '--condition', 'attributes', '--label-column', 'blue'],
  ],
  ['numbers', table.data, ['--labels', table.labels, '--condition', 'numbers', '--label-column', 'size']],
  ['codes', plain, ['--condition', 'info', '--codes', 'categorical:3,continuous:1']],
  ['StyleGAN', plain, ['--network', 'stylegan', '--mapping-layers', '2']],
  ['StyleGAN, growing', plain, ['--network', 'stylegan', '--grow-from', '8', '--grow-images', '16']],
  ['StyleGAN2 of classes', labelled, ['--network', 'stylegan2', '--condition', 'label']],
  [
    'StyleGAN of classes by projection',
    labelled,
    ['--network', 'stylegan', '--condition', 'label', '--label-discriminator', 'projection'],
  ],
  ['R3GAN', plain, ['--network', 'modern']],
  ['rectangular with alpha', transparent, ['--image-size', '16x24', '--channels', '4']],
  [
    'grey',
    plain,
    ['--channels', '1', '--latent-distribution', 'uniform', '--spectral-norm', 'discriminator'],
  ],
];

for (const [kind, data, flags] of kinds) {
  test(`a run of ${kind} has all four figures`, async () => {
    const trained = await dcgan(...smallRun(data, temporaryFolder(), 4), '--hold-out', '10', ...flags);
    assert.is(trained.code, 0, trained.stderr);
    const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
    const quick = ['--samples', '40', '--inversions', '2', '--network', network, '--json'];
    const { code, stdout, stderr } = await dcganInTurn('audit', run, ...quick);
    assert.is(code, 0, stderr);
    const { verdict, figures } = jsonLines(stdout)[0] as unknown as {
      readonly verdict: string;
      readonly figures: AuditFigures;
    };
    assert.ok(verdicts.some((known) => known === verdict));
    for (const [name, figure] of Object.entries(figures)) assert.ok(figure !== null, name);
  });
}

test('a discriminator of classes is not asked about held-out images without classes, and the report says so', async () => {
  const trained = await dcgan(...smallRun(labelled, temporaryFolder(), 4), '--condition', 'label');
  const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
  // The colours of these pictures differ from those of the labelled ones.
  const others = await stickers(12, true);
  const quick = ['--samples', '40', '--inversions', '0', '--network', network];
  const { code, stdout, stderr } = await dcganInTurn('audit', run, '--held-out', others, ...quick);
  assert.is(code, 0, stderr);
  assert.match(stdout, /the discriminator was not asked: .* has no classes/);
});

test('a model that was trained on 16 faces for 4,000 updates memorises them', async () => {
  const faces = temporaryFolder();
  for (let i = 0; i < 32; i++) {
    await sharp(drawAvatar(avatarAttributes(i, 0), 16), { raw: { width: 16, height: 16, channels: 3 } })
      .png()
      .toFile(join(faces, `${100 + i}.png`));
  }
  const settings =
    '--hold-out 16 --base-width 8 --batch 16 --objective relativistic --r1 0.03 --r2 0.03 --r1-every 4 --beta1 0 ' +
    '--learning-rate 0.002 --report-every 500 --sample-every 4000 --checkpoint-every 4000';
  const trained = await dcgan(...smallRun(faces, temporaryFolder(), 4000), ...settings.split(' '));
  assert.is(trained.code, 0, trained.stderr);
  const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
  const { code, stdout, stderr } = await dcgan('audit', run, '--inversions', '16', '--json');
  assert.is(code, 0, stderr);
  const { verdict, figures } = jsonLines(stdout)[0] as { verdict: string; figures: AuditFigures };
  assert.is(verdict, 'memorises', JSON.stringify(figures));
});

test.run();
