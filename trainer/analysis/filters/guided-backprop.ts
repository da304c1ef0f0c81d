// Guided backpropagation (Springenberg 2014, section 3.4): the gradient of one unit at the image, in which every ReLU passes on
// only positive gradients. It shows the parts of the image that excite the unit; inhibiting parts cannot cancel them.
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../../data/dataset.ts';
import type { CompiledFunction, Engine, StateFunction } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import type { FrozenDiscriminator } from '../../frozen/frozen-networks.ts';
import { leak } from '../../networks/discriminator.ts';
import { detached } from '../../graph/trace/stop-gradient.ts';
import { valueAndGradients } from '../../graph/trace/value-and-gradients.ts';
import { readImages } from '../../data/read-images.ts';

/**
 * A leaky ReLU with a guided gradient: max(dy, 0) for positive x, `slope` · max(dy, 0) otherwise. The paper's rule is for
 * a ReLU, whose gradient is 0 for negative x; that of a leaky one is its slope there.
 */
export function guidedLeakyRelu(x: tf.Tensor, slope = leak): tf.Tensor {
  return tf.customGrad((...args) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([input]);
    return {
      value: tf.leakyRelu(input, slope),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.mul(
          tf.relu(dy),
          detached(() => tf.step(saved[0]!, slope)),
        ),
    };
  })(x);
}

/** A unit of a layer with its response to an image. */
export interface Response {
  /** Index of the image. */
  readonly image: number;
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** The result of a search. */
export interface Responses {
  /** The strongest responses of each filter, one per image, strongest first. */
  readonly strongest: readonly (readonly Response[])[];
  /** The largest response of each filter in each image: [images, filters]. */
  readonly perImage: Float32Array;
}

/** Probes one layer of a discriminator, whose parameters are in the engine's state. Calls must not overlap. */
export interface LayerProbe {
  /** Shape of the layer's activations: [height, width, filters]. */
  readonly shape: readonly [number, number, number];
  /**
   * Finds the layer's strongest responses over images of the data, `keep` per filter. Throws UserError if D's outputs are
   * not finite, the signal's reason when aborted.
   */
  search(indices: readonly number[], keep: number, options: SearchOptions): Promise<Responses>;
  /** The guided gradient of one filter's responses, at their images: [responses, height, width, channels]. */
  guide(filter: number, responses: readonly Response[]): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Progress and abortion of a search. */
export interface SearchOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const batch = 64;
const guidedBatch = 16;

/**
 * Compiles the functions for `layer` of a discriminator; the engine must hold its parameters, or others of the same
 * shapes.
 */
export async function openLayerProbe(
  engine: Engine,
  discriminator: FrozenDiscriminator,
  dataset: Dataset,
  layer: string,
): Promise<LayerProbe> {
  const specOf = (count: number) =>
    ({
      shape: [count, dataset.height, dataset.width, dataset.channels],
      dtype: 'float32',
    }) as const;
  let shape: readonly [number, number, number] = [0, 0, 0];
  const respond: StateFunction = (state, { images }) => {
    const activation = discriminator.layers(state, images!)[layer]!;
    shape = activation.shape.slice(1) as [number, number, number];
    return { outputs: { activation } };
  };
  const answer = await engine.compile(respond, { images: specOf(batch) });
  const [height, width, filters] = shape;
  const pickSpec = { shape: [guidedBatch, height, width, filters], dtype: 'float32' } as const;
  const guide: StateFunction = (state, { images, pick }) => {
    const picked = (): tf.Tensor =>
      tf.sum(tf.mul(discriminator.layers(state, images!, { rectify: guidedLeakyRelu })[layer]!, pick!));
    return { outputs: { guided: valueAndGradients(picked, [images!]).gradients[0]! } };
  };
  let guided: CompiledFunction | null = null;
  const imageLength = lengthOf(dataset);

  return {
    shape,
    async search(indices, keep, { signal, onProgress }) {
      const strongest: Response[][] = Array.from({ length: filters }, () => []);
      const perImage = new Float32Array(indices.length * filters);
      for (let first = 0; first < indices.length; first += batch) {
        signal.throwIfAborted();
        const some = indices.slice(first, first + batch);
        // The last batch is padded with images that are ignored.
        const filled = Array.from({ length: batch }, (_, i) => some[i] ?? some[0]!);
        const images = { ...specOf(batch), data: await readImages(dataset, filled) };
        const { data } = (await answer.run({ images }))['activation']!;
        for (const [i, image] of some.entries()) {
          for (const [filter, response] of largestOf(data as Float32Array, i, shape, image).entries()) {
            perImage[(first + i) * filters + filter] = response.value;
            insert(strongest[filter]!, response, keep);
          }
        }
        onProgress?.(Math.min(indices.length, first + batch), indices.length);
      }
      return { strongest, perImage };
    },
    async guide(filter, responses) {
      guided ??= await engine.compile(guide, { images: specOf(guidedBatch), pick: pickSpec });
      const pictures = new Float32Array(responses.length * imageLength);
      for (let first = 0; first < responses.length; first += guidedBatch) {
        const some = responses.slice(first, first + guidedBatch);
        const data = new Float32Array(guidedBatch * imageLength);
        const read = await readImages(
          dataset,
          some.map(({ image }) => image),
        );
        data.set(read);
        const pick = new Float32Array(guidedBatch * height * width * filters);
        for (const [i, { row, column }] of some.entries()) {
          pick[((i * height + row) * width + column) * filters + filter] = 1;
        }
        const outputs = await guided.run({
          images: { ...specOf(guidedBatch), data },
          pick: { ...pickSpec, data: pick },
        });
        const found = outputs['guided']!.data as Float32Array;
        pictures.set(found.subarray(0, some.length * imageLength), first * imageLength);
      }
      return pictures;
    },
    async dispose() {
      await answer.dispose();
      await guided?.dispose();
    },
  };
}

/**
 * The largest activation of each filter in image `i` of a batch, and its place. Throws UserError for NaN and infinities.
 */
function largestOf(
  data: Float32Array,
  i: number,
  [height, width, filters]: readonly [number, number, number],
  image: number,
): Response[] {
  const values = new Float32Array(filters).fill(-Infinity);
  const places = new Int32Array(filters);
  const start = i * height * width * filters;
  for (let place = 0; place < height * width; place++) {
    for (let filter = 0; filter < filters; filter++) {
      const value = data[start + place * filters + filter]!;
      if (value > values[filter]!) {
        values[filter] = value;
        places[filter] = place;
      } else if (!Number.isFinite(value)) values[filter] = NaN;
    }
  }
  const lost = values.findIndex((value) => !Number.isFinite(value));
  if (lost >= 0) {
    throw new UserError(
      `the discriminator's filter ${lost} gives ${values[lost]} for image ${image}: its weights have diverged; ` +
        'give an earlier --checkpoint',
    );
  }
  return Array.from(values, (value, filter) => ({
    image,
    row: Math.floor(places[filter]! / width),
    column: places[filter]! % width,
    value,
  }));
}

/** Inserts a response into a list of at most `keep`, strongest first. */
function insert(list: Response[], response: Response, keep: number): void {
  if (list.length === keep && list[keep - 1]!.value >= response.value) return;
  let at = list.length;
  while (at > 0 && list[at - 1]!.value < response.value) at -= 1;
  list.splice(at, 0, response);
  if (list.length > keep) list.pop();
}
