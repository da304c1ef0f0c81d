// Comparing on threads: the same differences as one pair at a time, whatever the number of threads; and threads that end.
import { resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { comparePairs, type ComparePairsOptions } from '../../trainer/duplicates/compare-pairs.ts';
import { difference } from '../../trainer/duplicates/difference.ts';
import { preparePicture } from '../../trainer/duplicates/picture.ts';
import { drawAvatarPixels } from './pictures.ts';

const test = suite('comparePairs');
const workerUrl = pathToFileURL(resolve('dist', 'trainer', 'compare-pairs-worker.js'));
const size = 32;
const faces = await drawAvatarPixels(66, size);
/** All pairs of the faces, in colour and in the grey of their green. */
const names = faces.map((_, i) => String(i));
const bytes = size * size;
const coloured = new Uint8Array(faces.length * bytes * 3);
faces.forEach((face, i) => coloured.set(face, i * bytes * 3));
const grey = Uint8Array.from({ length: faces.length * bytes }, (_, i) => coloured[3 * i + 1]!);
const sets = [
  { names, channels: 3, pixels: coloured },
  { names, channels: 1, pixels: grey },
] as const;
const numbers: number[] = [];
for (let a = 0; a < faces.length; a++) for (let b = a + 1; b < faces.length; b++) numbers.push(a, b);
const pairs = Uint32Array.from(numbers);
const count = pairs.length / 2;
const never = new AbortController().signal;

/** Every thread that was started since, with whether it has ended. */
const threads: Worker[] = [];
process.on('worker', (worker) => threads.push(worker));
const hasEnded = ({ threadId }: Worker): boolean => threadId === -1;

async function reasonFor(options: ComparePairsOptions): Promise<Error> {
  try {
    await comparePairs(sets[0], pairs, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

test('one thread and several give difference() of each pair, bit for bit', async () => {
  for (const set of sets) {
    const { channels, pixels } = set;
    const prepared = names.map((_, i) =>
      preparePicture(pixels.subarray(i * bytes * channels, (i + 1) * bytes * channels), channels),
    );
    const expected = Float64Array.from({ length: count }, (_, i) =>
      difference(prepared[pairs[2 * i]!]!, prepared[pairs[2 * i + 1]!]!),
    );
    for (const number of [1, 3]) {
      threads.length = 0;
      const progress: number[] = [];
      const found = await comparePairs(set, pairs, {
        signal: never,
        threads: number,
        workerUrl,
        onProgress: (done, total) => {
          assert.is(total, count);
          progress.push(done);
        },
      });
      assert.equal(found, expected, `${channels} channels, ${number} threads`);
      assert.is(threads.length, number === 1 ? 0 : number);
      assert.ok(threads.every(hasEnded));
      assert.is(progress.at(-1), count);
      assert.equal(
        progress,
        progress.toSorted((a, b) => a - b),
      );
    }
  }
});

test('few pairs are compared by the calling thread, and of no pairs there are no differences', async () => {
  threads.length = 0;
  const few = await comparePairs(sets[0], pairs.subarray(0, 20), { signal: never });
  assert.is(few.length, 10);
  assert.is((await comparePairs(sets[0], new Uint32Array(0), { signal: never })).length, 0);
  assert.is(threads.length, 0);
});

test('aborting ends the threads at once, and the comparing of the calling thread', async () => {
  for (const number of [2, 1]) {
    threads.length = 0;
    const stop = new AbortController();
    const reason = new Error('enough');
    const seen: number[] = [];
    const onProgress = (done: number): void => {
      seen.push(done);
      stop.abort(reason);
    };
    assert.is(await reasonFor({ signal: stop.signal, threads: number, workerUrl, onProgress }), reason);
    assert.ok(seen[0]! < count, `${seen[0]}`);
    assert.is(threads.length, number === 1 ? 0 : number);
    assert.ok(threads.every(hasEnded));
  }
  // Before anything was started.
  threads.length = 0;
  const { name } = await reasonFor({ signal: AbortSignal.abort(), threads: 2, workerUrl });
  assert.is(name, 'AbortError');
  assert.is(threads.length, 0);
});

test('a thread that fails, ends early or cannot be started fails the comparing, and ends the others', async () => {
  const running = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const options = { signal: never, threads: 2 };
  /** The first fails, the others would run forever. */
  const failing = `
    import { workerData } from 'node:worker_threads';
    if (Atomics.add(workerData.taken, 0, 1) === 0) throw new RangeError('a broken picture');
    setInterval(() => undefined, 1000);`;
  threads.length = 0;
  const failed = await reasonFor({ ...options, workerUrl: running(failing) });
  assert.instance(failed, RangeError);
  assert.is(failed.message, 'a broken picture');
  assert.is(threads.length, 2);
  assert.ok(threads.every(hasEnded));
  const { message } = await reasonFor({ ...options, workerUrl: running('') });
  assert.is(message, `the threads that compare pictures ended after 0 of ${count} pairs`);
  const missing = await reasonFor({ ...options, workerUrl: new URL('./no-such-worker.js', import.meta.url) });
  assert.match(missing.message, /no-such-worker/);
});

test.run();
