// Decodes large images in threads of their own: resampling a photograph takes as long as decoding it, and would occupy this thread.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Framing } from './framing.ts';
import { decodeImage } from './image-file.ts';
import type { ImageFacts } from './image-format.ts';
import { BadImageError } from './source.ts';

/** The arguments of {@link decodeImage}. */
export interface DecodeJob {
  readonly bytes: Uint8Array;
  readonly shape: ImageShape;
  readonly framing: Framing;
  readonly facts: ImageFacts;
}

/** A thread's answer: the pixels, or the reason why the image is unreadable. */
export type DecodeAnswer = { readonly pixels: Uint8Array } | { readonly reason: string };

interface Waiting {
  readonly job: DecodeJob;
  readonly done: (pixels: Uint8Array) => void;
  readonly fail: (error: Error) => void;
}

/** Images of fewer pixels are decoded in this thread: passing them on takes longer than decoding them. */
const leastPixels = 1_000_000;
/** One image at a time in each. */
const maxThreads = Math.min(8, availableParallelism());
/** Time after which a thread without work is ended, so that training has its memory. */
const idleMs = 2000;

/** The bundle of decode-worker.ts: beside this one, or, for tests and benches, in the program's folder. */
const workerUrl = ['.', '../trainer', '../../trainer', '../../../trainer']
  .map((place) => new URL(`${place}/decode-worker.js`, import.meta.url))
  .find((url) => existsSync(url));

const queue: Waiting[] = [];
const idle: { readonly worker: Worker; readonly end: NodeJS.Timeout }[] = [];
let running = 0;

/** {@link decodeImage}, in another thread if the image is large. Throws BadImageError with the reason. */
export function decodeInThread(job: DecodeJob): Promise<Uint8Array> {
  const { bytes, shape, framing, facts } = job;
  if (workerUrl === undefined || facts.width * facts.height < leastPixels) {
    return decodeImage(bytes, shape, framing, facts);
  }
  const decoded = new Promise<Uint8Array>((done, fail) => queue.push({ job, done, fail }));
  startNext(workerUrl);
  return decoded;
}

function startNext(url: URL): void {
  if (queue.length === 0 || running === maxThreads) return;
  running += 1;
  const free = idle.pop();
  if (free !== undefined) clearTimeout(free.end);
  const worker = free?.worker ?? new Worker(url);
  worker.ref();
  run(worker, queue.shift()!, (isUsable) => {
    running -= 1;
    if (isUsable) {
      worker.unref();
      const end = setTimeout(() => {
        idle.splice(
          idle.findIndex((each) => each.worker === worker),
          1,
        );
        void worker.terminate();
      }, idleMs);
      idle.push({ worker, end: end.unref() });
    }
    startNext(url);
  });
}

/** Gives a thread one image; `onEnd` is told whether the thread can take another. */
function run(worker: Worker, { job, done, fail }: Waiting, onEnd: (isUsable: boolean) => void): void {
  const end = (isUsable: boolean): void => {
    worker.off('message', answered).off('error', failed).off('exit', exited);
    onEnd(isUsable);
  };
  const answered = (answer: DecodeAnswer): void => {
    end(true);
    if ('pixels' in answer) done(answer.pixels);
    else fail(new BadImageError(answer.reason));
  };
  const failed = (error: Error): void => {
    end(false);
    fail(error);
  };
  const exited = (code: number): void => failed(new Error(`a thread that decodes images ended with ${code}`));
  worker.on('message', answered).on('error', failed).on('exit', exited);
  worker.postMessage(job);
}
