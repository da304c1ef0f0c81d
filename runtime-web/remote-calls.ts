// Calls of the worker's functions by messages. A call ends with the function's result or error, or with the worker.
import { rebuiltError } from './errors.ts';
import type { Answer, Question, WorkerApi } from './protocol.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  onProgress(progress: unknown): void;
}

/** The functions of a worker, callable from the page, and `end`, which rejects all calls under way. */
export function remoteCalls(worker: Worker): { readonly api: WorkerApi; end(error: Error): void } {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const call = pending.get(data.id);
    if (call === undefined) return;
    if ('progress' in data) return call.onProgress(data.progress);
    pending.delete(data.id);
    if ('error' in data) call.reject(rebuiltError(data.error));
    else call.resolve(data.value);
  });
  const ask = (name: string, given: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      const args = given.filter((value) => typeof value !== 'function');
      const onProgress = given.find((value) => typeof value === 'function') ?? (() => undefined);
      // Throws, and so rejects, where an argument cannot be copied.
      worker.postMessage({ id, name, args } as Question);
      pending.set(id, { resolve, reject, onProgress: onProgress as Pending['onProgress'] });
    });
  return {
    api: new Proxy({} as WorkerApi, {
      get:
        (_, name: string) =>
        (...given: readonly unknown[]) =>
          ask(name, given),
    }),
    end(error) {
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    },
  };
}
