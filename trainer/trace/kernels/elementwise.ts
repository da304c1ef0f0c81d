// Kernels that work element by element, with broadcasting where they take several inputs.
import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorSpec, ValueType } from '../graph.ts';
import { need, type InferOutputs, type KernelTable } from './kernel.ts';

const unary: InferOutputs = (inputs) => {
  const x = need(inputs, 'x');
  return [{ shape: x.shape, dtype: x.dtype }];
};

const unaryBool: InferOutputs = (inputs) => [{ shape: need(inputs, 'x').shape, dtype: 'bool' }];

function broadcast(a: TensorSpec, b: TensorSpec): number[] {
  return backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}

const binary: InferOutputs = (inputs) => {
  const a = need(inputs, 'a');
  const b = need(inputs, 'b');
  return [{ shape: broadcast(a, b), dtype: a.dtype }];
};

const comparison: InferOutputs = (inputs) => [
  { shape: broadcast(need(inputs, 'a'), need(inputs, 'b')), dtype: 'bool' },
];

function all(names: readonly string[], infer: InferOutputs): KernelTable {
  return Object.fromEntries(names.map((name) => [name, infer]));
}

/** Element-wise kernels. */
export const elementwise: KernelTable = {
  ...all(
    ['Abs', 'Neg', 'Exp', 'Expm1', 'Log', 'Log1p', 'Sqrt', 'Rsqrt', 'Square', 'Reciprocal', 'Sign', 'Floor'],
    unary,
  ),
  ...all(
    ['Ceil', 'Round', 'Relu', 'Relu6', 'LeakyRelu', 'Elu', 'Selu', 'Softplus', 'Sigmoid', 'Tanh'],
    unary,
  ),
  ...all(
    ['Step', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh'],
    unary,
  ),
  ...all(['Erf', 'ClipByValue', 'OnesLike', 'ZerosLike', 'Softmax', 'LogSoftmax'], unary),
  ...all(['IsNan', 'IsInf', 'IsFinite', 'LogicalNot'], unaryBool),
  ...all(['Add', 'Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Mod', 'Pow', 'Maximum', 'Minimum'], binary),
  ...all(['SquaredDifference', 'Atan2'], binary),
  ...all(['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual'], comparison),
  ...all(['LogicalAnd', 'LogicalOr'], comparison),
  Softmax: (inputs) => unary({ x: need(inputs, 'logits') }, {}),
  LogSoftmax: (inputs) => unary({ x: need(inputs, 'logits') }, {}),
  RealDiv: (inputs, attrs) => binary(inputs, attrs).map((spec) => ({ ...spec, dtype: 'float32' })),
  Prelu: (inputs) => {
    const x = need(inputs, 'x');
    return [{ shape: broadcast(x, need(inputs, 'alpha')), dtype: x.dtype }];
  },
  EluGrad: (inputs) => unary({ x: need(inputs, 'dy') }, {}),
  Cast: (inputs, attrs) => [{ shape: need(inputs, 'x').shape, dtype: attrs['dtype'] as ValueType }],
  Select: (inputs) => {
    const t = need(inputs, 't');
    return [{ shape: t.shape, dtype: t.dtype }];
  },
  AddN: (inputs) => [need(inputs, '0')].map(({ shape, dtype }) => ({ shape, dtype })),
};
