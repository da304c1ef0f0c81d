// Prepares batches in a thread, one ahead, for engines whose device would otherwise wait for the conversion of pixels to floats.
// The thread runs a BatchSampler, so the batches are the same.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import type { DataPosition } from '../../runtime-web/format/training/batch-order.ts';
import type { Batch, BatchSamplerOptions } from './batch-sampler.ts';
import type { Dataset } from './dataset.ts';

/** Data passed to the thread. */
export interface BatchThreadData {
  readonly cachePath: string;
  readonly fingerprint: string;
  readonly options: BatchSamplerOptions;
}

/** The thread's answer to each request. */
export type BatchThreadAnswer =
  | { readonly batch: Batch; readonly state: DataPosition }
  | { readonly failure: { readonly name: string; readonly message: string } };

type BatchAnswer = Extract<BatchThreadAnswer, { readonly batch: Batch }>;

/** The bundle of batch-thread-worker.ts, beside this one. */
const workerUrl = new URL('./batch-thread-worker.js', import.meta.url);

/** A BatchSampler in another thread. */
export class BatchThread {
  private readonly worker: Worker;
  private current: DataPosition;
  private ahead: Promise<BatchAnswer> | null = null;

  private constructor(worker: Worker, state: DataPosition) {
    this.worker = worker;
    this.current = state;
  }

  /** Starts the thread. Throws the errors of BatchSampler's constructor and of `reopenDataset`. */
  static async start(
    { cachePath, fingerprint }: Pick<Dataset, 'cachePath' | 'fingerprint'>,
    options: BatchSamplerOptions,
    url: URL = workerUrl,
  ): Promise<BatchThread> {
    const workerData: BatchThreadData = { cachePath, fingerprint, options };
    const worker = new Worker(url, { workerData });
    const [first] = (await once(worker, 'message')) as [
      { readonly state: DataPosition } | { readonly failure: { name: string; message: string } },
    ];
    if ('failure' in first) throw rebuilt(first.failure);
    return new BatchThread(worker, first.state);
  }

  /** State before the next batch; a batch that was sampled ahead does not count. */
  get state(): DataPosition {
    return this.current;
  }

  /** The next batch; one call at a time. Throws errors of reading. */
  async next(): Promise<Batch> {
    const pending = this.ahead ?? this.request();
    this.ahead = null;
    const { batch, state } = await pending;
    this.current = state;
    this.ahead = this.request();
    this.ahead.catch(() => undefined);
    return batch;
  }

  async close(): Promise<void> {
    await this.ahead?.catch(() => undefined);
    this.ahead = null;
    await this.worker.terminate();
  }

  private async request(): Promise<BatchAnswer> {
    const controller = new AbortController();
    const ended = once(this.worker, 'exit', { signal: controller.signal }).then((): never => {
      throw new Error('the batch thread has ended');
    });
    ended.catch(() => undefined);
    try {
      this.worker.postMessage('next');
      const answered = once(this.worker, 'message', { signal: controller.signal });
      const [answer] = (await Promise.race([answered, ended])) as [BatchThreadAnswer];
      if ('failure' in answer) throw rebuilt(answer.failure);
      return answer;
    } finally {
      controller.abort();
    }
  }
}

/** Rebuilds an error of the thread with its class. */
function rebuilt({ name, message }: { readonly name: string; readonly message: string }): Error {
  return name === 'UserError' ? new UserError(message) : Object.assign(new Error(message), { name });
}
