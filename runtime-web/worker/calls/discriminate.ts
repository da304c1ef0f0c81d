// The discriminator in the worker: images in, logits out. With restoring, code that few pages need: see extras.ts.
import type { JudgeRequest } from '../../protocol.ts';
import { inputShapes } from '../input-shapes.ts';
import type { LoadedModel } from '../loaded-model.ts';

/** Logits [count], positive for real. Throws ModelLoadError for a file that takes other images than the model's. */
export async function discriminate(
  loaded: LoadedModel,
  { images, count }: Omit<JudgeRequest, 'id'>,
): Promise<Float32Array<ArrayBuffer>> {
  const { imageSize, channels } = loaded.model;
  const [, ...takes] = inputShapes(loaded.inputs)['images'] ?? [];
  const says = [imageSize, imageSize, channels].join('x');
  if (takes.join('x') !== says) {
    const message = `the discriminator of ${loaded.model.name} takes images of ${takes.join('x')}, and model.json says ${says}; export it again`;
    // It crosses to the page by its name, and is rebuilt there: see errors.ts.
    throw Object.assign(new Error(message), { name: 'ModelLoadError' });
  }
  const { logits } = await loaded.run({ images: [images, [count, imageSize, imageSize, channels]] }, [
    'logits',
  ]);
  return Float32Array.from(logits!.data);
}
