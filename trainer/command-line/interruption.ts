// Signals and a reader that goes away: the first one aborts the command, which saves and ends; a second signal ends the process at once.
import process from 'node:process';

/** Signals that ask a command to save and end: Ctrl-C, `kill`, and a terminal or connection that closes. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C under `npm run` may arrive twice, from the terminal and from npm: the echo within this time counts as the same. */
const echoMs = 250;

/** Aborts `interrupt` at the first signal. A later one ends the process by that signal, whatever its threads are doing. */
export function abortOnSignals(interrupt: AbortController): void {
  let firstAt: number | null = null;
  // `process.exit` would wait for busy threads; without a listener, the signal itself ends the process.
  const unhook = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAt === null) {
      firstAt = performance.now();
      setTimeout(unhook, echoMs).unref();
      interrupt.abort();
    } else if (performance.now() - firstAt > echoMs) {
      unhook();
      process.kill(process.pid, signal);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
}

/**
 * Aborts `interrupt` when nobody reads stdout any more (`dcgan … | head`, or a closed terminal), so that a run is saved; what is
 * printed afterwards is lost without an error, on stderr too.
 */
export function abortWithoutReader(interrupt: AbortController): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      if (stream === process.stdout) interrupt.abort();
    });
  }
}
