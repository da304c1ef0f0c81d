// The tasks of the feature network: an avatar's attributes (binary, continuous or categorical) and the class of a
// Fashion-MNIST image. One head predicts all of them; the loss counts only the tasks with a known label for an image.
import * as tf from '@tensorflow/tfjs-core';
import type { AttributeInfo } from '../../trainer/data/source.ts';

/** One task, and the position of its predictions in the head's output. */
export interface Task {
  readonly name: string;
  readonly kind: 'binary' | 'continuous' | 'choice';
  readonly first: number;
  /** Number of outputs: 1, or the number of choices. */
  readonly width: number;
  readonly range: readonly [number, number];
}

/** The tasks of avatars, then of clothes. */
export function makeTasks(
  attributes: readonly AttributeInfo[],
  classNames: readonly string[],
): readonly Task[] {
  const tasks: Task[] = [];
  let first = 0;
  const add = (task: Omit<Task, 'first'>): void => {
    tasks.push({ ...task, first });
    first += task.width;
  };
  for (const { name, kind, values, range } of attributes) {
    if (kind === 'categorical') add({ name, kind: 'choice', width: values!.length, range });
    else add({ name, kind, width: 1, range });
  }
  add({ name: 'clothes (Fashion-MNIST)', kind: 'choice', width: classNames.length, range: [0, 0] });
  return tasks;
}

/** Writes an image's label for one task into rows of `truth` and `known` (1 for outputs that count in the loss). */
export function addLabel(
  task: Task,
  value: number,
  truth: Float32Array,
  known: Float32Array,
  row: number,
): void {
  const { kind, first, width, range } = task;
  known.fill(1, row + first, row + first + width);
  if (kind === 'choice') truth[row + first + value] = 1;
  else if (kind === 'binary') truth[row + first] = Number(value > 0);
  else truth[row + first] = (2 * (value - range[0])) / (range[1] - range[0]) - 1;
}

/** The mean loss of logits [n, outputs]: cross-entropy for categories, squared error for continuous values. */
export function taskLoss(
  tasks: readonly Task[],
  logits: tf.Tensor,
  truth: tf.Tensor,
  known: tf.Tensor,
): tf.Tensor {
  const n = logits.shape[0]!;
  const part = (x: tf.Tensor, { first, width }: Task): tf.Tensor2D =>
    tf.slice(x as tf.Tensor2D, [0, first], [n, width]);
  const losses = tasks.map((task) => {
    const [z, t, k] = [part(logits, task), part(truth, task), part(known, task)];
    if (task.kind === 'choice') {
      const max = tf.max(z, 1, true);
      const partition = tf.add(max, tf.log(tf.sum(tf.exp(tf.sub(z, max)), 1, true)));
      return tf.sum(tf.mul(k, tf.mul(t, tf.sub(partition, z))));
    }
    const each = task.kind === 'binary' ? tf.sub(tf.softplus(z), tf.mul(z, t)) : tf.squaredDifference(z, t);
    return tf.sum(tf.mul(k, each));
  });
  return tf.div(tf.addN(losses), n);
}
