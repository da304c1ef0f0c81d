// What a run tells while it goes: the loop speaks in these events only, and the command line turns them into a
// progress bar, plain lines or JSON.
import type { StatsLine } from './stats.ts';

/** One thing that happened. Paths are absolute; steps count updates done. */
export type RunEvent =
  | { readonly type: 'decoding'; readonly done: number; readonly total: number }
  | {
      readonly type: 'started';
      readonly runDir: string;
      readonly step: number;
      readonly resumedFrom: string | null;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly images: number;
      /** Share of the run that is done, in [0, 1]. */
      readonly done: number;
      /** Of the steps since the run was started or resumed. */
      readonly imagesPerSecond: number;
      /** To the end of the run, samples and checkpoints included; null while unknown. */
      readonly secondsLeft: number | null;
    }
  | { readonly type: 'report'; readonly line: StatsLine }
  | { readonly type: 'samples'; readonly step: number; readonly path: string }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly type: 'exporting'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

/** Hears the events of a run, in order; must not throw. */
export type RunListener = (event: RunEvent) => void;
