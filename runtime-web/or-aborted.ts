// Stops waiting for work that cannot be cancelled.

/** The result of `work`, or a rejection with the signal's reason as soon as it aborts; `undo` then cleans up after the work. */
export function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  undo?: () => void,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      undo?.();
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
