// Events of a running training. The command line shows them as a progress bar, plain lines or JSON.
import type { Evaluation } from '../metrics/evaluation.ts';
import type { ConfigChange } from './config-history.ts';
import type { StatsLine } from './stats.ts';

/** One event. Paths are absolute; `step` is the number of updates done. */
export type RunEvent =
  | { readonly type: 'decoding'; readonly done: number; readonly total: number }
  | {
      readonly type: 'started';
      readonly runDir: string;
      readonly step: number;
      readonly resumedFrom: string | null;
    }
  /** The report is served at `url`. */
  | { readonly type: 'watching'; readonly url: string }
  /** A resumed run goes on with other settings. */
  | { readonly type: 'changed'; readonly step: number; readonly changes: readonly ConfigChange[] }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly images: number;
      /** Fraction of the run that is done, in [0, 1]. */
      readonly done: number;
      /** Mean over the steps since the run was started or resumed. */
      readonly imagesPerSecond: number;
      /** Seconds to the end of the run, samples and checkpoints included; null while unknown. */
      readonly secondsLeft: number | null;
    }
  | { readonly type: 'evaluating'; readonly message: string }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      readonly evaluation: Evaluation;
      /** The lowest Fréchet distance so far. */
      readonly isBest: boolean;
    }
  | { readonly type: 'report'; readonly line: StatsLine }
  | { readonly type: 'samples'; readonly step: number; readonly path: string }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly type: 'exporting'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

/** Called with the events of a run, in order; must not throw. */
export type RunListener = (event: RunEvent) => void;
