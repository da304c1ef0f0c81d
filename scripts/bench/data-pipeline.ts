// The data pipeline alone: batches of 64x64x3 out of the cache, read from its file and as floats in [-1, 1].
import { BatchSampler } from '../../trainer/data/batch-sampler.ts';
import { BatchThread } from '../../trainer/data/batch-thread.ts';
import { openDataset } from '../../trainer/data/dataset.ts';

const batch = 64;
const measuredMs = 2000;

/** The rate of one way to draw batches. */
export interface PipelineRate {
  readonly imagesPerSecond: number;
  /** Of the thread that asks for the batches, which on a GPU is the one that gives the device its work. */
  readonly busyMsPerBatch: number;
}

/** Both ways, with nothing else to do. The first call draws 10,000 faces into the cache. */
export async function pipelineRates(): Promise<{
  readonly inThisThread: PipelineRate;
  readonly inAThread: PipelineRate;
}> {
  const dataset = await openDataset({ data: 'avatars', imageSize: 64, channels: 3, memoryBytes: 0 });
  const options = { batch, seed: 0, flip: true };
  const sampler = new BatchSampler(dataset, options);
  const url = new URL('../../trainer/batch-thread-worker.js', import.meta.url);
  const thread = await BatchThread.start(dataset, options, url);
  try {
    return { inThisThread: await rateOf(sampler), inAThread: await rateOf(thread) };
  } finally {
    await sampler.close();
    await thread.close();
    await dataset.close();
  }
}

async function rateOf(batches: BatchSampler | BatchThread): Promise<PipelineRate> {
  for (let i = 0; i < 20; i++) await batches.next();
  const before = performance.eventLoopUtilization();
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < measuredMs) {
    await batches.next();
    count += 1;
  }
  const { active } = performance.eventLoopUtilization(before);
  const seconds = (performance.now() - started) / 1000;
  return { imagesPerSecond: (count * batch) / seconds, busyMsPerBatch: active / count };
}
