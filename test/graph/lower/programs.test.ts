// Random programs of a dozen ops each: convolutions leave values in one physical layout, transposes, reshapes and
// reductions in others, and the next op has to handle each. Lowered against replayed; and lowered with blocked
// convolutions as well, where this processor has them, from images whose channels make blocks.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import { findBlockSize } from '../../../trainer/engine/block-size.ts';
import { record } from '../trace/checked-record.ts';
import { assertLowersRight } from './compare.ts';
import { Draw } from './kernel-cases/kernel-case.ts';
import type { HostTensors } from './run-graph.ts';
import { skipIf } from '../../shared/skip.ts';

await tf.setBackend('cpu');

type T = tf.Tensor;
/** One step of a program: a new tensor from the existing ones, or null if none of them fits. */
type Step = (
  draw: Draw,
  tensors: readonly T[],
  literal: (shape: number[]) => T,
  channels: () => number,
) => T | null;

const ofRank = (tensors: readonly T[], rank: number): T[] => tensors.filter((x) => x.rank === rank);
const one = (draw: Draw, tensors: readonly T[]): T | null =>
  tensors.length === 0 ? null : draw.pick(tensors);
/** Keeps values around one, so that a long program neither dies out nor explodes. */
const tamed = (x: T): T => tf.tanh(x);

const steps: readonly Step[] = [
  (draw, tensors) => {
    const x = one(draw, tensors);
    return x && tf.transpose(x, draw.permutation(x.rank));
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank }) => rank > 1),
    );
    if (x === null) return null;
    const axis = draw.integer(0, x.rank - 2);
    const merged = [...x.shape];
    merged.splice(axis, 2, x.shape[axis]! * x.shape[axis + 1]!);
    return tf.reshape(x, merged);
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank, shape }) => rank < 5 && shape.some((dim) => dim % 2 === 0)),
    );
    if (x === null) return null;
    const axis = draw.pick(x.shape.flatMap((dim, i) => (dim % 2 === 0 ? [i] : [])));
    const split = [...x.shape];
    split.splice(
      axis,
      1,
      ...draw.pick([
        [2, x.shape[axis]! / 2],
        [x.shape[axis]! / 2, 2],
      ]),
    );
    return tf.reshape(x, split);
  },
  (draw, tensors, literal, channels) => {
    const x = one(draw, ofRank(tensors, 4)) as tf.Tensor4D | null;
    if (x === null) return null;
    const filter = literal([draw.integer(1, 3), draw.integer(1, 3), x.shape[3], channels()]) as tf.Tensor4D;
    const y = tf.conv2d(x, filter, draw.integer(1, 2), 'same');
    // Sums over many channels are large, and behind a tanh all alike.
    return tamed(tf.div(y, x.shape[3]));
  },
  (draw, tensors, literal, channels) => {
    const x = one(draw, ofRank(tensors, 4)) as tf.Tensor4D | null;
    if (x === null || x.shape[1] * x.shape[2] > 100) return null;
    const [batch, height, width, from] = x.shape;
    const to = channels();
    const filter = literal([3, 2, to, from]) as tf.Tensor4D;
    const y = tf.conv2dTranspose(x, filter, [batch, height * 2, width * 2, to], 2, 'same');
    return tamed(tf.div(y, from));
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank }) => rank > 0),
    );
    if (x === null) return null;
    const keepDims = draw.chance();
    return draw.pick([tf.mean, tf.sum, tf.max])(x, draw.axes(x.rank), keepDims);
  },
  (draw, tensors) => {
    const [a, b] = [one(draw, tensors)!, one(draw, tensors)!];
    try {
      tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    } catch {
      return null;
    }
    return tamed(draw.pick([tf.add, tf.sub, tf.mul, tf.maximum])(a, b));
  },
  (draw, tensors) => {
    const x = one(draw, tensors)!;
    const other = tf.fill(x.shape, draw.integer(-2, 2) / 4);
    return draw.chance() ? tf.where(tf.greater(x, 0), x, other) : tf.add(tf.leakyRelu(x), other);
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank }) => rank > 0),
    );
    if (x === null) return null;
    const axis = draw.integer(0, x.rank - 1);
    return draw.chance() ? tf.concat([x, tamed(x)], axis) : tf.stack([x, tamed(x)], Math.min(axis, 4));
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank }) => rank > 0),
    );
    if (x === null) return null;
    const begin = x.shape.map((dim) => draw.integer(0, dim - 1));
    return draw.chance()
      ? tf.slice(x, begin)
      : tf.pad(
          x,
          x.shape.map(() => [draw.integer(0, 1), draw.integer(0, 1)]),
        );
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank }) => rank > 1),
    );
    if (x === null) return null;
    const flat = tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D;
    return tamed(tf.matMul(flat, draw.chance() ? flat : tamed(flat), false, true));
  },
  (draw, tensors) => {
    const x = one(
      draw,
      tensors.filter(({ rank }) => rank > 0),
    );
    return (
      x &&
      draw.pick([
        tf.softmax,
        (y: T) => tf.reverse(y, 0),
        (y: T) =>
          tf.tile(
            y,
            y.shape.map(() => 1 + draw.integer(0, 1)),
          ),
      ])(x)
    );
  },
];

/** A program drawn from a seed, on images of `channels()` channels, and its inputs. */
function program(draw: Draw, channels: () => number, largest: number) {
  const inputs: HostTensors = {
    images: draw.floats([draw.integer(1, 3), draw.integer(2, 5), draw.integer(2, 5), channels()]),
    matrix: draw.floats(draw.shape(2, 5)),
    vector: draw.floats([channels()]),
  };
  const graph = record((given) => {
    const tensors: T[] = Object.values(given);
    // Literals are computed from an input, so that filters have a history of layouts as well.
    const literal = (shape: number[]): T => {
      const size = tf.util.sizeFromShape(shape);
      const values = tf.reshape(tf.linspace(-1, 1, size), shape);
      return tf.mul(values, tf.mean(given['vector']!));
    };
    while (tensors.length < 15) {
      const made = draw.pick(steps)(draw, tensors, literal, channels);
      if (made !== null && made.size < largest) tensors.push(made);
    }
    return Object.fromEntries(tensors.slice(3).map((x, i) => [`y${i}`, x]));
  }, inputs);
  return { graph, inputs };
}

const programs = suite('random programs');

for (let seed = 0; seed < 150; seed++) {
  programs(`program ${seed}: lowered, it gives what its replay gives`, async () => {
    const draw = new Draw(seed);
    const { graph, inputs } = program(draw, () => draw.integer(1, 4), 5000);
    await assertLowersRight(graph, inputs, `program ${seed}`);
  });
}

const block = await findBlockSize();
const inBlocks = skipIf(
  block === null,
  'programs in blocks, this processor has no blocked convolutions',
  programs,
);
for (let seed = 0; seed < 100; seed++) {
  inBlocks(`program ${seed} in blocks: lowered, it gives what its replay gives`, async () => {
    const draw = new Draw(1000 + seed);
    const channels = (): number => draw.pick([block!, 2 * block!, draw.integer(1, 4)]);
    const { graph, inputs } = program(draw, channels, 100_000);
    await assertLowersRight(graph, inputs, `program ${seed} in blocks`, { block });
  });
}

programs.run();
