// Runs command lines of the built program, one after another, in this process. Each runs in a fresh copy of the bundle;
// only the packages it imports, which take most of a start's time, are loaded once.
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , program] = process.argv;
let count = 0;

process.on('disconnect', () => process.exit());
process.on('message', async (args) => {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (text) => {
      written[name] += String(text);
      return true;
    };
  }
  process.argv = [process.execPath, program, ...args];
  process.exitCode = 0;
  count += 1;
  await import(`${pathToFileURL(program)}?${count}`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  process.stdout.removeAllListeners('error');
  const ending = { code: process.exitCode, signal: null, ...written };
  process.exitCode = 0;
  process.send(ending);
});
