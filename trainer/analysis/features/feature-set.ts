// A feature extractor: a recorded function on an engine, for any network.
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Dataset } from '../../data/dataset.ts';
import type { CompiledFunction, Engine, NamedTensors } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { toFloats } from '../../pictures/pixels.ts';

/** A feature extractor. */
export interface FeatureSet {
  /** Short name: `discriminator`. */
  readonly name: string;
  /** Name in tables: `D's convolutional layers`. */
  readonly title: string;
  /** Features per image. */
  readonly features: number;
  /** Batch size. */
  readonly batch: number;
  /** Images [batch, size, size, channels] in [-1, 1] → [batch, features]. */
  extract(images: Float32Array<ArrayBuffer>): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Settings of a feature set. */
export interface FeatureSetOptions {
  readonly name: string;
  readonly title: string;
  readonly engine: Engine;
  readonly dataset: Pick<Dataset, 'width' | 'height' | 'channels'>;
  readonly batch: number;
  /** Images [batch, size, size, channels] → [batch, features]. Reads the engine's state. */
  readonly featuresOf: (state: NamedTensors, images: Tensor) => Tensor;
}

/** Compiles a feature set. Closing it leaves the engine to its owner. */
export async function compileFeatureSet(options: FeatureSetOptions): Promise<FeatureSet> {
  const { name, title, engine, dataset, batch, featuresOf } = options;
  const { width, height, channels } = dataset;
  const images = { shape: [batch, height, width, channels], dtype: 'float32' } as const;
  let features = 0;
  const compiled: CompiledFunction = await engine.compile(
    (state, inputs) => {
      const computed = featuresOf(state, inputs['images']!);
      features = computed.shape[1]!;
      return { outputs: { features: computed } };
    },
    { images },
  );
  return {
    name,
    title,
    features,
    batch,
    async extract(data) {
      const outputs = await compiled.run({ images: { ...images, data } });
      return outputs['features']!.data as Float32Array;
    },
    close: () => compiled.dispose(),
  };
}

/** Inputs of {@link eachFeature}. */
export interface ExtractionOptions {
  readonly set: FeatureSet;
  readonly dataset: Dataset;
  readonly indices: Int32Array;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/**
 * Extracts features of the images at `indices`, a batch at a time. Calls `onBatch` with the position in `indices` of the
 * batch's first image, and features [n, features]. Throws UserError for a feature that is not finite.
 */
export async function eachFeature(
  { set, dataset, indices, signal, onProgress }: ExtractionOptions,
  onBatch: (first: number, features: Float32Array) => Promise<void> | void,
): Promise<void> {
  const { batch } = set;
  const length = lengthOf(dataset);
  const pixels = new Uint8Array(batch * length);
  const images = new Float32Array(batch * length);
  for (let first = 0; first < indices.length; first += batch) {
    signal.throwIfAborted();
    const part = indices.subarray(first, first + batch);
    await dataset.readInto(part, pixels.subarray(0, part.length * length));
    // An incomplete last batch is padded with old images; their features are dropped.
    toFloats(pixels.subarray(0, part.length * length), images);
    const features = (await set.extract(images)).subarray(0, part.length * set.features);
    for (let i = 0; i < features.length; i++) {
      if (Number.isFinite(features[i])) continue;
      throw new UserError(
        `${set.title}: image ${part[Math.floor(i / set.features)]} of ${dataset.name} gives a feature that is not a number; ` +
          'the weights have diverged: take an earlier --checkpoint',
      );
    }
    await onBatch(first, features);
    onProgress(Math.min(indices.length, first + batch));
  }
}
