// Cases of matrix products and convolutions: kernels of even and odd sizes, strides, dilations and pads of every
// kind, images with rows left over and images smaller than the kernel.
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '../../../../trainer/graph/trace/graph.ts';
import { convolutionInfo } from '../../../../trainer/graph/trace/kernels/products.ts';
import { runKernel, type CaseMaker, type Draw, type KernelCase } from './kernel-case.ts';

type T = tf.Tensor;
type Pad = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** A convolution's window and the shapes around it. */
interface Window {
  readonly name: string;
  readonly attrs: {
    readonly strides: [number, number];
    readonly dilations: [number, number];
    readonly pad: Pad;
    readonly dataFormat: 'NHWC';
  };
  readonly images: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly output: [number, number, number, number];
}

function drawPad(draw: Draw): Pad {
  const side = (): [number, number] => [draw.integer(0, 3), draw.integer(0, 3)];
  return draw.pick<Pad>(['same', 'same', 'valid', draw.integer(0, 2), [[0, 0], side(), side(), [0, 0]]]);
}

/** Windows for which the convolution has an output; tfjs's gradient kernels have no dilations. */
function windows(draw: Draw, count: number, isDepthwise: boolean, hasDilations: boolean): Window[] {
  const found: Window[] = [];
  while (found.length < count) {
    const strided = draw.chance();
    const pair = (low: number, high: number): [number, number] => [
      draw.integer(low, high),
      draw.integer(low, high),
    ];
    const strides = strided ? pair(1, 3) : ([1, 1] as [number, number]);
    const dilations = strided || !hasDilations ? ([1, 1] as [number, number]) : pair(1, 3);
    const pad = drawPad(draw);
    const images: Window['images'] = [draw.integer(1, 3), ...pair(1, 8), draw.integer(1, 4)];
    const filter: Window['filter'] = [...pair(1, 5), images[3], draw.integer(1, 4)];
    const attrs = { strides, dilations, pad, dataFormat: 'NHWC' } as const;
    let output: Window['output'];
    try {
      output = convolutionInfo(images, filter, attrs, isDepthwise).outShape;
    } catch {
      continue; // images smaller than the window
    }
    const name = `[${images}] by [${filter}], strides ${strides}, dilations ${dilations}, pad ${JSON.stringify(pad)}`;
    found.push({ name, attrs, images, filter, output });
  }
  return found;
}

/** Cases of one kernel of a convolution's three. */
function convolution(kernel: string, part: 'output' | 'input' | 'filter', isDepthwise = false): CaseMaker {
  return (draw) =>
    windows(draw, 40, isDepthwise, part === 'output').map(
      ({ name, attrs, images, filter, output }): KernelCase => {
        const inputs: Record<string, HostTensor> = {};
        if (part !== 'input') inputs['x'] = draw.floats(images);
        if (part !== 'output') inputs['dy'] = draw.floats(output);
        if (part !== 'filter') inputs['filter'] = draw.floats(filter);
        const names = Object.keys(inputs);
        const all = { ...attrs, inputShape: images, filterShape: filter, dimRoundingMode: undefined };
        return {
          name,
          inputs,
          compute: (...tensors: T[]) =>
            runKernel(kernel, Object.fromEntries(names.map((key, i) => [key, tensors[i]!])), all),
        };
      },
    );
}

/** DCGAN's own convolutions: kernel 4 or 5, stride 2, "same". */
const halving: CaseMaker = (draw) =>
  [4, 5].flatMap((size) =>
    [7, 8].map((side) => ({
      name: `kernel ${size}, stride 2, ${side}x${side}`,
      inputs: { x: draw.floats([2, side, side, 3]), filter: draw.floats([size, size, 3, 4]) },
      compute: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 2, 'same'),
    })),
  );

const doubling: CaseMaker = (draw) =>
  [4, 5].flatMap((size) =>
    [7, 8].map((side) => ({
      name: `kernel ${size}, stride 2, to ${side}x${side}`,
      inputs: { x: draw.floats([2, 4, 4, 3]), filter: draw.floats([size, size, 5, 3]) },
      compute: (x: tf.Tensor4D, filter: tf.Tensor4D) =>
        tf.conv2dTranspose(x, filter, [2, side, side, 5], 2, 'same'),
    })),
  );

type Activation = tf.fused.Activation;
const activations: readonly Activation[] = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'sigmoid',
  'leakyrelu',
  'prelu',
];

const fusedConvolution: CaseMaker = (draw) =>
  activations.flatMap((activation) =>
    [true, false].map((hasBias) => {
      const inputs: Record<string, HostTensor> = {
        x: draw.floats([2, 5, 6, 3]),
        filter: draw.floats([3, 3, 3, 4]),
        ...(hasBias && { bias: draw.floats([4]) }),
        ...(activation === 'prelu' && { alpha: draw.floats([1, 1, 4]) }),
      };
      const names = Object.keys(inputs);
      return {
        name: `${activation}${hasBias ? ' with bias' : ''}`,
        inputs,
        compute: (...tensors: T[]) => {
          const get = (name: string): T | undefined => tensors[names.indexOf(name)];
          return tf.fused.conv2d({
            x: get('x') as tf.Tensor4D,
            filter: get('filter') as tf.Tensor4D,
            strides: 2,
            pad: 'same',
            activation,
            leakyreluAlpha: 0.1,
            bias: get('bias')!,
            preluActivationWeights: get('alpha')!,
          });
        },
      };
    }),
  );

const fusedProduct: CaseMaker = (draw) =>
  activations.flatMap((activation) =>
    [true, false].map((hasBias) => {
      const [ta, tb] = [draw.chance(), draw.chance()];
      const inputs: Record<string, HostTensor> = {
        a: draw.floats(ta ? [3, 4] : [4, 3]),
        b: draw.floats(tb ? [5, 3] : [3, 5]),
        ...(hasBias && { bias: draw.floats([5]) }),
        ...(activation === 'prelu' && { alpha: draw.floats([5]) }),
      };
      const names = Object.keys(inputs);
      return {
        name: `${activation}${hasBias ? ' with bias' : ''}${ta ? ', a transposed' : ''}${tb ? ', b transposed' : ''}`,
        inputs,
        compute: (...tensors: T[]) => {
          const get = (name: string): T | undefined => tensors[names.indexOf(name)];
          return tf.fused.matMul({
            a: get('a')!,
            b: get('b')!,
            transposeA: ta,
            transposeB: tb,
            activation,
            leakyreluAlpha: 0.1,
            bias: get('bias')!,
            preluActivationWeights: get('alpha')!,
          });
        },
      };
    }),
  );

/** Matrix products of rank 2 to 4, each operand straight or transposed, batches broadcast. */
const matrixProduct: CaseMaker = (draw) =>
  (['float32', 'int32'] as const).flatMap((dtype) =>
    [[], [3], [2, 3]].flatMap((batch) =>
      [0, 1, 2, 3].flatMap((flags) => {
        const [ta, tb] = [(flags & 1) === 1, (flags & 2) === 2];
        const [m, k, n] = draw.shape(3, 5);
        const a = [...batch.map((dim) => (draw.chance() ? 1 : dim)), ...(ta ? [k!, m!] : [m!, k!])];
        const b = [...batch, ...(tb ? [n!, k!] : [k!, n!])];
        return {
          name: `${dtype} [${a}]${ta ? ' transposed' : ''} by [${b}]${tb ? ' transposed' : ''}`,
          inputs: { a: draw.any(a, dtype), b: draw.any(b, dtype) },
          compute: (x: T, y: T) => tf.matMul(x, y, ta, tb),
        };
      }),
    ),
  );

/** Cases of matrix products and convolutions, by name. */
export const productCases: Readonly<Record<string, CaseMaker>> = {
  BatchMatMul: matrixProduct,
  _FusedMatMul: fusedProduct,
  Conv2D: (draw) => [...convolution('Conv2D', 'output')(draw), ...halving(draw)],
  FusedConv2D: fusedConvolution,
  Conv2DBackpropInput: (draw) => [...convolution('Conv2DBackpropInput', 'input')(draw), ...doubling(draw)],
  Conv2DBackpropFilter: convolution('Conv2DBackpropFilter', 'filter'),
  DepthwiseConv2dNative: convolution('DepthwiseConv2dNative', 'output', true),
  DepthwiseConv2dNativeBackpropInput: convolution('DepthwiseConv2dNativeBackpropInput', 'input', true),
  DepthwiseConv2dNativeBackpropFilter: convolution('DepthwiseConv2dNativeBackpropFilter', 'filter', true),
};
