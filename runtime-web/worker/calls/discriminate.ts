// The discriminate() call, worker side: images in, logits out.
import { inputShapes } from '../input-shapes.ts';
import type { LoadedModel } from '../loaded-model.ts';

/** Images [count, size, size, channels] in [-1, 1]. */
interface DiscriminateWork {
  readonly images: Float32Array<ArrayBuffer>;
  readonly count: number;
}

/** Logits [count], positive for real. Throws ModelLoadError where the file expects images of another size than the model's. */
export async function discriminate(
  loaded: LoadedModel,
  { images, count }: DiscriminateWork,
): Promise<Float32Array<ArrayBuffer>> {
  const { imageSize, channels } = loaded.model;
  const [, ...expected] = inputShapes(loaded.inputs)['images'] ?? [];
  const own = [imageSize, imageSize, channels].join('x');
  if (expected.join('x') !== own) {
    const message = `the discriminator of ${loaded.model.name} takes images of ${expected.join('x')}, and model.json says ${own}; export it again`;
    // Errors cross to the page as name and message (see errors.ts), so the class itself is not needed here.
    throw Object.assign(new Error(message), { name: 'ModelLoadError' });
  }
  const { logits } = await loaded.run({ images: [images, [count, imageSize, imageSize, channels]] }, [
    'logits',
  ]);
  return Float32Array.from(logits!.data);
}
