// Images with one label each, for a classifier: their class or the value of one attribute.
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import type { Dataset } from '../../data/dataset.ts';
import { UserError, didYouMean } from '../../errors.ts';

/** A dataset with one label per image. */
export interface LabelledImages {
  readonly dataset: Dataset;
  readonly names: readonly string[];
  /** [count] indices into `names`. */
  readonly labels: Int32Array;
}

/** The label to predict. */
export interface LabelChoice {
  /** The names of the labels; an image's label is an index into them. */
  readonly names: readonly string[];
  /** Index of the attribute; null for the class. */
  readonly column: number | null;
  readonly isBinary: boolean;
}

const imagesAtOnce = 512;

/**
 * Chooses the label: the class, or one attribute. Reads no image. Throws UserError for images without classes, for an
 * attribute that is missing or not categorical, and for a single class.
 */
export function chooseLabel(
  { name, classNames, attributes }: Pick<Dataset, 'name' | 'classNames' | 'attributes'>,
  attribute: string | null,
): LabelChoice {
  if (attribute === null) {
    if (classNames === null) {
      const instead =
        attributes === null
          ? 'expected a folder for each class, IDX with labels, or CIFAR-10'
          : `give --attribute with one of ${attributes.map((info) => info.name).join(', ')}`;
      throw new UserError(`data ${name}: the images have no classes; ${instead}`);
    }
    if (classNames.length < 2) throw oneOnly(name, classNames[0]);
    return { names: classNames, column: null, isBinary: false };
  }
  if (attributes === null) {
    throw new UserError(
      `--attribute ${attribute}: the images of ${name} have no attributes; expected avatars or CelebA` +
        `${classNames === null ? '' : ', or leave it out to predict classes'}`,
    );
  }
  const column = attributes.findIndex((info) => info.name === attribute);
  const info = attributes[column];
  if (info === undefined) {
    const names = attributes.map((each) => each.name);
    throw new UserError(
      `--attribute ${attribute}: ${name} has no such attribute${didYouMean(attribute, names)} (it has: ${names.join(', ')})`,
    );
  }
  if (info.kind === 'continuous') {
    throw new UserError(
      `--attribute ${attribute}: it is a number from ${info.range.join(' to ')}, and a classifier needs categories; take another`,
    );
  }
  return {
    names: info.values ?? [`no ${attribute}`, attribute],
    column,
    isBinary: info.kind === 'binary',
  };
}

/** Reads the labels. Throws UserError like {@link chooseLabel}, and if all images have the same label. */
export async function labelledImages(
  dataset: Dataset,
  attribute: string | null,
  signal?: AbortSignal,
): Promise<LabelledImages> {
  const { count } = dataset;
  const { names, column, isBinary } = chooseLabel(dataset, attribute);
  const labels = new Int32Array(count);
  const width = dataset.attributes?.length ?? 0;
  const length = lengthOf(dataset);
  const values = new Float32Array(column === null ? 0 : imagesAtOnce * width);
  const pixels = new Uint8Array(column === null ? imagesAtOnce * length : 0);
  for (let first = 0; first < count; first += imagesAtOnce) {
    signal?.throwIfAborted();
    const part = labels.subarray(first, first + imagesAtOnce);
    const indices = Int32Array.from(part, (_, i) => first + i);
    if (column === null) {
      await dataset.readInto(indices, pixels.subarray(0, part.length * length), part);
      continue;
    }
    await dataset.readAttributes(indices, values.subarray(0, part.length * width));
    for (let i = 0; i < part.length; i++) {
      const value = values[i * width + column]!;
      part[i] = isBinary ? Number(value > 0) : value;
    }
  }
  const [only, another] = new Set(labels);
  if (another === undefined) throw oneOnly(dataset.name, names[only!]);
  return { dataset, names, labels };
}

function oneOnly(name: string, only: string | undefined): UserError {
  return new UserError(
    `data ${name}: all images are of one class, '${only ?? ''}'; a classifier needs two or more`,
  );
}
