// The data pipeline alone: batches of 64x64x3 out of the cache, read from its file and as floats in [-1, 1].
import { BatchSampler } from '../../trainer/data/batch-sampler.ts';
import { openDataset } from '../../trainer/data/dataset.ts';

const batch = 64;
const measuredMs = 2000;

/** Images a second, with nothing else to do. The first call draws 10,000 faces into the cache. */
export async function pipelineRate(): Promise<number> {
  const dataset = await openDataset({ data: 'avatars', imageSize: 64, channels: 3, memoryBytes: 0 });
  const sampler = new BatchSampler(dataset, { batch, seed: 0, flip: true });
  try {
    for (let i = 0; i < 20; i++) await sampler.next();
    const started = performance.now();
    let batches = 0;
    while (performance.now() - started < measuredMs) {
      await sampler.next();
      batches += 1;
    }
    return (batches * batch * 1000) / (performance.now() - started);
  } finally {
    await sampler.close();
    await dataset.close();
  }
}
