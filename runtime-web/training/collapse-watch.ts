// The watch for a collapse during a training: the diversity of samples and the lines of statistics, at the trainer's steps.
import { findCollapse, type Collapse, type WatchedLine } from '../format/training/collapse.ts';
import { relativeDiversity } from '../format/training/diversity.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { meansOf } from './gathered.ts';
import { batchOf, type TrainingImages } from './images.ts';
import type { Progress } from './progress.ts';

const maxWatchedImages = 64;

/** Watches one training from its beginning, or from where it goes on. */
export class CollapseWatch {
  /** The sign of collapse at the last line of statistics, or null. */
  collapse: Collapse | null = null;
  readonly #opened: TrainablePackage;
  readonly #images: TrainingImages;
  readonly #lines: WatchedLine[] = [];
  #reals: { readonly shape: readonly number[]; readonly data: Float32Array } | null = null;

  constructor(opened: TrainablePackage, images: TrainingImages) {
    this.#opened = opened;
    this.#images = images;
    images.ahead?.(this.#watched);
  }

  /**
   * After a step: measures diversity, and ends a line of statistics and looks for a collapse, at the trainer's steps. `sample` samples seeds;
   * `now` is in seconds.
   */
  async watch(
    progress: Progress,
    sample: (seeds: readonly number[]) => Promise<Float32Array>,
    now: () => number,
  ): Promise<void> {
    const { step } = progress;
    if (this.#isDue(step, 'sampleEvery', 100)) {
      const begun = now();
      const diversity = await this.#diversity(sample);
      progress.addDiversity(diversity, now() - begun);
    }
    if (!this.#isDue(step, 'reportEvery', 25)) return;
    const { gathered } = progress.position;
    this.#lines.push({ step, ...meansOf(gathered), diversity: gathered.diversity });
    this.collapse = findCollapse(this.#lines, this.#opened.trainable.logit);
    progress.endLine();
  }

  /** The diversity of samples of seeds relative to that of real images. */
  async #diversity(sample: (seeds: readonly number[]) => Promise<Float32Array>): Promise<number> {
    const indices = this.#watched;
    const seeds = Array.from(indices, (_, seed) => seed);
    const { width, height, channels } = this.#opened;
    const shape = [indices.length, height, width, channels];
    if (this.#reals === null) {
      const order = { indices, isFlipped: seeds.map(() => false) };
      this.#reals = { shape, data: batchOf(this.#images, order, this.#opened).images };
    }
    return relativeDiversity({ shape, data: await sample(seeds) }, this.#reals);
  }

  /** The real images that samples are compared with, evenly spread. */
  get #watched(): Int32Array<ArrayBuffer> {
    const { count } = this.#images;
    const watched = Math.min(maxWatchedImages, count);
    return Int32Array.from({ length: watched }, (_, i) => Math.floor((i * count) / watched));
  }

  #isDue(step: number, key: string, otherwise: number): boolean {
    return step % (Number(this.#opened.trainable.config[key]) || otherwise) === 0;
  }
}
