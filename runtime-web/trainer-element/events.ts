// The events of <dcgan-trainer>, with the type of their `detail`. The custom-elements manifest takes the doc comments as descriptions.
import type { LoadProgress } from '../protocol.ts';
import type { Trainer, TrainingReport } from '../train/index.ts';

/** Detail by event type. */
export interface TrainerEvents {
  /** Bytes of networks and runtime loaded: loaded, total, file */
  readonly progress: LoadProgress;
  /** The training is ready: package, device, warnings */
  readonly load: Pick<Trainer, 'package' | 'device' | 'warnings'>;
  /** The training goes on: report, at most 10 a second */
  readonly report: { readonly report: TrainingReport };
  /** The wall shows the newest pictures: their seeds, images and step */
  readonly sample: {
    readonly seeds: readonly number[];
    readonly images: readonly ImageData[];
    readonly step: number;
  };
  /** A sign of a collapse appeared: reason, step */
  readonly collapse: { readonly reason: string; readonly step: number };
  /** The number of `steps` is reached: report */
  readonly done: { readonly report: TrainingReport };
  /** Loading or training failed, or an attribute is invalid: error */
  readonly error: { readonly error: Error };
}
