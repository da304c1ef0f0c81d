// Silences stderr while TensorFlow and CUDA load, because some of their messages come before their settings apply. After descriptor
// 2 is closed, the next opened file, /dev/null, gets its number.
import { closeSync, openSync } from 'node:fs';

/** Runs `work` and returns its result; everything that the process writes to stderr meanwhile, native libraries included, is lost. */
export function withStderrSilenced<T>(work: () => T): T {
  let screen: number;
  try {
    screen = openSync('/proc/self/fd/2', 'a');
  } catch {
    // A socket cannot be reopened, so stderr stays.
    return work();
  }
  closeSync(2);
  const nowhere = openSync('/dev/null', 'w');
  try {
    return work();
  } finally {
    closeSync(nowhere);
    const back = openSync(`/proc/self/fd/${screen}`, 'a');
    closeSync(screen);
    if (back !== 2) closeSync(back);
  }
}
