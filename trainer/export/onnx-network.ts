// A frozen network as an ONNX file: recorded at two batch sizes, lowered with the batch as a symbol, its parameters as
// initialisers under their own names.
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import { lower } from '../graph/lower/lower.ts';
import type { Graph, TensorSpec } from '../graph/trace/graph.ts';
import { record } from '../graph/trace/record.ts';

/** What a file is made of. */
export interface NetworkFileOptions {
  /** The graph's name in the file. */
  readonly name: string;
  readonly parameters: NamedHostTensors;
  /** The inputs for a batch of this size. */
  readonly inputsAt: (batch: number) => Readonly<Record<string, TensorSpec>>;
  /** The outputs, of the parameters and the inputs. */
  readonly compute: (parameters: NamedTensors, inputs: NamedTensors) => NamedTensors;
  /** Whether weights are stored in half precision and cast to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** Whether a weight stays whole even so, by name. Default: none does. */
  readonly keepWhole?: (name: string) => boolean;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Two batch sizes that no other dimension is a multiple of by chance; one would make axes of length one. */
const batches = [7, 11] as const;

/** The file's bytes. Throws Error where the network cannot be recorded or lowered. */
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
