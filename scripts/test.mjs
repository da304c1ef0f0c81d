// Runs every uvu suite in its own process, with a timeout, and counts the tests that uvu reports: uvu alone ignores throws in
// hooks, non-Error throws and files that never call run(), and can exit with 0 on all three.
// `npm test` runs all suites, `npm test -- PART…` those whose path contains one of the parts; `npm run test:all` (--all)
// includes the suites `*.long.test.ts`, and runs those of pages in Firefox and WebKit too. A suite must pass tests, or skip them and print why in a line `skipped: …`.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';

const timeoutMs = Number(process.env['TEST_TIMEOUT_MS'] ?? 300_000);
/** Factor of the timeout for long suites, and for other browsers than Chromium. */
const longFactor = 4;
/** Number of suites that run at once; each may use several processors, so more than a few do not help. */
const atOnce = Number(process.env['TEST_JOBS'] ?? 2);
const root = join('dist', 'test');
const isAll = process.argv.includes('--all');
const parts = process.argv.slice(2).filter((argument) => argument !== '--all');
/** Suites that --all runs in Firefox too; those of `webkit` also in WebKit. The rest are about Chromium's tools. */
const inWebkit = ['inside', 'restore', 'runtime', 'steer.long', 'viewer', 'viewer-and-sample']
  .map((name) => join('runtime-web', name))
  .concat(join('demo', 'demo'), join('runtime-web', 'train', 'train'))
  .concat(['element', 'element.long', 'points'].map((name) => join('runtime-web', 'plane', name)));
const elsewhere = {
  firefox: [
    ...inWebkit,
    join('runtime-web', 'poor-pages.long'),
    join('demo', 'family-rooms.long'),
    join('demo', 'inside-rooms'),
  ],
  webkit: inWebkit,
};
/** Paths of the slowest suites, which start first so that the workers end together. */
const slow = [
  'demo/',
  'runtime-web/restore',
  'runtime-web/steer',
  'commands/',
  'runtime-web/',
  'lint',
  'export/',
  'metrics/feature',
  'analysis/directions',
  'engine/',
];
/** @param {string} file */
const rank = (file) => {
  const at = slow.findIndex((part) => file.includes(part));
  return at < 0 ? slow.length : at;
};
/** @param {string} file */
const nameOf = (file) => relative(root, file).replace(/\.test\.js$/, '');
/** @param {string} file */
const isLong = (file) => file.endsWith('.long.test.js');
const suites = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .filter((file) => isAll || !isLong(file))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
const chosen = process.env['DCGAN_TEST_BROWSER'];
/** Each suite with the browser that it drives, if it drives one. */
const runs = suites.flatMap((file) => [
  { file, browser: chosen ?? 'chromium' },
  ...Object.entries(elsewhere)
    .filter(([, names]) => isAll && chosen === undefined && names.includes(nameOf(file)))
    .map(([browser]) => ({ file, browser })),
]);

/** @typedef {(typeof runs)[number]} Run */

/**
 * @typedef {object} Ended The end of a suite's process, and its output.
 * @property {string} output
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {number} seconds
 */

/**
 * Runs one suite.
 * @param {Run} run
 * @param {number} limitMs
 * @returns {Promise<Ended>}
 */
function runSuite({ file, browser }, limitMs) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      env: { ...process.env, FORCE_COLOR: '0', DCGAN_TEST_BROWSER: browser },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ output, code, signal, seconds: (Date.now() - started) / 1000 });
    });
  });
}

/**
 * A figure of uvu's summary; 0 without a summary.
 * @param {string} output
 * @param {string} label
 */
const figure = (output, label) => Number(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);

const counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs one suite, counts its tests and prints the outcome.
 * @param {Run} run
 */
async function runAndReport(run) {
  const { file, browser } = run;
  const name = nameOf(file) + (browser === 'chromium' ? '' : `, ${browser}`);
  const limitMs = isLong(file) || browser !== 'chromium' ? longFactor * timeoutMs : timeoutMs;
  let ended = await runSuite(run, limitMs);
  if (ended.signal === 'SIGKILL') {
    // A browser can hang; a suite that hangs twice has failed. Either is printed.
    process.stdout.write(
      `hung  ${name} (killed after ${limitMs / 1000} s, runs once more)\n${ended.output}\n`,
    );
    ended = await runSuite(run, limitMs);
  } else if (ended.code !== 0 && browser !== 'chromium') {
    // Firefox's and WebKit's drivers lose a page or a click now and then; a suite that fails twice has failed. Either is printed.
    process.stdout.write(`again ${name} (exit ${ended.code}, runs once more)\n${ended.output}\n`);
    ended = await runSuite(run, limitMs);
  }
  const { output, code, signal, seconds } = ended;
  const total = figure(output, 'Total'); // without the skipped ones
  const passed = figure(output, 'Passed');
  const skipped = figure(output, 'Skipped');
  const reasons = [...output.matchAll(/^skipped: .*$/gm)].map(([line]) => `    ${line}\n`);
  /** @type {string | null} */
  let wrong = null;
  if (signal === 'SIGKILL') wrong = `killed after ${limitMs / 1000} s`;
  else if (code !== 0 || passed !== total) wrong = `exit ${code}, ${passed} of ${total} passed`;
  else if (total + skipped === 0) wrong = 'no test ran and none was skipped';
  else if (skipped > 0 && reasons.length === 0) wrong = `${skipped} skipped without a line 'skipped: REASON'`;
  else if (skipped === 0 && reasons.length > 0)
    wrong = 'a reason to skip was printed, but nothing was skipped';
  counts.passed += passed;
  counts.skipped += skipped;
  if (wrong === null) {
    const skips = skipped === 0 ? '' : `, ${skipped} skipped`;
    process.stdout.write(`ok    ${name} (${passed}${skips} in ${seconds.toFixed(1)} s)\n${reasons.join('')}`);
  } else {
    counts.failed += Math.max(1, total - passed);
    process.stdout.write(`FAIL  ${name} (${wrong})\n${output}\n`);
  }
}

// Finds the browsers once, before the suites. If one is missing this installs it; suites that wait for that would reach their
// timeout. A suite skips its tests where there is none.
const driven = runs.filter(({ file }) => /\b(demo|runtime-web)\b/.test(file)).map(({ browser }) => browser);
for (const browser of new Set(driven)) {
  spawnSync(process.execPath, ['scripts/find-browser.mjs', browser], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

// Several suites run at once, because many mostly wait for a browser or a process.
const waiting = runs[Symbol.iterator]();
const worker = async () => {
  for (const run of waiting) await runAndReport(run);
};
await Promise.all(Array.from({ length: atOnce }, worker));
if (suites.length === 0) {
  process.stdout.write(`no suite matches ${parts.join(', ')}\n`);
  counts.failed += 1;
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
