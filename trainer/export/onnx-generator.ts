// The frozen generator as an ONNX file: recorded at two batch sizes, lowered with the batch as a symbol, its
// parameters as initialisers under their own names.
import type { NamedTensors } from '../engine/engine.ts';
import { lower } from '../lower/lower.ts';
import type { Graph, TensorSpec } from '../trace/graph.ts';
import { record } from '../trace/record.ts';
import type { FrozenGenerator } from './frozen-networks.ts';

/** What a generator's file is made with. */
export interface GeneratorFileOptions {
  /** The graph's name in the file. */
  readonly name: string;
  readonly latentDim: number;
  /** Whether weights are stored in half precision and cast to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** Whether what each layer gives comes out as well: `generator/block1` [n, h, w, c], … Default false. */
  readonly withLayers?: boolean;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Two batch sizes that no other dimension is a multiple of by chance; one would make axes of length one. */
const batches = [7, 11] as const;

/**
 * The bytes of `generator.onnx`: `z` [n, latentDim] → `images` [n, size, size, channels] in [-1, 1], float32 both.
 * Throws Error where the generator cannot be recorded or lowered.
 */
export function encodeGenerator(generator: FrozenGenerator, options: GeneratorFileOptions): Uint8Array {
  const { name, latentDim, isHalf, withLayers = false, metadata = {} } = options;
  const graphAt = (batch: number): Graph => {
    const specs: Record<string, TensorSpec> = {
      z: { shape: [batch, latentDim], dtype: 'float32' },
      ...generator.parameters,
    };
    return record(
      ({ z, ...parameters }) =>
        withLayers
          ? generator.layers(parameters as NamedTensors, z!)
          : { images: generator.generate(parameters as NamedTensors, z!) },
      specs,
    );
  };
  const [batch, otherBatch] = batches;
  return lower(graphAt(batch), {
    name,
    weights: generator.parameters,
    halfWeights: isHalf,
    batch: { batch, otherBatch, otherGraph: graphAt(otherBatch) },
    metadata,
  });
}
