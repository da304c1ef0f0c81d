// Perceptual distance of two images (Zhang 2018, section 3.1: LPIPS): activations of some layers are normalised over the channels,
// and their squared differences are weighted by channel, averaged over places and summed over layers.

/** Activations of one layer: [count, channels, places] (NCHW). */
export interface LayerTaps {
  readonly channels: number;
  readonly places: number;
  readonly data: Float32Array;
}

/** A weight for each channel of a layer; null means 1 / channels for each. */
export type LayerWeights = readonly (ArrayLike<number> | null)[];

/**
 * The distance of image `i` of one batch from image `j` of another, over the same layers. Throws RangeError if weights
 * and channels do not match.
 */
export function perceptualDistance(
  a: readonly LayerTaps[],
  i: number,
  b: readonly LayerTaps[],
  j: number,
  weights: LayerWeights,
): number {
  if (weights.length !== a.length || a.length !== b.length) {
    throw new RangeError(`weights: got ${weights.length} layers, expected ${a.length}`);
  }
  let distance = 0;
  a.forEach((layer, l) => {
    const other = b[l]!;
    const { channels, places } = layer;
    const weight = weights[l];
    if (weight != null && weight.length !== channels) {
      throw new RangeError(`weights of layer ${l}: got ${weight.length}, expected ${channels}`);
    }
    const [from, to] = [i * channels * places, j * channels * places];
    let sum = 0;
    for (let p = 0; p < places; p++) {
      let [normA, normB] = [0, 0];
      for (let c = 0; c < channels; c++) {
        normA += layer.data[from + c * places + p]! ** 2;
        normB += other.data[to + c * places + p]! ** 2;
      }
      const [scaleA, scaleB] = [1 / (Math.sqrt(normA) + 1e-10), 1 / (Math.sqrt(normB) + 1e-10)];
      for (let c = 0; c < channels; c++) {
        const difference =
          layer.data[from + c * places + p]! * scaleA - other.data[to + c * places + p]! * scaleB;
        sum += (weight == null ? 1 / channels : weight[c]!) * difference ** 2;
      }
    }
    distance += sum / places;
  });
  return distance;
}
