// A recording before anything else has chosen a backend. The choice is the process's, so this needs one of its own.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { record } from '../../../trainer/graph/trace/record.ts';

const first = suite('record() as the first thing that happens');

first('where no backend was in use, tfjs still chooses its best one', () => {
  record(({ x }) => ({ y: tf.neg(x!) }), { x: { shape: [2], dtype: 'float32' } });
  assert.equal([...tf.add(1, 2).dataSync()], [3]);
  assert.is(tf.getBackend(), 'cpu');
});

first.run();
