// The pictures between two: both are looked for in the latent space, and the way from one latent to the other is drawn.
import { between, usualPath } from '../../runtime-web/format/latents.ts';
import { termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { StateFunction } from '../engine/engine.ts';
import { restoreLatents, type RestoreOptions } from './restore-latents.ts';

/** {@link RestoreOptions}, but for what is looked for. */
export interface BetweenOptions extends Omit<RestoreOptions, 'targets' | 'terms'> {
  /** Two, [side · side · channels] in [-1, 1]. */
  readonly ends: readonly [Float32Array, Float32Array];
  /** Pictures to draw, from 2: the ends as the generator draws them among them. */
  readonly steps: number;
  /** Of -log D(G(z)). */
  readonly realism: number;
}

/** The way, and how near its ends are to the pictures that were given. */
export interface PicturesBetween {
  readonly frames: readonly Float32Array[];
  readonly losses: readonly [number, number];
}

/** Draws the way. Throws as {@link restoreLatents} does. */
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
