// Holds pairs of pictures against each other closely, on all processors. Threads share the pictures' memory and that of the
// results, and take blocks of pairs as they come: what comes out is the same however many there are, bit for bit, because
// no pair's difference depends on another's.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PictureSet } from './collect-pictures.ts';
import { PairComparer, type PairsToCompare } from './pair-comparer.ts';
import { neighboursTogether } from './pair-order.ts';

/** What a thread is started with; all arrays are in shared memory. */
export interface CompareThreadData {
  readonly work: PairsToCompare;
  /** [1]: how many blocks have been taken. */
  readonly taken: Int32Array;
  readonly blockPairs: number;
}

/** How to compare. */
export interface ComparePairsOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Default: as many as there are processors, up to 8, fewer for few pairs; 1 is the calling thread. */
  readonly threads?: number;
  /** Where the threads' code is. */
  readonly workerUrl?: URL;
}

/** Pairs that a thread takes at a time, a fifth of a second's work. */
const blockPairs = 1024;
/** A thread for fewer pairs than this would take longer to start than it saves. */
const leastPairs = 1024;
/** Each has tens of megabytes of pictures in preparation. */
const mostThreads = 8;
/** On the calling thread the event loop gets a turn after so many pairs. */
const turnPairs = 128;

/** The bundle of compare-pairs-worker.ts, beside this one. */
const bundledWorker = new URL('./compare-pairs-worker.js', import.meta.url);

/**
 * The differences [n] of pairs [n, 2] of pictures, given by their numbers: see {@link difference}. Throws the signal's
 * reason when aborted, and what a thread throws.
 */
export async function comparePairs(
  { pixels, channels, names }: Pick<PictureSet, 'pixels' | 'channels' | 'names'>,
  pairs: Uint32Array,
  options: ComparePairsOptions,
): Promise<Float64Array> {
  const count = pairs.length / 2;
  const usual = Math.min(mostThreads, availableParallelism(), Math.floor(count / leastPairs));
  const { signal, onProgress = () => undefined, threads = usual, workerUrl = bundledWorker } = options;
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

/** The same bytes in memory that threads can share, where they do not lie in such already. */
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
  for (let from = 0; from < count; from += turnPairs) {
    const to = Math.min(count, from + turnPairs);
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
