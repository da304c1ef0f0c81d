// Rates of the data pipeline alone: batches of 64x64x3 from the cache file, as floats in [-1, 1].
import { square } from '../../runtime-web/format/image-shape.ts';
import { BatchSampler } from '../../trainer/data/batch-sampler.ts';
import { BatchThread } from '../../trainer/data/batch-thread.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { held } from '../../trainer/held.ts';

const batch = 64;
const measuredMs = 2000;

/** Rate of one way to read batches. */
export interface PipelineRate {
  readonly imagesPerSecond: number;
  /** Busy time of the calling thread, which on a GPU also submits the device's work. */
  readonly busyMsPerBatch: number;
}

/** Measures both ways. The first call renders 10,000 avatars into the cache. */
export async function pipelineRates(): Promise<{
  readonly inThisThread: PipelineRate;
  readonly inAThread: PipelineRate;
}> {
  await using dataset = held(
    await openDataset({ data: 'avatars', ...square(64), channels: 3, memoryBytes: 0 }),
  );
  const options = { batch, seed: 0, flip: true };
  const url = new URL('../../trainer/batch-thread-worker.js', import.meta.url);
  await using thread = held(await BatchThread.start(dataset, options, url));
  await using sampler = held(new BatchSampler(dataset, options));
  return { inThisThread: await rateOf(sampler), inAThread: await rateOf(thread) };
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
