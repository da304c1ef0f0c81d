// The mixStyles() call, worker side: the two halves of a style-based generator, latents to styles and styles to images.
import type { LoadedModel } from '../loaded-model.ts';

/** Latents [count, dim] and their condition [count, columns]. */
interface MapWork {
  readonly count: number;
  readonly z: Float32Array<ArrayBuffer>;
  readonly condition: Float32Array<ArrayBuffer> | null;
}

/** Styles [count, layers, dim]. */
interface SynthesisWork {
  readonly count: number;
  readonly styles: Float32Array<ArrayBuffer>;
}

/** The latents' styles, [count, dim]. */
export async function mapStyles(
  loaded: LoadedModel,
  { z, condition, count }: MapWork,
): Promise<Float32Array<ArrayBuffer>> {
  const { w } = await loaded.run(loaded.feeds(z, condition, count));
  return Float32Array.from(w!.data);
}

/** The styles' images, [count, size, size, channels] in [-1, 1]. */
export async function synthesise(
  loaded: LoadedModel,
  { styles, count }: SynthesisWork,
): Promise<Float32Array<ArrayBuffer>> {
  const { layers, dim } = loaded.model.styles!;
  const { images } = await loaded.run({ styles: [styles, [count, layers.length, dim]] });
  return Float32Array.from(images!.data);
}
