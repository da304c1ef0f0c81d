// Interpolates between two images: finds the latents of both and generates the images between these latents.
import { between, usualPath } from '../../runtime-web/format/latents.ts';
import { termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { StateFunction } from '../engine/engine.ts';
import { restoreLatents, type RestoreOptions } from './restore-latents.ts';

/** {@link RestoreOptions} without the images. */
export interface BetweenOptions extends Omit<RestoreOptions, 'targets' | 'terms'> {
  /** Two images, [side · side · channels] in [-1, 1]. */
  readonly ends: readonly [Float32Array, Float32Array];
  /** Number of images, at least 2, including the generated ends. */
  readonly steps: number;
  /** Weight of -log D(G(z)). */
  readonly realism: number;
}

/** The interpolation, and the losses of its ends. */
export interface PicturesBetween {
  readonly frames: readonly Float32Array[];
  readonly losses: readonly [number, number];
}

/** Interpolates. Throws like {@link restoreLatents}. */
export async function picturesBetween(options: BetweenOptions): Promise<PicturesBetween> {
  const { ends, steps, engine, networks, imageSize: side, channels, latentDim, signal } = options;
  const weights = new Float32Array(side * side).fill(1);
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
  const draw = await engine.compile(drawing, { z: spec });
  try {
    const frames: Float32Array[] = [];
    for (const latent of z) {
      signal.throwIfAborted();
      const { images } = await draw.run({ z: { ...spec, data: latent } });
      frames.push(Float32Array.from(images!.data.slice(0, side * side * channels)));
    }
    return { frames, losses: [from!.loss, to!.loss] };
  } finally {
    await draw.dispose();
  }
}
