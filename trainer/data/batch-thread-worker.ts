// Worker thread of BatchThread: samples one batch per message and transfers its memory.
import { parentPort, workerData } from 'node:worker_threads';
import { BatchSampler } from './batch-sampler.ts';
import type { BatchThreadData } from './batch-thread.ts';
import { reopenDataset } from './dataset.ts';

const port = parentPort!;
const { cachePath, fingerprint, options } = workerData as BatchThreadData;

const fail = (error: unknown): void => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  port.postMessage({ failure: { name, message } });
};

try {
  const sampler = new BatchSampler(await reopenDataset(cachePath, fingerprint), options);
  port.on('message', () => {
    sampler.next().then((batch) => {
      const memory = [batch.images.buffer, batch.indices.buffer];
      for (const given of [batch.labels, batch.condition]) if (given !== null) memory.push(given.buffer);
      port.postMessage({ batch, state: sampler.state }, memory);
    }, fail);
  });
  port.postMessage({ state: sampler.state });
} catch (error) {
  fail(error);
}
