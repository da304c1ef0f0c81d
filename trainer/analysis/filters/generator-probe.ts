// Probes a hidden layer of a generator: returns its activations, and generates images with filters switched off or with other
// activations.
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainConfig } from '../../config/fields.ts';
import type { CompiledFunction, Engine, StateFunction } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import type { HiddenLayer } from '../../training/architectures/inside.ts';

/** Images and the layer's own activations, before anything is switched off. */
export interface Drawn {
  /** [count, height, width, channels] in [-1, 1] */
  readonly images: Float32Array;
  /** [count, ...layer size, filters]; empty unless requested. */
  readonly activations: Float32Array;
}

/** One layer of a generator, whose parameters are in the engine's state. Calls must not overlap. */
export interface GeneratorProbe {
  readonly layer: HiddenLayer;
  /** Latents [count · latent] → images, with filters multiplied by `mask` [filters] (default: ones). */
  draw(z: Float32Array, options?: DrawOptions): Promise<Drawn>;
  /** Activations [count, ...layer size, filters], instead of the layer's own → images. */
  drawFrom(activations: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Options of a probe's `draw`. */
export interface DrawOptions {
  /** Factors [filters]: 0 switches a filter off. Default: ones. */
  readonly mask?: Float32Array;
  /** Return activations too. Default false. */
  readonly withActivations?: boolean;
  readonly signal?: AbortSignal;
}

const batch = 64;

/** Compiles the functions; the engine must hold the generator's parameters. */
export async function openGeneratorProbe(
  engine: Engine,
  generator: FrozenGenerator,
  config: TrainConfig,
  layer: HiddenLayer,
): Promise<GeneratorProbe> {
  const { latent } = config;
  const { name, size, filters } = layer;
  const zSpec = { shape: [batch, latent], dtype: 'float32' } as const;
  const maskSpec = { shape: [filters], dtype: 'float32' } as const;
  const givenSpec = { shape: [batch, ...size, filters], dtype: 'float32' } as const;
  const masked: StateFunction = (state, { z, mask }) => {
    let own: tf.Tensor | null = null;
    const { images } = generator.layers(state, z!, (at, activation) => {
      if (at !== name) return activation;
      own = activation;
      return tf.mul(activation, mask!);
    });
    return { outputs: { images: images!, activations: own! } };
  };
  const replaced: StateFunction = (state, { given }) => {
    const nothing = tf.fill([batch, latent], 0);
    const { images } = generator.layers(state, nothing, (at, own) => (at === name ? given! : own));
    return { outputs: { images: images! } };
  };
  const drawing = await engine.compile(masked, { z: zSpec, mask: maskSpec });
  let redrawing: CompiledFunction | null = null;
  const imageLength = lengthOf(imageShape(config));
  const layerLength = size[0] * size[1] * filters;
  const ones = new Float32Array(filters).fill(1);

  return {
    layer,
    async draw(z, { mask = ones, withActivations = false, signal } = {}) {
      const count = z.length / latent;
      const images = new Float32Array(count * imageLength);
      const activations = new Float32Array(withActivations ? count * layerLength : 0);
      for (let first = 0; first < count; first += batch) {
        signal?.throwIfAborted();
        const data = new Float32Array(batch * latent);
        data.set(z.subarray(first * latent, (first + batch) * latent));
        const outputs = await drawing.run(
          { z: { ...zSpec, data }, mask: { ...maskSpec, data: mask } },
          { fetch: withActivations ? ['images', 'activations'] : ['images'] },
        );
        const some = Math.min(batch, count - first);
        images.set(someOf(outputs['images']!.data, some * imageLength), first * imageLength);
        if (withActivations) {
          activations.set(someOf(outputs['activations']!.data, some * layerLength), first * layerLength);
        }
      }
      return { images, activations };
    },
    async drawFrom(activations) {
      redrawing ??= await engine.compile(replaced, { given: givenSpec });
      const count = activations.length / layerLength;
      const images = new Float32Array(count * imageLength);
      for (let first = 0; first < count; first += batch) {
        const data = new Float32Array(batch * layerLength);
        data.set(activations.subarray(first * layerLength, (first + batch) * layerLength));
        const outputs = await redrawing.run({ given: { ...givenSpec, data } });
        const some = Math.min(batch, count - first);
        images.set(someOf(outputs['images']!.data, some * imageLength), first * imageLength);
      }
      return images;
    },
    async dispose() {
      await drawing.dispose();
      await redrawing?.dispose();
    },
  };
}

/** The first `length` numbers of an output. Throws UserError for NaN or infinities. */
function someOf(data: ArrayLike<number>, length: number): Float32Array {
  const numbers = (data as Float32Array).subarray(0, length);
  const lost = numbers.findIndex((value) => !Number.isFinite(value));
  if (lost < 0) return numbers;
  throw new UserError(
    `the generator's output has ${numbers[lost]}: its weights have diverged; give an earlier --checkpoint`,
  );
}
