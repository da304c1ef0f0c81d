// Compares pairs of images exactly, on all processors. Threads share the memory of images and results and take blocks of pairs.
// The difference of a pair does not depend on other pairs, so the result is the same bit for bit for any number of threads.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PictureSet } from './collect-pictures.ts';
import { PairComparer, type PairsToCompare } from './pair-comparer.ts';
import { neighboursTogether } from './pair-order.ts';

/** Data passed to a worker thread; all arrays are in shared memory. */
export interface CompareThreadData {
  readonly work: PairsToCompare;
  /** [1]: number of blocks taken so far. */
  readonly taken: Int32Array;
  readonly blockPairs: number;
}

/** Settings of the comparison. */
export interface ComparePairsOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Number of threads. Default: one per processor, up to 8, fewer for few pairs; 1 uses the calling thread. */
  readonly threads?: number;
  /** Path of the worker's code. */
  readonly workerUrl?: URL;
}

/** Pairs per block, about 0.2 s of work. */
const blockPairs = 1024;
/** Minimum number of pairs per thread; for fewer, starting a thread costs more than it saves. */
const minPairsPerThread = 1024;
/** Maximum number of threads; each takes tens of megabytes for prepared images. */
const maxThreads = 8;
/** Number of pairs between yields to the event loop, if the calling thread compares. */
const yieldPairs = 128;

/** The bundle of compare-pairs-worker.ts, beside this one. */
const bundledWorker = new URL('./compare-pairs-worker.js', import.meta.url);

/**
 * Differences [n] of pairs [n, 2] of image indices: see {@link difference}. Throws the signal's reason when aborted, and
 * errors of the worker threads.
 */
export async function comparePairs(
  { pixels, channels, names }: Pick<PictureSet, 'pixels' | 'channels' | 'names'>,
  pairs: Uint32Array,
  options: ComparePairsOptions,
): Promise<Float64Array> {
  const count = pairs.length / 2;
  const defaultThreads = Math.min(maxThreads, availableParallelism(), Math.floor(count / minPairsPerThread));
  const {
    signal,
    onProgress = () => undefined,
    threads = defaultThreads,
    workerUrl = bundledWorker,
  } = options;
  signal.throwIfAborted();
  const order = neighboursTogether(pairs, names.length);
  const ordered = new Uint32Array(new SharedArrayBuffer(pairs.byteLength));
  order.forEach((pair, i) => {
    ordered[2 * i] = pairs[2 * pair]!;
    ordered[2 * i + 1] = pairs[2 * pair + 1]!;
  });
  const work: PairsToCompare = {
    pictures: { pixels: threads > 1 ? shared(pixels) : pixels, channels },
    pairs: ordered,
    differences: new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT)),
  };
  if (threads > 1) await compareOnThreads(work, threads, workerUrl, signal, onProgress);
  else await compareHere(work, signal, onProgress);
  const differences = new Float64Array(count);
  order.forEach((pair, i) => (differences[pair] = work.differences[i]!));
  return differences;
}

/** The same bytes in shared memory; copied only if they are not shared yet. */
function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}

type Progress = (done: number, total: number) => void;

async function compareHere(work: PairsToCompare, signal: AbortSignal, onProgress: Progress): Promise<void> {
  const comparer = new PairComparer(work);
  const count = work.differences.length;
  for (let from = 0; from < count; from += yieldPairs) {
    const to = Math.min(count, from + yieldPairs);
    comparer.compare(from, to);
    onProgress(to, count);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}

async function compareOnThreads(
  work: PairsToCompare,
  threads: number,
  url: URL,
  signal: AbortSignal,
  onProgress: Progress,
): Promise<void> {
  const workerData: CompareThreadData = {
    work,
    taken: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    blockPairs,
  };
  const count = work.differences.length;
  let done = 0;
  const workers: Worker[] = [];
  let stop = (): void => undefined;
  try {
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop);
    });
    const ended = Array.from({ length: threads }, () => {
      const worker = new Worker(url, { workerData });
      workers.push(worker);
      worker.on('message', (compared: number) => onProgress((done += compared), count));
      return new Promise<void>((resolve, reject) => worker.on('error', reject).on('exit', () => resolve()));
    });
    await Promise.race([aborted, Promise.all(ended)]);
    if (done < count)
      throw new Error(`the threads that compare pictures ended after ${done} of ${count} pairs`);
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
