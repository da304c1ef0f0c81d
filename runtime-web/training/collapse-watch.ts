// The watch for a collapse during a training: the diversity of samples and the lines of statistics, at the trainer's steps.
import { findCollapse, type Collapse, type WatchedLine } from '../format/training/collapse.ts';
import { relativeDiversity } from '../format/training/diversity.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { meansOf, type SavedSums } from './gathered.ts';
import { batchOf, type TrainingImages } from './images.ts';

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
  }

  /** True after the steps at which the trainer samples. */
  isDiversityDue(step: number): boolean {
    return this.#isDue(step, 'sampleEvery', 100);
  }

  /** The diversity of samples of seeds relative to that of real images. */
  async diversity(sample: (seeds: readonly number[]) => Promise<Float32Array>): Promise<number> {
    const count = Math.min(maxWatchedImages, this.#images.count);
    const seeds = Array.from({ length: count }, (_, seed) => seed);
    const { width, height, channels } = this.#opened;
    const shape = [count, height, width, channels];
    if (this.#reals === null) {
      const indices = Int32Array.from(seeds, (i) => Math.floor((i * this.#images.count) / count));
      const order = { indices, isFlipped: seeds.map(() => false) };
      this.#reals = { shape, data: batchOf(this.#images, order, this.#opened).images };
    }
    return relativeDiversity({ shape, data: await sample(seeds) }, this.#reals);
  }

  /** Ends a line of statistics and looks for a collapse; false unless the step is one of those that end a line. */
  endsLine(step: number, gathered: SavedSums): boolean {
    if (!this.#isDue(step, 'reportEvery', 25)) return false;
    this.#lines.push({ step, ...meansOf(gathered), diversity: gathered.diversity });
    this.collapse = findCollapse(this.#lines, this.#opened.trainable.logit);
    return true;
  }

  #isDue(step: number, key: string, otherwise: number): boolean {
    return step % (Number(this.#opened.trainable.config[key]) || otherwise) === 0;
  }
}
