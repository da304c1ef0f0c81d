// `dcgan export --trainable`: calls that are refused, with nothing written.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { makeTinyRun } from '../export/tiny-run.ts';
import { dcganInTurn } from '../shared/command-line.ts';
import { smallConfig } from '../shared/small-config.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan export --trainable, refused');
const root = temporaryFolder();

function configFile(values: Partial<TrainConfig>): string {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, JSON.stringify(values));
  return path;
}

test('contradictory and incomplete calls end with exit code 2, one line and no file', async () => {
  const run = (await makeTinyRun(root, smallConfig)).path;
  const out = join(root, 'out');
  const withConfig = (values: Partial<TrainConfig>): readonly string[] => [
    ...['export', '--trainable', '--config', configFile(values), '--out', out],
  ];
  const before = readdirSync(run);
  for (const [args, message] of [
    [['export'], /export: got no run; give a run folder, or --trainable with --preset or --config/],
    [['export', '--trainable', '--out', out], /got no run/],
    [['export', '--preset', 'default', '--out', out], /got no run/],
    [['export', '--trainable', '--preset', 'default'], /give --out/],
    [
      ['export', '--trainable', '--preset', 'defualt', '--out', out],
      /unknown preset 'defualt'; did you mean/,
    ],
    [
      ['export', '--trainable', '--preset', 'default', '--state', '--out', out],
      /--state: is for an export of a run/,
    ],
    [
      ['export', '--trainable', '--preset', 'default', '--masks', '--out', out],
      /--masks: is for an export of a run/,
    ],
    [
      ['export', '--trainable', '--preset', 'default', '--data', 'x', '--out', out],
      /--data: is for an export of a run/,
    ],
    [
      ['export', run, '--trainable', '--preset', 'default', '--out', out],
      /--preset default: .*without a run/,
    ],
    [['export', run, '--config', 'x', '--out', out], /--config x: .*without a run/],
    [['export', run, '--state', '--out', out], /--state: is for --trainable alone; give it too/],
    [withConfig({ network: 'stylegan' }), /--grow-from 8: .*train with --grow-from none/],
    [withConfig({ accumulate: 2, batch: 4 }), /--accumulate 2: .*--accumulate 1 and --batch 2/],
    [withConfig({ condition: 'label' }), /--condition label without a run needs the names of the classes/],
    [
      withConfig({ condition: 'attributes' }),
      /--condition attributes takes its columns from labelled images/,
    ],
    [withConfig({ batch: 1 }), /batch: got 1, expected/],
    [['export', '--trainable', '--config', join(root, 'no.json'), '--out', out], /there is no such file/],
  ] as const) {
    const { code, stdout, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, `${args.join(' ')}: ${stdout}${stderr}`);
    assert.match(stderr, message);
    assert.not.match(stderr, /\n {4}at /);
  }
  assert.equal(readdirSync(run), before);
  assert.not.ok(readdirSync(root).includes('out'));
});

test.run();
