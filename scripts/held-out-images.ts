// Real images that a model was not trained on, evenly spread, for benchmarks and for the demo's pictures.
import { conditionAmong } from '../runtime-web/format/condition.ts';
import { type ImageShape } from '../runtime-web/format/image-shape.ts';
import type { Model } from '../runtime-web/format/model.ts';
import type { Condition } from '../runtime-web/format/wanted-values.ts';
import type { Dataset } from '../trainer/data/dataset.ts';
import { openHeldOut } from '../trainer/data/held-out.ts';
import { readLabelled, type RunLabels } from '../trainer/frozen/read-labelled.ts';
import type { HostTensor } from '../trainer/graph/trace/graph.ts';
import { held } from '../trainer/held.ts';

/**
 * The test part of `data`, or `count` avatars from number `trainedOn` on; close it after use. Throws Error for data without a test part.
 */
export async function heldOutDataset(
  source: ImageShape & { readonly data: string },
  trainedOn: number,
  count: number,
): Promise<Dataset> {
  const dataset = await openHeldOut(source, { first: trainedOn, count });
  if (dataset === null) throw new Error(`${source.data}: has no test part to take images from`);
  return dataset;
}

/** Images, a description of them, and their labels, attributes or numbers [count, columns]; null without. */
export interface HeldOutImages {
  readonly text: string;
  readonly images: HostTensor;
  readonly labels: HostTensor | null;
}

/** The labels that a package's discriminator receives. */
export function labelsOfModel({ conditioning, training }: Model): RunLabels {
  const names = conditioning?.kind === 'classes' ? conditioning.names.join(',') : '';
  // Classes that were renamed for training have other names than the data's.
  const isRenamed = names !== '' && names !== training?.dataset.classes?.join(',');
  return { config: { classNames: isRenamed ? names : null }, conditioning };
}

/** The labels, attributes or numbers of images, a row each, as `generate` takes them: `{ label: 'Coat' }`. */
export function conditionsOf(
  { conditioning }: Pick<Model, 'conditioning'>,
  { shape: [count, columns], data }: HostTensor,
): Condition[] {
  return Array.from({ length: count! }, (_, i): Condition => {
    const row = Array.from(data.slice(i * columns!, (i + 1) * columns!));
    if (conditioning?.kind === 'classes') return { label: conditioning.names[row.indexOf(1)] };
    if (conditioning?.kind === 'attributes') {
      return Object.fromEntries(conditioning.names.map((name, k) => [name, row[k]!]));
    }
    const numbers = conditioning?.kind === 'numbers' ? conditioning.numbers : [];
    return Object.fromEntries(
      numbers.map(({ name, least, most }, k) => {
        const value = Number((least + ((row[k]! + 1) / 2) * (most - least)).toPrecision(6));
        return [name, Math.min(most, Math.max(least, value))];
      }),
    );
  });
}

/**
 * `count` images [count, height, width, channels] in [-1, 1], with the labels that `run` has, from the test part of `data`, or avatars from number `trainedOn` on, with a
 * description. Throws Error for data without a test part, UserError for images without the labels.
 */
export async function heldOutImages(
  { data, width, height, channels }: ImageShape & { readonly data: string },
  trainedOn: number,
  count: number,
  run: RunLabels,
): Promise<HeldOutImages> {
  await using dataset = held(await heldOutDataset({ data, width, height, channels }, trainedOn, count));
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
  const text =
    data === 'avatars'
      ? `Avatars ${trainedOn} to ${trainedOn + count - 1}; the model was trained on 0 to ${trainedOn - 1}.`
      : `${count} of the ${dataset.count} images that were set apart for testing.`;
  const { images, ...labels } = await readLabelled(dataset, indices, run);
  return { text, images: images!, labels: conditionAmong(labels) };
}
