// Real images with their labels, attributes or numbers, as a discriminator of a run receives them.
import { conditionColumns, labelsName } from '../../runtime-web/format/condition.ts';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { scaledAttributes } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { toFloats } from '../pictures/pixels.ts';

/** The part of a run that determines its labels. */
export interface RunLabels {
  readonly config: Pick<TrainConfig, 'classNames'>;
  readonly conditioning: Conditioning;
}

/**
 * `images` [n, height, width, channels] in [-1, 1] and, if D receives them, their `labels` (one-hot) or `condition` [n, columns]. Throws
 * UserError for images without these labels, RangeError for an index out of range.
 */
export async function readLabelled(
  dataset: Dataset,
  indices: readonly number[],
  { config, conditioning }: RunLabels,
): Promise<NamedHostTensors> {
  const { width, height, channels } = dataset;
  const count = indices.length;
  const pixels = new Uint8Array(count * lengthOf(dataset));
  const classes = new Int32Array(count);
  await dataset.readInto(indices, pixels, classes);
  const shape = [count, height, width, channels];
  const images = { shape, dtype: 'float32', data: toFloats(pixels) } as const;
  const name = labelsName(conditioning);
  if (name === null) return { images };
  const columns = conditionColumns(conditioning);
  const rows = new Float32Array(count * columns);
  const scaled = scaledAttributes(conditioning, dataset.attributes);
  if (scaled !== null) {
    const own = dataset.attributes!.length;
    const values = new Float32Array(count * own);
    await dataset.readAttributes(indices, values);
    scaled.forEach(({ index, factor, offset }, column) => {
      for (let i = 0; i < count; i++) rows[i * columns + column] = factor * values[i * own + index]! + offset;
    });
  } else {
    const columnOf = classColumns(dataset, { config, conditioning });
    classes.forEach((label, i) => (rows[i * columns + columnOf[label]!] = 1));
  }
  return { images, [name]: { shape: [count, columns], dtype: 'float32', data: rows } };
}

/** The column of each class of a dataset. Throws UserError unless the run has all of them. */
function classColumns({ name, classNames }: Dataset, { config, conditioning }: RunLabels): readonly number[] {
  const known = conditioning?.kind === 'classes' ? conditioning.names : [];
  // Names that the user gave a run's classes are in the order of the data's own.
  const isRenamed = config.classNames !== null && classNames?.length === known.length;
  const columns = (classNames ?? []).map((each, i) => (isRenamed ? i : known.indexOf(each)));
  if (columns.length > 0 && !columns.includes(-1)) return columns;
  const has = classNames === null ? 'no classes' : `the classes ${classNames.join(', ')}`;
  throw new UserError(
    `${name} has ${has}, and the discriminator was trained on images of ${known.join(', ')}; give --data with images of these classes`,
  );
}
