// dcgan/trace: turns a pure function of tfjs tensors, autodiff included, into a graph, and the graph into ONNX.
export { record } from './trace/record.ts';
export { replay } from './trace/replay.ts';
export { registerGradients } from './trace/gradients/register.ts';
export { stopGradient } from './trace/stop-gradient.ts';
export { valueAndGradients } from './trace/value-and-gradients.ts';
export { lower, type LowerOptions } from './lower/lower.ts';
export type { BatchPair } from './lower/batch.ts';
export type { Layout } from './lower/layout.ts';
export type {
  Attribute,
  AttributeRecord,
  Constant,
  Graph,
  HostTensor,
  Node,
  TensorSpec,
  Value,
  ValueId,
  ValueType,
} from './trace/graph.ts';
