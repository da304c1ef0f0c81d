// Progress of a long job on stderr, with rate and time left: a bar on a terminal, else a line every 15 seconds.
import process from 'node:process';
import { SingleBar } from 'cli-progress';
import { formatDuration } from '../run/duration.ts';
import type { JobProgress } from '../job.ts';

/** Min time between two lines without a terminal. */
const lineEveryMs = 15_000;

/** Progress of one command, counted in `unit`, such as `images`. */
export function jobProgress(
  { isTerminal, warn }: { readonly isTerminal: boolean; readonly warn: (line: string) => void },
  unit: string,
): JobProgress {
  let bar: SingleBar | null = null;
  let current = '';
  let startedAt = 0;
  let lastAt = 0;
  const close = (): void => {
    bar?.stop();
    bar = null;
    current = '';
  };
  return {
    show(job, done, total) {
      const now = Date.now();
      if (job !== current) {
        close();
        [current, startedAt, lastAt] = [job, now, now];
        if (isTerminal) {
          bar = new SingleBar({
            format: `${job} {bar} {percentage}% · {rate} ${unit}/s · {left} left`,
            barCompleteChar: '█',
            barIncompleteChar: '░',
            barsize: 18,
            hideCursor: true,
            clearOnComplete: true,
            stream: process.stderr,
            gracefulExit: false,
          });
          bar.start(total, done, { rate: '…', left: '…' });
        }
      }
      const seconds = (now - startedAt) / 1000;
      const rate = seconds > 0 ? done / seconds : 0;
      const left = rate > 0 ? formatDuration((total - done) / rate) : '…';
      const shown = rate.toFixed(rate < 10 ? 1 : 0);
      if (bar !== null) bar.update(done, { rate: shown, left });
      else if (now - lastAt >= lineEveryMs && done < total) {
        lastAt = now;
        warn(`${job}: ${done} of ${total} ${unit}, ${shown} ${unit}/s, ${left} left`);
      }
      if (done >= total) close();
    },
    close,
  };
}
