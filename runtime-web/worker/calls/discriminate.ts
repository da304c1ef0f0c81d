// The discriminate() call, worker side: images in, logits out.
import type { LoadedModel } from '../loaded-model.ts';

/** Images [count, size, size, channels] in [-1, 1]. */
interface DiscriminateWork {
  readonly images: Float32Array<ArrayBuffer>;
  readonly count: number;
}

/** Logits [count], positive for real. */
export async function discriminate(
  loaded: LoadedModel,
  { images, count }: DiscriminateWork,
): Promise<Float32Array<ArrayBuffer>> {
  const { width, height, channels } = loaded.model;
  const { logits } = await loaded.run({ images: [images, [count, height, width, channels]] }, ['logits']);
  return Float32Array.from(logits!.data);
}
