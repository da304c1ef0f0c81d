// TensorFlow and CUDA write lines to stderr while they load, some before any setting of theirs applies. They are kept
// off the screen by putting a file in stderr's place: a closed descriptor's number is the next to be given out.
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `work` gave (or threw), and what the process wrote to stderr meanwhile, native libraries included. */
export function withStderrAside<T>(work: () => T): { readonly result: T; readonly written: string } {
  const file = join(tmpdir(), `dcgan-stderr-${process.pid}-${Date.now()}`);
  let screen: number;
  try {
    screen = openSync('/proc/self/fd/2', 'a');
  } catch {
    // A socket cannot be opened again; then the lines are seen.
    return { result: work(), written: '' };
  }
  closeSync(2);
  const aside = openSync(file, 'w');
  try {
    const result = work();
    return { result, written: aside === 2 ? readFileSync(file, 'utf8') : '' };
  } finally {
    closeSync(aside);
    const back = openSync(`/proc/self/fd/${screen}`, 'a');
    closeSync(screen);
    if (back !== 2) closeSync(back);
    rmSync(file, { force: true });
  }
}
