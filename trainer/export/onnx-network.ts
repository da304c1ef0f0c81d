// A frozen network as an ONNX file: recorded at two batch sizes, lowered with a symbolic batch axis, parameters as initialisers
// under their own names.
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import { lower } from '../graph/lower/lower.ts';
import type { Graph, TensorSpec } from '../graph/trace/graph.ts';
import { record } from '../graph/trace/record.ts';

/** Options of {@link encodeNetwork}. */
export interface NetworkFileOptions {
  /** Name of the graph in the file. */
  readonly name: string;
  readonly parameters: NamedHostTensors;
  /** The inputs for a batch of `batch`. */
  readonly inputsAt: (batch: number) => Readonly<Record<string, TensorSpec>>;
  /** The outputs as a function of parameters and inputs. */
  readonly compute: (parameters: NamedTensors, inputs: NamedTensors) => NamedTensors;
  /** Store weights in half precision and cast them to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** True for the names of weights that stay in float32 with `isHalf`. Default: none. */
  readonly keepWhole?: (name: string) => boolean;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Two batch sizes that are unlikely to divide another dimension; a batch of 1 would be mistaken for an axis of length 1. */
const batches = [7, 11] as const;

/** The bytes of the file. Throws Error if the network cannot be recorded or lowered. */
export function encodeNetwork(options: NetworkFileOptions): Uint8Array {
  const { name, parameters, inputsAt, compute, isHalf, keepWhole, metadata = {} } = options;
  const graphAt = (batch: number): Graph => {
    const inputs = inputsAt(batch);
    return record(
      (tensors) => {
        const of = (names: Readonly<Record<string, unknown>>): NamedTensors =>
          Object.fromEntries(Object.keys(names).map((key) => [key, tensors[key]!]));
        return compute(of(parameters), of(inputs));
      },
      { ...inputs, ...parameters },
    );
  };
  const [batch, otherBatch] = batches;
  return lower(graphAt(batch), {
    name,
    weights: parameters,
    halfWeights: isHalf,
    ...(keepWhole && { keepWhole }),
    batch: { batch, otherBatch, otherGraph: graphAt(otherBatch) },
    metadata,
  });
}
