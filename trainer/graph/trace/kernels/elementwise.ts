// Kernels that work element by element, with broadcasting where they take several inputs. Integers in
// kernels that are meant for floats throw, because tfjs's backends compute different results for them.
import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorSpec, ValueType } from '../graph.ts';
import {
  accepting,
  anyType,
  forEach,
  need,
  numeric,
  valueType,
  type InferOutputs,
  type KernelTable,
} from './kernel.ts';

/** The shape of the only input; its type, or the given one. */
function like(dtype?: ValueType): InferOutputs {
  return (inputs) => {
    const x = Object.values(inputs)[0]!;
    return [{ shape: x.shape, dtype: dtype ?? x.dtype }];
  };
}

function broadcast(a: TensorSpec, b: TensorSpec): number[] {
  return backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}

/** The shape of `a` and `b` together; `a`'s type, or the given one. */
function pair(dtype?: ValueType): InferOutputs {
  return (inputs) => {
    const a = need(inputs, 'a');
    return [{ shape: broadcast(a, need(inputs, 'b')), dtype: dtype ?? a.dtype }];
  };
}

const select: InferOutputs = (inputs) => {
  const [condition, t, e] = ['condition', 't', 'e'].map((name) => need(inputs, name));
  if (condition!.dtype !== 'bool')
    throw new RangeError(`got a condition of ${condition!.dtype}, expected bool`);
  const list = [condition!, t!, e!].map(({ shape }) => `[${shape}]`);
  if (new Set(list).size > 1) throw new RangeError(`got shapes ${list.join(', ')}, expected one shape`);
  if (t!.dtype !== e!.dtype) throw new RangeError(`got ${t!.dtype} and ${e!.dtype}, expected one type`);
  return [{ shape: t!.shape, dtype: t!.dtype }];
};

const prelu: InferOutputs = (inputs) => {
  const x = need(inputs, 'x');
  const alpha = need(inputs, 'alpha');
  if (x.dtype === 'bool' || alpha.dtype === 'bool')
    throw new RangeError('got bool, expected float32 or int32');
  if (broadcast(x, alpha).join() !== x.shape.join()) {
    throw new RangeError(
      `got alpha [${alpha.shape}] for [${x.shape}], expected a shape that broadcasts to it`,
    );
  }
  return [{ shape: x.shape, dtype: 'float32' }];
};

const addN: InferOutputs = (inputs) => {
  const list = Object.values(inputs).map(({ shape }) => `[${shape}]`);
  if (new Set(list).size > 1) throw new RangeError(`got shapes ${list.join(', ')}, expected one shape`);
  return like()(inputs, {});
};

const floats: readonly ValueType[] = ['float32'];
const booleans: readonly ValueType[] = ['bool'];

/** Element-wise kernels. */
export const elementwise: KernelTable = {
  ...forEach(
    ['Expm1', 'Log', 'Log1p', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Floor', 'Ceil', 'Elu', 'Selu', 'Softplus'],
    accepting(floats, like()),
  ),
  ...forEach(
    ['Sigmoid', 'Tanh', 'Erf', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh'],
    accepting(floats, like()),
  ),
  ...forEach(['Atanh', 'Softmax'], accepting(floats, like())),
  ...forEach(
    ['Abs', 'Neg', 'Square', 'Sign', 'Round', 'Relu', 'Relu6', 'Step', 'ClipByValue'],
    accepting(numeric, like()),
  ),
  ...forEach(['Exp', 'LeakyRelu'], accepting(numeric, like('float32'))),
  ...forEach(['OnesLike', 'ZerosLike'], like()),
  ...forEach(['IsNan', 'IsInf', 'IsFinite'], like('bool')),
  LogicalNot: accepting(booleans, like()),
  Cast: (inputs, attrs) => like(valueType(attrs['dtype']))(inputs, attrs),

  ...forEach(
    ['Add', 'Sub', 'Multiply', 'Mod', 'Pow', 'Maximum', 'Minimum', 'SquaredDifference'],
    accepting(numeric, pair()),
  ),
  ...forEach(['RealDiv', 'Atan2'], accepting(floats, pair())),
  FloorDiv: accepting(['int32'], pair()),
  ...forEach(
    ['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual'],
    accepting(anyType, pair('bool')),
  ),
  ...forEach(['LogicalAnd', 'LogicalOr'], accepting(booleans, pair())),
  Prelu: prelu,
  AddN: accepting(numeric, addN),
  Select: select,
};
