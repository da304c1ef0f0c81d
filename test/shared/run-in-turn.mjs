// Runs command lines of the built program, one after another, in this process. Each runs in a fresh copy of the bundle;
// the packages it imports, which take most of a start's time, are loaded once.
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const program = process.argv[2] ?? '';
let count = 0;

/**
 * Runs one command line and sends its exit code and output to the parent process.
 * @param {string[]} args
 */
async function run(args) {
  const written = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    process[name].write = (/** @type {string | Uint8Array} */ text) => {
      written[name] += String(text);
      return true;
    };
  }
  process.argv = [process.execPath, program, ...args];
  process.exitCode = 0;
  count += 1;
  await import(`${pathToFileURL(program)}?${count}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  const ending = { code: process.exitCode, signal: null, ...written };
  process.exitCode = 0;
  process.send?.(ending);
}

process.on('disconnect', () => process.exit());
process.on('message', (args) => void run(/** @type {string[]} */ (args)));
