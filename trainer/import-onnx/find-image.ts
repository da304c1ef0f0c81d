// Finds the image among a network's outputs, its layout and the range of its values, from a trial run and the last operators.
import { sizeOf, type HostTensor } from '../graph/trace/graph.ts';
import type { Network } from './network.ts';
import type { Outputs } from './run-source.ts';
import { valuesOf } from './tensor-values.ts';

/** The order of an image's axes after the batch. */
export type ImageLayout = 'nchw' | 'nhwc';
/** Values of black and white, and so of the darkest and brightest pixel. */
export type ImageRange = '-1..1' | '0..1' | '0..255';

/** The ranges, with their ends. */
export const imageRanges: Readonly<Record<ImageRange, readonly [number, number]>> = {
  '-1..1': [-1, 1],
  '0..1': [0, 1],
  '0..255': [0, 255],
};

/** The output that holds the image. */
export interface ImageOutput {
  readonly name: string;
  readonly layout: ImageLayout;
  readonly range: ImageRange;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** True if the last operator keeps the values in the range. */
  readonly isBounded: boolean;
}

/** The user's answers to what the file does not say; null for those not given. */
export interface ImageAnswers {
  readonly imageOutput: string | null;
  readonly layout: ImageLayout | null;
  readonly range: ImageRange | null;
}

const maxSide = 4096;
/** Fewer pixels a side are no image, but channels or a feature map. */
const leastSide = 4;

/** Finds it among the outputs of a trial. Throws Error, with the option that helps, if they do not say. */
export function findImage(network: Network, trial: Outputs, answers: ImageAnswers): ImageOutput {
  const shapes = Object.entries(trial).map(([name, { shape }]) => ({ name, shape }));
  const list = shapes.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
  const { imageOutput } = answers;
  if (imageOutput !== null && !(imageOutput in trial)) {
    throw new Error(`--image-output: got ${imageOutput}, and the file gives ${list}`);
  }
  const candidates = shapes.filter(
    ({ name, shape }) => (imageOutput ?? name) === name && layoutsOf(shape).length > 0,
  );
  const [found, other] = candidates;
  if (found === undefined) throw new Error(`it gives ${list}, expected ${expectedImage}`);
  if (other !== undefined) throw new Error(`it gives ${list}: name the image's output with --image-output`);
  const { name, shape } = found;
  const layouts = layoutsOf(shape).filter((layout) => (answers.layout ?? layout) === layout);
  const [layout] = layouts;
  if (layout === undefined) {
    throw new Error(`--layout: got ${answers.layout}, and the file's image is [${shape.join(', ')}]`);
  }
  if (layouts.length > 1) {
    throw new Error(`its image [${shape.join(', ')}] may be either: give --layout nchw or nhwc`);
  }
  const [height, width] = shape.slice(layout === 'nchw' ? 2 : 1) as [number, number];
  const longer = Math.max(width, height);
  if (longer > maxSide)
    throw new Error(`its images have ${longer} pixels a side, expected at most ${maxSide}`);
  const channels = shape[layout === 'nchw' ? 1 : 3] as 1 | 3;
  const last = rangeOfLast(network, name);
  const range = answers.range ?? last ?? rangeOfValues(trial[name]!);
  return { name, layout, range, width, height, channels, isBounded: last === range };
}

const expectedImage =
  'images of 1 or 3 channels: [n, channels, height, width] or [n, height, width, channels]';

function layoutsOf(shape: readonly number[]): readonly ImageLayout[] {
  if (shape.length !== 4) return [];
  const [, a, b, c] = shape as [number, number, number, number];
  const isChannels = (count: number): boolean => count === 1 || count === 3;
  return [
    ...(isChannels(a) && Math.min(b, c) >= leastSide ? (['nchw'] as const) : []),
    ...(isChannels(c) && Math.min(a, b) >= leastSide ? (['nhwc'] as const) : []),
  ];
}

/** Operators that change neither the values nor, much, their type. */
const passing = ['Identity', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Cast', 'Flatten'];

/** The range that the last operator with an effect on values guarantees; null if it guarantees none. */
function rangeOfLast({ nodes, initialisers }: Network, output: string): ImageRange | null {
  let value = output;
  for (;;) {
    const node = nodes.find((candidate) => candidate.output.includes(value));
    if (node === undefined) return null;
    if (node.op_type === 'Tanh') return '-1..1';
    if (node.op_type === 'Sigmoid') return '0..1';
    if (node.op_type === 'Clip') {
      const limits = [1, 2].map((i) => {
        const limit = initialisers.find(({ name }) => name === node.input[i]);
        return limit === undefined || sizeOf(limit.dims) !== 1 ? NaN : valuesOf(limit)[0];
      });
      const ranges = Object.entries(imageRanges) as [ImageRange, readonly [number, number]][];
      return ranges.find(([, ends]) => ends.every((end, i) => limits[i] === end))?.[0] ?? null;
    }
    if (!passing.includes(node.op_type)) return null;
    value = node.input[0]!;
  }
}

/** The range that fits the values. Throws Error if none does. */
function rangeOfValues({ data }: HostTensor): ImageRange {
  let [least, most] = [Infinity, -Infinity];
  for (const value of data) {
    if (!Number.isFinite(value)) throw new Error(`its images hold ${value}, expected numbers`);
    [least, most] = [Math.min(least, value), Math.max(most, value)];
  }
  // Networks without a last tanh exceed their range a little.
  if (least >= 0 && most <= 1.001) return '0..1';
  if (least < 0 && least >= -2 && most <= 2) return '-1..1';
  if (least >= -16 && most > 2 && most <= 271) return '0..255';
  throw new Error(
    `its images have values from ${least.toPrecision(3)} to ${most.toPrecision(3)}: say what they mean with --range`,
  );
}

/** Images of the file as NHWC in [-1, 1]. */
export function toContract(
  images: HostTensor,
  { layout, range, width, height, channels }: ImageOutput,
): HostTensor {
  const [low, high] = imageRanges[range];
  const count = images.shape[0]!;
  const plane = width * height;
  const data = new Float32Array(images.data.length);
  const scaled = (value: number): number => Math.max(-1, Math.min(1, ((value - low) * 2) / (high - low) - 1));
  for (let n = 0; n < count; n++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      for (let c = 0; c < channels; c++) {
        const to = (n * plane + pixel) * channels + c;
        const from = layout === 'nhwc' ? to : (n * channels + c) * plane + pixel;
        data[to] = scaled(images.data[from]!);
      }
    }
  }
  return { shape: [count, height, width, channels], dtype: 'float32', data };
}
