// dcgan/trace: turns a pure function of tfjs tensors, autodiff included, into a graph, and the graph into ONNX.
export { record } from './record.ts';
export { replay } from './replay.ts';
export { registerGradients } from './gradients/register.ts';
export { stopGradient } from './stop-gradient.ts';
export { valueAndGradients } from './value-and-gradients.ts';
export { lower, type LowerOptions } from '../lower/lower.ts';
export type { BatchPair } from '../lower/batch.ts';
export type { Layout } from '../lower/layout.ts';
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
} from './graph.ts';
