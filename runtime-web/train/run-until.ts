// A run of many steps, which ends with its first limit, or when it is paused.
import { waitWhileHidden } from './hidden.ts';
import type { TrainLink } from './living-worker.ts';
import type { RunEvent, TrainingReport } from './protocol.ts';
import type { RunOptions } from './trainer.ts';

/** Work that changes the state. */
export interface Running {
  isPaused: boolean;
  ended: Promise<unknown>;
}

/** The training that runs. */
export interface Runner {
  /** The newest report. */
  report(): TrainingReport;
  noteReport(report: TrainingReport): void;
  /** Real images shown in a step; settings may change it. */
  shown(): number;
  /** Takes a copy of the state. */
  take(event: RunEvent & { readonly kind: 'state' }): void;
  /** Ends the run in the worker after its present step. */
  end(): Promise<void>;
  on<T>(work: (link: TrainLink) => Promise<T>): Promise<T>;
}

/** Throws RangeError for a limit that is no whole number of at least 1. */
export function checkLimits({ steps, images }: RunOptions): void {
  for (const [name, limit] of Object.entries({ steps, images }))
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
      throw new RangeError(`${name}: got ${limit}, expected a whole number of at least 1`);
}

/** Trains until a limit of the options. Throws the signal's reason, and what the worker throws. */
export async function runUntil(
  running: Running,
  { steps, images, until = () => false, onReport = () => undefined, hidden, signal }: RunOptions,
  runner: Runner,
): Promise<TrainingReport> {
  signal?.throwIfAborted();
  const begin = runner.report();
  const stop = (): void => {
    running.isPaused = true;
    void runner.end();
  };
  signal?.addEventListener('abort', stop);
  const waiting = hidden === 'wait' ? waitWhileHidden() : null;
  const left = (): number | null => {
    const { step, images: seen } = runner.report();
    const limits = [
      ...(steps === undefined ? [] : [begin.step + steps - step]),
      ...(images === undefined ? [] : [Math.ceil((begin.images + images - seen) / runner.shown())]),
    ];
    return limits.length === 0 ? null : Math.max(0, Math.min(...limits));
  };
  const isOver = (report: TrainingReport): boolean =>
    running.isPaused || (images !== undefined && report.images - begin.images >= images) || until(report);
  const onEvent = (event: RunEvent): void => {
    runner.noteReport(event.report);
    if (event.kind === 'state') return runner.take(event);
    onReport(event.report);
    if (isOver(event.report)) stop();
  };
  try {
    for (;;) {
      await waiting?.shown();
      if (running.isPaused || left() === 0) break;
      const report = await runner.on((link) => {
        waiting?.onHidden(() => void link.call('pause', null).catch(() => undefined));
        return link.call('run', left(), onEvent);
      });
      runner.noteReport(report);
      if (isOver(report)) break;
    }
  } finally {
    waiting?.end();
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
  const report = runner.report();
  onReport(report);
  return report;
}
