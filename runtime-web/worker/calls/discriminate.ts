// The discriminate() call, worker side: images and their labels in, logits out.
import { labelsName } from '../../format/condition.ts';
import type { LoadedModel } from '../loaded-model.ts';

/** Images [count, size, size, channels] in [-1, 1] and, for a discriminator that receives them, their labels [count, columns]. */
interface DiscriminateWork {
  readonly images: Float32Array<ArrayBuffer>;
  readonly labels: Float32Array<ArrayBuffer> | null;
  readonly count: number;
}

/** Logits [count], positive for real. */
export async function discriminate(
  loaded: LoadedModel,
  { images, labels, count }: DiscriminateWork,
): Promise<Float32Array<ArrayBuffer>> {
  const { width, height, channels, conditioning } = loaded.model;
  const feeds = {
    images: [images, [count, height, width, channels]],
    ...(labels !== null && { [labelsName(conditioning)!]: [labels, [count, labels.length / count]] }),
  } as const;
  const { logits } = await loaded.run(feeds, ['logits']);
  return Float32Array.from(logits!.data);
}
