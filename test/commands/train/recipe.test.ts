// `train --data FOLDER` without a preset, spawned: the recipe in the plan, the run and its report, and what is refused.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { dcganInTurn, jsonLines, smallPictures } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('recipe');
const pictures = await smallPictures(40);
const tiny = [
  ...['--base-width', '2', '--latent', '8', '--sample-count', '4', '--engine', 'onnx-cpu', '--threads', '2'],
  ...['--evaluate-every', 'none', '--json'],
];

interface Plan {
  readonly config: TrainConfig;
  readonly recipe: { readonly title: string; readonly reasons: readonly string[] } | null;
}

async function train(...flags: readonly string[]) {
  const ended = await dcganInTurn('train', ...flags);
  assert.is(ended.code, 0, ended.stderr);
  return ended;
}

async function planOf(...flags: readonly string[]): Promise<Plan> {
  const { stdout } = await train('--data', pictures, ...flags, ...tiny, '--dry-run');
  return jsonLines(stdout).find(({ event }) => event === 'plan') as unknown as Plan;
}

test('a dry run counts the images and shows the recipe with its reasons', async () => {
  const out = temporaryFolder();
  const flags = ['--data', pictures, '--image-size', '64', '--minutes', '15', '--out', out];
  const { stdout, stderr } = await train(
    ...[...flags, ...tiny.filter((flag) => flag !== '--json'), '--dry-run'],
  );
  assert.match(stdout, /^recipe {4}modern, for 40 images, 64x64 and 15 minutes$/m);
  assert.match(stdout, /^ {10}--objective relativistic --r1 0\.5 --r2 0\.5 .*: R3GAN's loss/m);
  assert.match(stdout, /^ {10}--batch 20: half of the 40 images$/m);
  assert.match(stdout, /^ {2}objective +relativistic$/m);
  assert.not.match(stdout, '--base-width');
  assert.not.match(stderr, /recognisable|contradict/);
  assert.equal(readdirSync(out), []);
});

test('a preset means no recipe, unless both are given, and a configuration file repeats itself', async () => {
  const small = ['--batch', '8', '--steps', '4', '--image-size', '16'];
  const preset = await planOf('--preset', 'dcgan-64', ...small);
  assert.equal([preset.recipe, preset.config.augment], [null, null]);
  const both = await planOf('--preset', 'dcgan-64', '--recipe', 'modern', ...small);
  assert.equal([both.config.augment, both.config.averageHalfLife], ['color,translation,cutout', 10_000]);
  const paper = await planOf('--recipe', 'paper', ...small);
  const { kernel, latentDistribution, learningRate } = paper.config;
  assert.equal([kernel, latentDistribution, learningRate], [5, 'uniform', 2e-4]);
});

test('a run keeps its recipe: in its sessions and report, with the shortest command that repeats it', async () => {
  const out = temporaryFolder();
  const flags = ['--data', pictures, '--image-size', '64', '--steps', '2', '--batch', '4'];
  const { stdout, stderr } = await train(...flags, ...tiny, '--out', out);
  assert.match(
    stderr,
    /the run shows 8 images of 64x64, and recognisable ones take some 30,000: give --images 30000/,
  );
  const runDir = String(jsonLines(stdout).at(-1)!['runDir']);
  assert.match(runDir, /-dcgan-relativistic$/);
  const [session] = jsonLines(readFileSync(join(runDir, 'sessions.jsonl'), 'utf8')) as unknown as [
    { readonly recipe: readonly string[]; readonly commands: { readonly repeat: string } },
  ];
  assert.is(session.recipe[0], 'modern, for 40 images, 64x64');
  assert.match(session.commands.repeat, /--steps 2/);
  assert.not.match(session.commands.repeat, /--preset|--objective|--r1|--augment/);
  assert.match(readFileSync(join(runDir, 'report.html'), 'utf8'), 'modern, for 40 images, 64x64');

  const again = await dcganInTurn('train', '--config', join(runDir, 'config.json'), '--dry-run', '--json');
  const plan = jsonLines(again.stdout).find(({ event }) => event === 'plan') as unknown as Plan;
  assert.equal(plan.recipe, null);
  assert.equal(plan.config, JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8')));

  for (const [start, message] of [
    ['--resume', /--recipe and --resume contradict each other.*leave --recipe out/],
    ['--from', /--recipe modern and --from contradict each other.*leave one of them out/],
  ] as const) {
    const refused = await dcganInTurn('train', start, runDir, '--recipe', 'modern', '--dry-run');
    assert.is(refused.code, 2);
    assert.match(refused.stderr, message);
  }
  const resumed = await train('--resume', runDir, '--steps', '3', '--json');
  assert.not.match(resumed.stderr, 'recognisable');
});

test('too few images are refused with what to do, and the remedy works', async () => {
  const few = await smallPictures(11);
  const { code, stdout, stderr } = await dcganInTurn('train', '--data', few, '--dry-run');
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /11 images are too few to learn from, expected at least 12; add images/);
  const remedy = /give (--preset default --batch 11) to train/.exec(stderr)![1]!.split(' ');
  await train('--data', few, ...remedy, '--image-size', '16', ...tiny, '--dry-run');
});

test('contradictory recipes are refused', async () => {
  for (const [flags, message] of [
    [
      ['--recipe', 'paper', '--network', 'stylegan'],
      /--recipe paper and --network stylegan.*take --recipe modern/,
    ],
    [['--recipe', 'moden'], /--recipe: got "moden", expected modern or paper|--recipe.*modern/],
    [
      ['--objective', 'hinge', '--label-smoothing', '0.1'],
      /--label-smoothing and --objective hinge contradict/,
    ],
  ] as const) {
    const { code, stderr } = await dcganInTurn('train', '--data', pictures, ...flags, '--dry-run');
    assert.is(code, 2);
    assert.match(stderr, message);
  }
});

test('a growing run whose minutes end before its last size says so before it starts', async () => {
  const flags = ['--network', 'stylegan', '--image-size', '64', '--minutes', '0.01', '--batch', '4'];
  const { stderr } = await train('--data', pictures, ...flags, ...tiny, '--out', temporaryFolder());
  assert.match(
    stderr,
    /the run ends while .* 64x64 after 120\d* images; make it longer.*\(0.01 minutes show about /,
  );
});

test.run();
