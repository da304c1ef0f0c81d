// The machine's load, which tells whether other work slowed a training down.
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** The load around a training: the machine's busy fraction just before, and its mean load over a minute (Node's `loadavg`). */
export interface Load {
  readonly busyBefore: number;
  readonly before: number;
  readonly most: number;
  readonly after: number;
}

/** Fraction of all processors' time that is not idle, over two seconds. */
export async function busyFraction(signal: AbortSignal): Promise<number> {
  const times = (): { readonly all: number; readonly idle: number } =>
    cpus().reduce(
      (sum, { times: { user, nice, sys, idle, irq } }) => ({
        all: sum.all + user + nice + sys + idle + irq,
        idle: sum.idle + idle,
      }),
      { all: 0, idle: 0 },
    );
  const before = times();
  await pause(2000, undefined, { signal });
  const after = times();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}
