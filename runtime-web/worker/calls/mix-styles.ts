// The halves of a style-based generator in the worker: latents to styles, and styles to pictures.
import type { MapStylesRequest, SynthesiseRequest } from '../../protocol.ts';
import type { LoadedModel } from '../loaded-model.ts';

/** Styles [count, dim] of latents. */
export async function mapStyles(
  loaded: LoadedModel,
  { z, condition, count }: MapStylesRequest,
): Promise<Float32Array<ArrayBuffer>> {
  const { w } = await loaded.run(loaded.feeds(z, condition, count));
  return Float32Array.from(w!.data);
}

/** Pictures [count, size, size, channels] of styles, in [-1, 1]. */
export async function synthesise(
  loaded: LoadedModel,
  { styles, count }: SynthesiseRequest,
): Promise<Float32Array<ArrayBuffer>> {
  const { layers, dim } = loaded.model.styles!;
  const { images } = await loaded.run({ styles: [styles, [count, layers.length, dim]] });
  return Float32Array.from(images!.data);
}
