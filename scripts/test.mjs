// Runs every uvu suite in a process of its own, with a timeout, and counts what uvu printed: uvu alone
// ignores throws in hooks, non-Error throws and files that never call run(), and can exit 0 on all three.
// `npm test`, or `npm test -- PART…` for the suites whose path contains one of the parts.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';

const timeoutMs = Number(process.env.TEST_TIMEOUT_MS ?? 300_000);
/** Suites that run at once; each may use several processors, so more than a few do not help. */
const atOnce = Number(process.env.TEST_JOBS ?? 2);
const root = join('dist', 'test');
const parts = process.argv.slice(2);
const suites = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .sort();

/** Runs one suite; resolves to what it printed, how it ended and how long it took. */
function runSuite(file) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      env: { ...process.env, FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ output, code, signal, seconds: (Date.now() - started) / 1000 });
    });
  });
}

const figure = (output, label) =>
  Number(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? NaN);
let passed = 0;
let failed = 0;
let skipped = 0;

/** Runs one suite and says how it went. */
async function judge(file) {
  const name = relative(root, file).replace(/\.test\.js$/, '');
  const { output, code, signal, seconds } = await runSuite(file);
  const total = figure(output, 'Total');
  const ok = figure(output, 'Passed');
  const skip = figure(output, 'Skipped'); // uvu's total leaves these out
  const ran = Number.isFinite(total) && total > 0;
  passed += ran ? ok : 0;
  skipped += ran ? skip : 0;
  const complete = ran && ok === total && code === 0;
  const wrong = ran ? total - ok : 0;
  failed += complete ? 0 : Math.max(1, wrong);
  const reasons = [...output.matchAll(/^skipped: .*$/gm)].map((match) => `    ${match[0]}\n`).join('');
  if (complete) {
    process.stdout.write(`ok    ${name} (${ok} in ${seconds.toFixed(1)} s)\n${reasons}`);
  } else {
    const why =
      signal === 'SIGKILL' ? `killed after ${timeoutMs / 1000} s` : `exit ${code}, ${ok} of ${total} passed`;
    process.stdout.write(`FAIL  ${name} (${why})\n${output}\n`);
  }
}

// Many suites wait, for a browser or a process; another then has the processor.
const waiting = suites[Symbol.iterator]();
const worker = async () => {
  for (const file of waiting) await judge(file);
};
await Promise.all(Array.from({ length: atOnce }, worker));
if (suites.length === 0) {
  process.stdout.write(`no suite matches ${parts.join(', ')}\n`);
  failed += 1;
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
