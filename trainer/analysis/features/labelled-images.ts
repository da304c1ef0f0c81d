// Images with one answer each, for a classifier: their class, or what they are in one attribute.
import type { Dataset } from '../../data/dataset.ts';
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../suggest.ts';

/** A dataset with one answer an image. */
export interface LabelledImages {
  readonly dataset: Dataset;
  readonly names: readonly string[];
  /** [count] indices into `names`. */
  readonly labels: Int32Array;
}

const piece = 512;

/**
 * Reads the answers. @param attribute one that answers instead of the class; null for the class. Throws UserError for
 * images without classes, an attribute that is missing or has no categories, and one answer only.
 */
export async function labelledImages(
  dataset: Dataset,
  attribute: string | null,
  signal?: AbortSignal,
): Promise<LabelledImages> {
  const { count, imageSize, channels, name } = dataset;
  const labels = new Int32Array(count);
  const eachPiece = async (read: (indices: Int32Array, part: Int32Array) => Promise<void>): Promise<void> => {
    for (let first = 0; first < count; first += piece) {
      signal?.throwIfAborted();
      const part = labels.subarray(first, first + piece);
      await read(
        part.map((_, i) => first + i),
        part,
      );
    }
  };
  let names: readonly string[];
  if (attribute === null) {
    if (dataset.classNames === null) {
      const held = dataset.attributeNames;
      const instead =
        held === null
          ? 'expected a folder for each class, or IDX with labels, or CIFAR-10'
          : `give --attribute with one of ${held.join(', ')}`;
      throw new UserError(`data ${name}: the images have no classes; ${instead}`);
    }
    names = dataset.classNames;
    const pixels = new Uint8Array(piece * imageSize * imageSize * channels);
    await eachPiece((indices, part) =>
      dataset.readInto(indices, pixels.subarray(0, indices.length * imageSize * imageSize * channels), part),
    );
  } else {
    const infos = dataset.attributes;
    if (infos === null)
      throw new UserError(`--attribute ${attribute}: the images of ${name} have no attributes`);
    const column = infos.findIndex((info) => info.name === attribute);
    const info = infos[column];
    if (info === undefined) {
      const held = infos.map((each) => each.name);
      throw new UserError(
        `--attribute ${attribute}: ${name} has no such attribute${didYouMean(attribute, held)} (it has: ${held.join(', ')})`,
      );
    }
    if (info.kind === 'continuous') {
      throw new UserError(
        `--attribute ${attribute}: it is a number from ${info.range.join(' to ')}, and a classifier needs categories; take another`,
      );
    }
    names = info.values ?? [`no ${attribute}`, attribute];
    const values = new Float32Array(piece * infos.length);
    await eachPiece(async (indices, part) => {
      await dataset.readAttributes(indices, values.subarray(0, indices.length * infos.length));
      for (let i = 0; i < part.length; i++) {
        const value = values[i * infos.length + column]!;
        part[i] = info.kind === 'binary' ? Number(value > 0) : value;
      }
    });
  }
  const kept = new Set(labels);
  if (kept.size < 2) {
    const [only] = kept;
    throw new UserError(
      `data ${name}: all ${count} images are of one class, '${names[only!] ?? ''}'; a classifier needs two or more`,
    );
  }
  return { dataset, names, labels };
}
