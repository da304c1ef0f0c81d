// How different two pictures look to a network (Zhang 2018, section 3.1: LPIPS): its activations at some layers, made unit vectors
// over their channels, their squared differences weighted by the channel, averaged over places and added up over layers.

/** Activations of one layer: [count, channels, places], as networks in NCHW give them. */
export interface LayerTaps {
  readonly channels: number;
  readonly places: number;
  readonly data: Float32Array;
}

/** A weight for each channel of a layer; the same for all (1 / channels) where none were learned. */
export type LayerWeights = readonly (ArrayLike<number> | null)[];

/**
 * The distance of picture `i` of one batch from picture `j` of another, over the same layers. Throws RangeError where
 * weights and channels do not match.
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
