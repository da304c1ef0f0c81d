// scripts/test.mjs: its counts, and that a suite that did nothing is a failure. The suites here imitate uvu's output.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('scripts/test.mjs');

/** A suite that prints uvu's summary. */
const summary = (total: number, passed: number, skipped: number): string =>
  `console.log('\\n  Total:     ${total}\\n  Passed:    ${passed}\\n  Skipped:   ${skipped}\\n');`;

/** Runs the runner on suites given by path and code. */
function run(suites: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const cwd = temporaryFolder();
  for (const [name, code] of Object.entries(suites)) {
    mkdirSync(join(cwd, 'dist', 'test', dirname(name)), { recursive: true });
    writeFileSync(join(cwd, 'dist', 'test', name), code);
  }
  const env = { ...process.env, DCGAN_TEST_BROWSER: undefined, TEST_JOBS: '1', TEST_TIMEOUT_MS: '3000' };
  const { status, stdout } = spawnSync(process.execPath, [resolve('scripts/test.mjs'), ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, last: stdout.trim().split('\n').at(-1) };
}

const passing = { 'good.test.js': summary(2, 2, 0) };

test('passed tests, and skipped ones with a printed reason, are counted apart', () => {
  const skipping = `console.log('skipped: no browser');${summary(1, 1, 3)}`;
  const { status, stdout, last } = run({ ...passing, 'browser.test.js': skipping });
  assert.is(status, 0, stdout);
  assert.is(last, '3 passed, 0 failed, 3 skipped');
  assert.match(stdout, /^ok {4}browser \(1, 3 skipped in .*\)\n {4}skipped: no browser$/m);
});

for (const [what, code, reason] of [
  ['neither ran nor skipped a test', summary(0, 0, 0), 'no test ran and none was skipped'],
  ['never called run()', '', 'no test ran and none was skipped'],
  ['skipped without a reason', summary(1, 1, 1), "1 skipped without a line 'skipped: REASON'"],
  [
    'printed a reason and skipped nothing',
    `console.log('skipped: no browser');${summary(1, 1, 0)}`,
    'a reason to skip was printed, but nothing was skipped',
  ],
  ['failed a test', `${summary(2, 1, 0)} process.exitCode = 1;`, 'exit 1, 1 of 2 passed'],
  ['lost a test to a throw in a hook', summary(2, 1, 0), 'exit 0, 1 of 2 passed'],
  ['ended with another code', `${summary(1, 1, 0)} process.exitCode = 3;`, 'exit 3, 1 of 1 passed'],
  ['hangs', 'setInterval(() => undefined, 1000);', 'killed after 3 s'],
] as const) {
  test(`a suite that ${what} is a failure`, () => {
    const { status, stdout, last } = run({ ...passing, 'bad.test.js': code });
    assert.is(status, 1);
    assert.ok(stdout.includes(`FAIL  bad (${reason})`), stdout);
    assert.match(last!, /^\d+ passed, 1 failed, \d+ skipped$/);
  });
}

test('long suites run with --all only; parts choose among the suites; no match is a failure', () => {
  const suites = { ...passing, 'slow.long.test.js': summary(1, 1, 0) };
  assert.is(run(suites).last, '2 passed, 0 failed, 0 skipped');
  assert.is(run(suites, '--all').last, '3 passed, 0 failed, 0 skipped');
  assert.is(run(suites, '--all', 'slow').last, '1 passed, 0 failed, 0 skipped');
  const none = run(suites, 'nothing');
  assert.is(none.status, 1);
  assert.match(none.stdout, 'no suite matches nothing');
});

test('--all runs the suites of pages in three browsers', () => {
  const suites = {
    ...passing,
    'runtime-web/viewer.test.js': `console.log('skipped: in ' + process.env.DCGAN_TEST_BROWSER);${summary(1, 1, 1)}`,
  };
  const browsers = (stdout: string): string[] =>
    [...stdout.matchAll(/skipped: in (\w+)$/gm)].map(([, name]) => name!);
  assert.equal(browsers(run(suites).stdout), ['chromium']);
  const { stdout, last } = run(suites, '--all');
  assert.equal(browsers(stdout), ['chromium', 'firefox', 'webkit']);
  assert.match(stdout, /^ok {4}runtime-web\/viewer, webkit \(1, 1 skipped/m);
  assert.is(last, '5 passed, 0 failed, 3 skipped');
});

test.run();
