// The half-precision twin of a network: large weights are stored in half precision and cast to float32 before use, which halves the
// file and keeps the arithmetic.
import { halfBytes, isWorthHalving } from '../graph/lower/half.ts';
import { elementType } from '../graph/lower/onnx-schema.ts';
import { sizeOf } from '../graph/trace/graph.ts';
import type { Network, NetworkNode } from './network.ts';
import { NewValues, nodeOf, type NamedTensor } from './new-values.ts';
import { valuesOf } from './tensor-values.ts';

const { float32, float16 } = elementType;

/** The network with its large weights in half precision. */
export function halveWeights(network: Network): Network {
  const values = new NewValues(network);
  const casts: NetworkNode[] = [];
  const initialisers = network.initialisers.map((tensor): NamedTensor => {
    const { name, dims, data_type } = tensor;
    if (data_type !== float32 || !isWorthHalving({ length: sizeOf(dims) })) return tensor;
    const stored = values.name(`${name}/half`);
    casts.push(nodeOf('Cast', [stored], name, { to: { i: float32 } }));
    return {
      name: stored,
      dims,
      data_type: float16,
      raw_data: halfBytes(Float32Array.from(valuesOf(tensor))),
    };
  });
  return { ...network, nodes: [...casts, ...network.nodes], initialisers };
}
