// `npm run bench`: it names the benches, and a wrong name or flag ends it with one line and exit code 2.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('bench');
const bench = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['dist/scripts/bench/index.js', ...args], { encoding: 'utf8' });

test('--help lists every bench with a line each, and NAME --help its flags with their defaults', () => {
  const { status, stdout } = bench('--help');
  assert.is(status, 0);
  const names = [...stdout.matchAll(/^ {2}(\w+) +\S/gm)].map(([, name]) => name);
  assert.equal(names.slice(0, 2), ['step', 'gpu']);
  assert.is(names.length, 19);
  assert.match(bench('mixture', '--help').stdout, /^ {2}--steps +default 12000$/m);
});

test('an unknown name is answered with the nearest one', () => {
  const { status, stderr } = bench('mixtur');
  assert.is(status, 2);
  assert.match(stderr, /^error: no bench 'mixtur'; did you mean 'mixture'\? \(there are: step, gpu, /);
});

test('without a name the flags are those of step; a wrong value is refused with the expectation', () => {
  for (const [args, message] of [
    [['--pairs', '0'], 'error: --pairs: got 0, expected a whole number from 1\n'],
    [['gpu', '--batches', '64,1'], 'error: --batches: got 1, expected a whole number from 2\n'],
    [['web', '--seconds', 'x'], 'error: --seconds: got x, expected a number above 0\n'],
    [
      ['mixture', '--networks', 'minimax,wgan-pg'],
      /^error: --networks: got wgan-pg, expected minimax, .*wgan-gp/,
    ],
    [['conditional'], 'error: --data: expected the path of labelled images, e.g. Fashion-MNIST\n'],
    [['conditions'], 'error: --model: expected a model of attributes or numbers, or several of one size\n'],
    [
      ['features', '--data', 'x'],
      'error: --run: expected run folders, or --cells with a folder of bench -- recipes\n',
    ],
    [['family', '--nope'], /^error: Unknown option '--nope'/],
  ] as const) {
    const { status, stderr } = bench(...args);
    assert.is(status, 2, args.join(' '));
    if (typeof message === 'string') assert.is(stderr, message);
    else assert.match(stderr, message);
  }
});

test.run();
