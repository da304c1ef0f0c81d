// Runs every uvu suite in a process of its own, with a timeout, and counts what uvu printed: uvu alone
// ignores throws in hooks, non-Error throws and files that never call run(), and can exit 0 on all three.
// `npm test`, or `npm test -- PART…` for the suites whose path contains one of the parts; `npm run test:all` (--all) runs
// the suites `*.long.test.ts` as well. A suite must pass tests, or skip them and print why in a line `skipped: …`.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';

const timeoutMs = Number(process.env['TEST_TIMEOUT_MS'] ?? 300_000);
/** A long suite may take this many times as long. */
const longFactor = 4;
/** Suites that run at once; each may use several processors, so more than a few do not help. */
const atOnce = Number(process.env['TEST_JOBS'] ?? 2);
const root = join('dist', 'test');
const isAll = process.argv.includes('--all');
const parts = process.argv.slice(2).filter((argument) => argument !== '--all');
/** Paths of the suites that take longest, which start first so that the workers end together. */
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
const isLong = (file) => file.endsWith('.long.test.js');
const suites = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .filter((file) => isAll || !isLong(file))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));

/**
 * @typedef {object} Ended How a suite's process ended, and what it printed.
 * @property {string} output
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {number} seconds
 */

/**
 * Runs one suite.
 * @param {string} file
 * @param {number} limitMs
 * @returns {Promise<Ended>}
 */
function runSuite(file, limitMs) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      env: { ...process.env, FORCE_COLOR: '0' },
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
 * A figure of uvu's summary; 0 where there is no summary.
 * @param {string} output
 * @param {string} label
 */
const figure = (output, label) => Number(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);

const counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs one suite, counts its tests and prints the outcome.
 * @param {string} file
 */
async function judge(file) {
  const name = relative(root, file).replace(/\.test\.js$/, '');
  const limitMs = isLong(file) ? longFactor * timeoutMs : timeoutMs;
  const { output, code, signal, seconds } = await runSuite(file, limitMs);
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
    const not = skipped === 0 ? '' : `, ${skipped} skipped`;
    process.stdout.write(`ok    ${name} (${passed}${not} in ${seconds.toFixed(1)} s)\n${reasons.join('')}`);
  } else {
    counts.failed += Math.max(1, total - passed);
    process.stdout.write(`FAIL  ${name} (${wrong})\n${output}\n`);
  }
}

// Once, before the suites: where there is no browser this installs one, and two suites that installed it at once would
// block each other.
if (suites.some((file) => /\b(demo|runtime-web)\b/.test(file))) {
  const { stdout } = spawnSync(process.execPath, ['scripts/find-browser.mjs'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (stdout.trim() !== '') process.env['DCGAN_BROWSER'] = stdout.trim();
}

// Many suites wait, for a browser or a process; another then has the processor.
const waiting = suites[Symbol.iterator]();
const worker = async () => {
  for (const file of waiting) await judge(file);
};
await Promise.all(Array.from({ length: atOnce }, worker));
if (suites.length === 0) {
  process.stdout.write(`no suite matches ${parts.join(', ')}\n`);
  counts.failed += 1;
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
