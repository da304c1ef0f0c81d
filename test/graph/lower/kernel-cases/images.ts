// Cases of pooling, resizing and batch norm.
import * as tf from '@tensorflow/tfjs-core';
import { poolInfo } from '../../../../trainer/graph/trace/kernels/products.ts';
import { runKernel, type CaseMaker, type Draw, type KernelCase } from './kernel-case.ts';

type T = tf.Tensor;

/** Pooling windows that hold some of the image each, and the shapes before and behind. */
function pools(draw: Draw, count: number) {
  const found: { name: string; attrs: Record<string, never>; images: number[]; output: number[] }[] = [];
  while (found.length < count) {
    const images = [draw.integer(1, 3), draw.integer(2, 8), draw.integer(2, 8), draw.integer(1, 3)];
    const filterSize = [draw.integer(1, 3), draw.integer(1, 3)];
    const strides = draw.chance() ? filterSize : [draw.integer(1, 3), draw.integer(1, 3)];
    const pad = draw.pick(['same', 'valid', Math.min(...filterSize) - 1]);
    const attrs = {
      filterSize,
      strides,
      pad,
      dimRoundingMode: typeof pad === 'number' ? 'floor' : undefined,
    };
    try {
      const output = poolInfo(images, attrs).outShape;
      const name = `[${images}] by ${filterSize}, strides ${strides}, pad ${pad}`;
      found.push({ name, attrs: attrs as never, images, output });
    } catch {
      continue; // images smaller than the window
    }
  }
  return found;
}

const pooling =
  (kernel: string): CaseMaker =>
  (draw) =>
    pools(draw, 30).map(({ name, attrs, images }) => ({
      name,
      inputs: { x: draw.floats(images) },
      compute: (x: T) => runKernel(kernel, { x }, attrs),
    }));

/** Values with ties: the first of equal ones takes the gradient. */
const poolGradient: CaseMaker = (draw) =>
  pools(draw, 30).map(({ name, attrs, images, output }, i): KernelCase => {
    const ties = draw.ints(images, 0, 2);
    const input =
      i % 2 === 0
        ? draw.floats(images)
        : { ...ties, dtype: 'float32' as const, data: Float32Array.from(ties.data) };
    return {
      name: `${name}${i % 2 === 0 ? '' : ', ties'}`,
      inputs: { dy: draw.floats(output), input },
      compute: (dy: T, x: T) =>
        runKernel('MaxPoolGrad', { dy, input: x, output: runKernel('MaxPool', { x }, attrs) }, attrs),
    };
  });

const resizing =
  (kernel: string): CaseMaker =>
  (draw) =>
    [0, 1, 2].flatMap((option) =>
      Array.from({ length: 12 }, (_, i): KernelCase => {
        const images = draw.shape(4, 6);
        const size =
          i < 4 ? [images[1]! * (i + 1), images[2]! * 2] : [draw.integer(1, 12), draw.integer(1, 12)];
        const attrs = { alignCorners: option === 1, halfPixelCenters: option === 2, size };
        return {
          name: `[${images}] to ${size}${['', ', corners aligned', ', half-pixel centres'][option]}`,
          inputs: { images: i === 5 ? draw.ints(images) : draw.floats(images) },
          compute: (x: T) => runKernel(kernel, { images: x }, attrs),
        };
      }),
    );

const batchNorm: CaseMaker = (draw) =>
  [true, false].flatMap((perChannel) =>
    [0, 1, 2, 3].map((given): KernelCase => {
      const images = draw.shape(4);
      const moments = perChannel ? [images[3]!] : images;
      const [hasScale, hasOffset] = [(given & 1) === 1, (given & 2) === 2];
      return {
        name: `[${images}], moments [${moments}]${hasScale ? ', scale' : ''}${hasOffset ? ', offset' : ''}`,
        inputs: {
          x: draw.floats(images),
          mean: draw.floats(moments),
          variance: draw.floats(moments, 0.2, 2),
          ...(hasScale && { scale: draw.floats(moments) }),
          ...(hasOffset && { offset: draw.floats(moments) }),
        },
        compute: (x: tf.Tensor4D, mean: tf.Tensor1D, variance: tf.Tensor1D, ...rest: tf.Tensor1D[]) =>
          tf.batchNorm(
            x,
            mean,
            variance,
            hasOffset ? rest.at(-1) : undefined,
            hasScale ? rest[0] : undefined,
            1e-3,
          ),
      };
    }),
  );

/** Cases of image kernels, by name. */
export const imageCases: Readonly<Record<string, CaseMaker>> = {
  MaxPool: pooling('MaxPool'),
  AvgPool: pooling('AvgPool'),
  MaxPoolGrad: poolGradient,
  ResizeNearestNeighbor: resizing('ResizeNearestNeighbor'),
  ResizeBilinear: resizing('ResizeBilinear'),
  FusedBatchNorm: batchNorm,
};
