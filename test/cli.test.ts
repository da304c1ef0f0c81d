// The command line as others script against it, spawned for real: help, refusals, JSON lines, exit codes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configKeys, flagOf } from '../trainer/config/fields.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from './shared/command-line.ts';
import { temporaryFolder } from './shared/temporary-folder.ts';

const test = suite('command line');
const pictures = await smallPictures();
const few = await smallPictures(5);
const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('--help lists every configuration key, the presets and examples, and ends well', async () => {
  const { code, stdout, stderr } = await dcgan('train', '--help');
  assert.is(code, 0);
  assert.is(stderr, '');
  for (const key of configKeys) assert.match(stdout, `  ${flagOf(key)} `);
  for (const word of [
    '--preset',
    '--config',
    '--out',
    '--resume',
    '--dry-run',
    '--json',
    'paper-64',
    'Examples:',
  ]) {
    assert.match(stdout, word);
  }
});

test('without a command it lists the commands', async () => {
  const { code, stdout } = await dcgan();
  assert.is(code, 0);
  for (const word of ['train', 'sample', 'export']) assert.match(stdout, `  ${word}`);
});

test('commands that share a process end as in processes of their own', async () => {
  for (const args of [['trian'], ['train', '--help'], ['train', '--data', join(folder, 'nowhere')]]) {
    assert.equal(await dcganInTurn(...args), await dcgan(...args));
  }
});

test('--version prints the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.equal(await dcgan('--version'), { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});

// Each ends with 2, prints one line on stderr, nothing on stdout, and leaves nothing behind.
const refused: readonly (readonly [string, readonly string[], string | RegExp])[] = [
  ['an unknown command', ['trian'], /unknown command 'trian' \(did you mean train\?\)/],
  ['an unknown flag', ['train', '--bach', '8'], /unknown option '--bach' \(did you mean --batch\?\)/],
  ['a flag without its value', ['train', '--batch'], /argument missing/],
  ['a bare word', ['train', 'photos'], /bare word 'photos'.*--data photos/],
  ['an unknown preset', ['train', '--preset', 'paper64'], /did you mean 'paper-64'\?/],
  [
    'a size that no network makes',
    ['train', '--image-size', '100'],
    /--image-size: got 100, expected a size such as 64 or 64x96 .*; the nearest is 96/,
  ],
  ['a word for a number', ['train', '--batch', 'many'], /--batch: got "many", expected a whole number/],
  ['two lengths', ['train', '--steps', '3', '--minutes', '1'], /--steps and --minutes contradict/],
  ['an unknown engine', ['train', '--engine', 'gpu'], /--engine: got "gpu", expected one of auto/],
  ['an engine that cannot start', ['train', '--engine', 'tensorflow-cuda'], /tensorflow-cuda: /],
  [
    'a configuration file that is not there',
    ['train', '--config', 'nowhere.json'],
    /nowhere\.json: there is no such file/,
  ],
  [
    'a configuration file that is not JSON',
    ['train', '--config', file('bad.json', '{')],
    /bad\.json: not JSON/,
  ],
  [
    'an unknown key in a configuration file',
    ['train', '--config', file('key.json', '{"imagesize": 32}')],
    /key\.json: unknown key 'imagesize'; did you mean 'imageSize'\?/,
  ],
  ['a preset that needs data', ['train', '--preset', 'fashion-mnist-32'], /no data; give --data/],
  [
    'data that are not there',
    ['train', '--data', join(folder, 'nowhere')],
    /nowhere: no such file or folder/,
  ],
  ['an empty folder', ['train', '--data', temporaryFolder()], /data .*no images|empty/],
  [
    'fewer images than a batch',
    smallRun(few, folder, 3).filter((flag) => flag !== '--json'),
    /5 images are fewer than one batch of 8/,
  ],
  ['an output folder that is a file', ['train', '--out', file('out', '')], /--out .*is a file/],
  ['resuming what is no run', ['train', '--resume', pictures], /not a run folder/],
  [
    'resuming into another folder',
    ['train', '--resume', pictures, '--out', folder],
    /--out and --resume contradict/,
  ],
];
for (const [what, args, message] of refused) {
  test(`${what} is refused with one line and exit code 2`, async () => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await dcganInTurn(...args);
    assert.match(stderr, message);
    assert.is(code, 2);
    assert.is(stdout, '');
    const lines = stderr.trim().split('\n');
    assert.match(lines[0] ?? '', /^error: /);
    // The reasons of engines are listed below the line; all else is one line.
    assert.ok(lines.length === 1 || what.includes('engine that cannot start'), stderr);
    assert.equal(readdirSync(folder), before);
  });
}

test('--json prints JSON lines only, and the last one has run, model, images and rate', async () => {
  const out = join(folder, 'json-runs');
  const { code, stdout, stderr } = await dcgan(...smallRun(pictures, out, 6));
  assert.is(code, 0, stderr);
  const lines = jsonLines(stdout);
  const last = lines.at(-1) ?? {};
  assert.is(last['event'], 'done');
  assert.match(basename(String(last['runDir'])), /^00001-[a-z0-9-]+-dcgan$/);
  assert.is(last['images'], 48);
  assert.ok(Number(last['imagesPerSecond']) > 0);
  assert.ok(readdirSync(String(last['model'])).includes('model.json'));
  assert.equal(
    lines.filter(({ event }) => event === 'report').map(({ step }) => step),
    [2, 4, 6],
  );
});

test('a run folder is complete, and its configuration repeats the run', async () => {
  const out = join(folder, 'repeated-runs');
  const first = await dcgan(...smallRun(pictures, out, 6));
  const runDir = String(jsonLines(first.stdout).at(-1)?.['runDir']);
  for (const name of ['config.json', 'stats.jsonl', 'samples', 'checkpoints', 'report.html']) {
    assert.ok(readdirSync(runDir).includes(name), `${name} is missing`);
  }
  assert.not(readdirSync(runDir).includes('lock'));
  assert.equal(readdirSync(join(runDir, 'samples')), ['step-000006.png']);
  const again = await dcgan('train', '--config', join(runDir, 'config.json'), '--out', out, '--json');
  const second = String(jsonLines(again.stdout).at(-1)?.['runDir']);
  assert.match(basename(second), /^00002-/);
  const losses = (dir: string): unknown =>
    jsonLines(readFileSync(join(dir, 'stats.jsonl'), 'utf8')).map(({ step, dLoss, gLoss }) => ({
      step,
      dLoss,
      gLoss,
    }));
  assert.equal(losses(second), losses(runDir));
});

test('a dry run prints configuration, data, networks, engine and time, and leaves nothing', async () => {
  const out = join(folder, 'no-runs');
  const classes = temporaryFolder();
  for (const name of ['cats', 'dogs']) {
    mkdirSync(join(classes, name));
    for (const picture of readdirSync(pictures).slice(0, name === 'cats' ? 12 : 20)) {
      writeFileSync(join(classes, name, picture), readFileSync(join(pictures, picture)));
    }
  }
  const flags = smallRun(classes, out, 1000).filter((flag) => flag !== '--json');
  const { code, stdout, stderr } = await dcgan(...flags, '--dry-run');
  assert.is(code, 0, stderr);
  for (const pattern of [
    /baseWidth +4\n/,
    /32 images, 16x16x3/,
    /cats \(12\), dogs \(20\)/,
    /generator\/image +16x16x3 +\d/,
    /engine +onnx-cpu: /,
    /time +about .* for 8,000 images at \d+ images\/s, measured over \d+ steps/,
  ]) {
    assert.match(stdout, pattern);
  }
  assert.not(readdirSync(folder).includes('no-runs'));
  const asJson = jsonLines((await dcgan(...flags, '--dry-run', '--json')).stdout);
  assert.equal(
    asJson.map(({ event }) => event),
    ['plan'],
  );
});

test.run();
