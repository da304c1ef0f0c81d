// The discriminate() call, page side: resizes images to the model's size and gets the discriminator's predictions in batches.
import type { Wanted } from '../format/condition.ts';
import { conditionFields } from '../format/condition-fields.ts';
import type { Model } from '../format/model.ts';
import { wantedValues, type Condition } from '../format/wanted-values.ts';
import { floatsOf, type PictureSource } from '../pictures.ts';
import type { CallContext } from './call-context.ts';

/**
 * The images to classify as real or fake. The discriminator of a model with classes, attributes or numbers also receives those of each image:
 * `labels` or `condition`, one for all images or a list, as `generate` takes them, and none left open.
 */
export interface DiscriminateRequest extends Pick<Wanted, 'labels' | 'condition'> {
  /** Images of any size, cropped to the middle in the model's shape and resized; or floats [height, width, channels] in [-1, 1]. */
  readonly images: readonly PictureSource[];
  readonly signal?: AbortSignal | undefined;
}

/** The discriminator's prediction for one image. */
export interface Opinion {
  /**
   * The predicted probability that the image is real, from 0 to 1, in a set of as many real as generated images. It means little for a
   * model without `calibration` in `model.json`.
   */
  readonly probability: number;
  /** The logit log(p / (1 - p)): positive for real. */
  readonly logit: number;
}

/** Images a batch; small, so that an abort takes effect soon. */
const batchSize = 16;

/**
 * One prediction for each image. Throws TypeError for anything but a list of images and for missing labels, RangeError for floats of a wrong
 * size or range and for unknown labels.
 */
export const discriminate =
  ({ model, signal, condition, ask }: CallContext) =>
  async ({ images, labels, condition: wanted }: DiscriminateRequest): Promise<Opinion[]> => {
    const { width, height, channels } = model;
    if (!Array.isArray(images)) throw new TypeError('discriminate: expected a list of images');
    const isShown = checkLabels(model, labels, wanted);
    const rows = isShown
      ? await condition(
          { labels, condition: wanted },
          images.map(() => 0),
        )
      : null;
    const columns = (rows?.length ?? 0) / images.length;
    const floats = await Promise.all(
      (images as readonly PictureSource[]).map((image) => floatsOf(image, { width, height, channels })),
    );
    const opinions: Opinion[] = [];
    for (let first = 0; first < floats.length; first += batchSize) {
      signal.throwIfAborted();
      const batch = floats.slice(first, first + batchSize);
      const together = new Float32Array(batch.length * width * height * channels);
      batch.forEach((image, i) => together.set(image, i * image.length));
      const own = rows?.slice(first * columns, (first + batch.length) * columns) ?? null;
      const request = { images: together, labels: own, count: batch.length };
      for (const logit of await ask('discriminator', 'discriminate', request)) {
        opinions.push({ probability: 1 / (1 + Math.exp(-logit)), logit });
      }
    }
    return opinions;
  };

/** True if the discriminator receives labels. Throws unless all of them are given, and none to a discriminator without. */
function checkLabels(
  { conditioning }: Model,
  labels: Wanted['labels'],
  condition: Wanted['condition'],
): boolean {
  if (conditioning === null || conditioning.kind === 'codes') {
    if (labels === undefined && condition === undefined) return false;
    const name = labels === undefined ? 'condition' : 'labels';
    throw new RangeError(
      `discriminate: got ${name}, and the discriminator of this model receives images alone`,
    );
  }
  const fields = conditionFields(conditioning);
  const isClasses = conditioning.kind === 'classes';
  const names = isClasses ? conditioning.names : fields.map(({ name }) => name);
  const lacks = (what: string): TypeError =>
    new TypeError(
      `discriminate: got ${what}, and the discriminator judges an image with its ${isClasses ? 'class' : conditioning.kind}; expected ` +
        `${isClasses ? 'labels, a class' : 'condition, values'} for each image or one for all: ${names.join(', ')}`,
    );
  const given: unknown = labels ?? condition;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const each of list) {
    if (each === undefined || each === null) throw lacks(`no ${isClasses ? 'labels' : 'condition'}`);
    if (labels !== undefined) continue;
    const values = wantedValues(fields, each as string | Condition);
    const open = fields.filter((_, i) => values[i] === null).map(({ name }) => name);
    if (open.length > 0) throw lacks(`no ${open.join(', ')}`);
  }
  return true;
}
