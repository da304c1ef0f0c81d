// TensorFlow and CUDA write lines to stderr while they load, some before any setting of theirs applies. They are kept
// off the screen by putting nothing in stderr's place: a closed descriptor's number is the next to be given out.
import { closeSync, openSync } from 'node:fs';

/** What `work` gives, while whatever this process writes to stderr, native libraries included, goes nowhere. */
export function withStderrAside<T>(work: () => T): T {
  let screen: number;
  try {
    screen = openSync('/proc/self/fd/2', 'a');
  } catch {
    // A socket cannot be opened again; then the lines are seen.
    return work();
  }
  closeSync(2);
  const aside = openSync('/dev/null', 'w');
  try {
    return work();
  } finally {
    closeSync(aside);
    const back = openSync(`/proc/self/fd/${screen}`, 'a');
    closeSync(screen);
    if (back !== 2) closeSync(back);
  }
}
