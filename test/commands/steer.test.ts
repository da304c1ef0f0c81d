// `dcgan steer`, spawned for real: a small run on avatars, with classifiers that are trained for a moment.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan steer');
const trained = await dcgan(...smallRun('avatars', temporaryFolder(), 4));
assert.is(trained.code, 0, trained.stderr);
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
const quick = ['--classifier-steps', '30', '--steps', '5', '--seeds', '0-2'];

interface Trial {
  readonly attribute: string;
  readonly pictures: number;
  readonly held: { readonly success: number; readonly othersMoved: number };
  readonly free: { readonly success: number; readonly othersMoved: number };
}

test('it shows and measures one attribute, in the run, and its report shows them', async () => {
  const args = ['steer', run, '--attribute', 'glasses', '--trials', '6', ...quick];
  const { code, stdout, stderr } = await dcgan(...args, '--json');
  assert.is(code, 0, stderr);
  const lines = jsonLines(stdout);
  assert.is(lines.length, 1);
  const { out, measured } = lines[0] as unknown as { out: string; measured: readonly Trial[] };
  assert.is(out, join(run, 'analysis', 'steer'));
  assert.is(measured.length, 1);
  const { attribute, pictures, held, free } = measured[0]!;
  assert.is(attribute, 'glasses');
  assert.ok(pictures <= 6);
  for (const share of [held.success, held.othersMoved, free.success, free.othersMoved])
    assert.ok(share >= 0 && share <= 1, `${share}`);

  const finding = JSON.parse(readFileSync(join(out, 'finding.json'), 'utf8')) as {
    readonly step: number;
    readonly data: { readonly settings: Record<string, unknown> };
  };
  assert.is(finding.step, 4);
  assert.is(finding.data.settings['sign'], 1);
  assert.is(finding.data.settings['steps'], 5);
  // A heading and three rows of three images of 16 pixels.
  const { width, height } = await sharp(join(out, 'steered.png')).metadata();
  assert.ok(width >= 3 * 16 && height >= 3 * 16, `${width}x${height}`);
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), /Steering by a classifier/);
});

test('--take removes the attribute, into another folder', async () => {
  const out = join(temporaryFolder(), 'steered');
  const { code, stdout, stderr } = await dcgan(
    ...['steer', run, '--attribute', 'glasses', '--take', '--out', out, ...quick],
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /steered\.png and finding\.json/);
  assert.match(readFileSync(join(out, 'finding.json'), 'utf8'), /Each attribute was removed by 5/);
});

test('an unknown attribute, data without attributes and a folder that is no run are refused in a line', async () => {
  const out = join(temporaryFolder(), 'none');
  for (const [message, ...args] of [
    [/--attribute: got moustache, expected one of .*glasses/, run, '--attribute', 'moustache'],
    [/no attributes/, run, '--data', await smallPictures(8), '--attribute', 'glasses'],
    [/not a run folder/, temporaryFolder()],
  ] as const) {
    const { code, stderr } = await dcganInTurn('steer', ...args, '--out', out);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.split('\n').filter((line) => line.startsWith('error:')).length, 1, stderr);
  }
  assert.not(existsSync(out));
});

test.run();
