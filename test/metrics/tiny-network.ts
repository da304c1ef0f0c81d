// A feature network small enough that its features can be computed by hand: the mean colour, and one layer that is the image.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lower } from '../../trainer/graph/lower/lower.ts';
import { record } from '../../trainer/graph/trace/record.ts';

/** Writes `tiny.onnx` and its sidecar into a folder; `change` may spoil the sidecar. Resolves to the network's path. */
export function writeTinyNetwork(
  folder: string,
  change: (sidecar: Record<string, unknown>) => void = () => undefined,
): string {
  const size = 8;
  const graphAt = (n: number) =>
    record(
      ({ images }) => ({
        features: tf.mean(images!, [1, 2]),
        logits: tf.mul(tf.mean(images!, [1, 2]), 2),
        layer: tf.add(images!, 2),
      }),
      { images: { shape: [n, size, size, 3], dtype: 'float32' } },
    );
  const bytes = lower(graphAt(7), { batch: { batch: 7, otherBatch: 11, otherGraph: graphAt(11) } });
  const sidecar = {
    name: 'tiny',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    licence: 'MIT',
    source: 'made by a test',
    input: { name: 'images', layout: 'nhwc', size, resize: 'cubic', grey: 'repeat', range: [-1, 1] },
    outputs: { features: 'features', logits: 'logits', layers: ['layer'] },
  };
  change(sidecar);
  const path = join(folder, 'tiny.onnx');
  writeFileSync(path, bytes);
  writeFileSync(join(folder, 'tiny.json'), JSON.stringify(sidecar));
  return path;
}
