// The labels of a set of images, in the set's order: classes, and attributes of data.
import { conditionFor, type Wanted } from '../../runtime-web/format/condition.ts';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import type { Dataset } from '../data/dataset.ts';
import type { AttributeInfo } from '../data/source.ts';

/** The labels of a set's images. */
export interface SetLabels {
  /** Null without classes. */
  readonly classNames: readonly string[] | null;
  /** Images per class of data; null for a model, and without classes. */
  readonly classCounts: readonly number[] | null;
  /** Null for a model, and without attributes. */
  readonly attributes: readonly AttributeInfo[] | null;
  /** The classes of images `first` to `first + count`, as indices of `classNames`. Throws RangeError without classes. */
  readClasses(first: number, count: number): Promise<Int32Array>;
  /** [count, attributes] of images `first` to `first + count`. Throws RangeError without attributes. */
  readAttributes(first: number, count: number): Promise<Float32Array>;
}

/** The labels of a dataset whose image `at(i)` is image i of the set. */
export function dataLabels(dataset: Dataset, at: (i: number) => number): SetLabels {
  const { classNames, classCounts, attributes } = dataset;
  const indices = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => at(first + i));
  return {
    classNames,
    classCounts,
    attributes,
    async readClasses(first, count) {
      if (classNames === null) throw new RangeError('classes: the images have none');
      const labels = new Int32Array(count);
      const few = 256;
      const pixels = new Uint8Array(few * lengthOf(dataset));
      for (let done = 0; done < count; done += few) {
        const size = Math.min(few, count - done);
        const part = pixels.subarray(0, (size * pixels.length) / few);
        await dataset.readInto(indices(first + done, size), part, labels.subarray(done, done + size));
      }
      return labels;
    },
    async readAttributes(first, count) {
      const values = new Float32Array(count * (attributes?.length ?? 0));
      await dataset.readAttributes(indices(first, count), values);
      return values;
    },
  };
}

/** The labels of a model's images from `firstSeed` on, whose conditions are those of `mix`. */
export function modelLabels(
  { conditioning }: Pick<Model, 'conditioning'>,
  mix: { wantedOf(seeds: readonly number[]): Wanted } | null,
  firstSeed: number,
): SetLabels {
  const classNames = conditioning?.kind === 'classes' ? conditioning.names : null;
  return {
    classNames,
    classCounts: null,
    attributes: null,
    async readClasses(first, count) {
      if (classNames === null) throw new RangeError('classes: the model has none');
      const seeds = Array.from({ length: count }, (_, i) => firstSeed + first + i);
      const rows = conditionFor({ conditioning }, mix?.wantedOf(seeds) ?? {}, seeds)!;
      const columns = classNames.length;
      return Int32Array.from(seeds, (_, i) => rows.subarray(i * columns, (i + 1) * columns).indexOf(1));
    },
    readAttributes: () => Promise.reject(new RangeError('attributes: a model has none')),
  };
}
