// Worker thread of comparePairs(): takes the next block of pairs until none is left, writes their differences into shared memory,
// and reports after each block how many pairs it had.
import { parentPort, workerData } from 'node:worker_threads';
import type { CompareThreadData } from './compare-pairs.ts';
import { PairComparer } from './pair-comparer.ts';

const { work, taken, blockPairs } = workerData as CompareThreadData;
const comparer = new PairComparer(work);
const count = work.differences.length;

for (;;) {
  const from = Atomics.add(taken, 0, 1) * blockPairs;
  if (from >= count) break;
  const to = Math.min(count, from + blockPairs);
  comparer.compare(from, to);
  parentPort!.postMessage(to - from);
}
