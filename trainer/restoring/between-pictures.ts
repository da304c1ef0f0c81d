// Interpolation between two given images: finds a latent for each and generates images of the latents in between.
import { between, usualPath } from '../../runtime-web/format/latents.ts';
import { termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { StateFunction } from '../engine/engine.ts';
import { restoreLatents, type RestoreOptions } from './restore-latents.ts';
import { held } from '../held.ts';

/** Options of {@link picturesBetween}: two images instead of targets and terms. */
export interface BetweenOptions extends Omit<RestoreOptions, 'targets' | 'terms'> {
  /** Two images, [height, width, channels] in [-1, 1]. */
  readonly ends: readonly [Float32Array, Float32Array];
  /** Number of images including the generator's versions of both ends; at least 2. */
  readonly steps: number;
  /** Weight of the realism term -log D(G(z)). */
  readonly realism: number;
}

/** The interpolated images, and the loss of each end against the given image. */
export interface PicturesBetween {
  readonly frames: readonly Float32Array[];
  readonly losses: readonly [number, number];
}

/** Interpolates. Throws as {@link restoreLatents} does. */
export async function picturesBetween(options: BetweenOptions): Promise<PicturesBetween> {
  const { ends, steps, engine, networks, width, height, channels, latentDim, signal } = options;
  const weights = new Float32Array(height * width).fill(1);
  const [from, to] = await restoreLatents({
    ...options,
    targets: ends.map((picture) => ({ picture, weights })),
    terms: termWeights('denoise', options.realism),
  });
  const z = between(
    Float32Array.from(from!.z),
    Float32Array.from(to!.z),
    steps,
    usualPath(networks.distribution),
  );
  const drawing: StateFunction = (state, inputs) => ({
    outputs: { images: networks.generator.generate(state, inputs['z']!) },
  });
  const spec = { shape: [1, latentDim], dtype: 'float32' } as const;
  await using draw = held(await engine.compile(drawing, { z: spec }));
  const frames: Float32Array[] = [];
  for (const latent of z) {
    signal.throwIfAborted();
    const { images } = await draw.run({ z: { ...spec, data: latent } });
    frames.push(Float32Array.from(images!.data.slice(0, height * width * channels)));
  }
  return { frames, losses: [from!.loss, to!.loss] };
}
