// A batch that the page gives, for an update or to judge.
import { conditionColumns } from '../../format/condition.ts';
import { lengthOf } from '../../format/image-shape.ts';
import type { TrainablePackage } from '../../format/training/trainable.ts';
import type { GivenBatch } from '../../train/protocol.ts';

/** Images of a page as the networks take them. Throws RangeError for another number of them (null: at least 1), and without their labels. */
export function batchOf(
  { images, labels, condition }: GivenBatch,
  opened: TrainablePackage,
  wanted: number | null,
) {
  const count = wanted ?? Math.max(1, Math.floor(images.length / lengthOf(opened)));
  const expected = count * lengthOf(opened);
  if (images.length !== expected)
    throw new RangeError(`images: got ${images.length} bytes, expected ${expected} for ${count} images`);
  const { conditioning } = opened;
  if (conditioning?.kind === 'classes' && labels?.length !== count)
    throw new RangeError(`labels: got ${labels?.length ?? 'none'}, expected one for each of ${count} images`);
  const hasRows = conditioning?.kind === 'attributes' || conditioning?.kind === 'numbers';
  const numbers = count * conditionColumns(conditioning);
  if (hasRows && condition?.length !== numbers)
    throw new RangeError(`condition: got ${condition?.length ?? 'none'}, expected ${numbers} numbers`);
  return {
    images: Float32Array.from(images, (byte) => byte / 127.5 - 1),
    labels: labels ?? null,
    condition: condition ?? null,
  };
}
