// Training as a page does it: a package's record and graphs, the page's loop and ONNX Runtime, and nothing of the trainer.
import * as ort from 'onnxruntime-node';
import type { FloatTensors } from '../../runtime-web/format/training/tensors.ts';
import type { TrainablePackage, TrainingRole } from '../../runtime-web/format/training/trainable.ts';
import { givenImages } from '../../runtime-web/training/images.ts';
import * as loopParts from '../../runtime-web/training/loop-parts.ts';
import { TrainingLoop } from '../../runtime-web/training/loop.ts';
import { OnnxDevice, type OnnxRuntime } from '../../runtime-web/training/onnx-device.ts';
import type { GraphRole } from '../../runtime-web/training/state-device.ts';

/** All images of the data, [count, h, w, c] in [-1, 1], in the trainer's order, with what conditions them. */
export interface PlainData {
  readonly count: number;
  readonly images: Float32Array;
  readonly labels: Int32Array | null;
  /** [count, columns] as the networks get them. */
  readonly condition: Float32Array | null;
}

/** Trains for `steps` steps of a run of that length; returns the outputs of each, the state, and images of seeds. */
export async function trainByGraphs(
  opened: TrainablePackage,
  readFile: (role: TrainingRole) => Promise<Uint8Array>,
  data: PlainData,
  steps: number,
) {
  const files = new Map<GraphRole, Uint8Array>();
  for (const role of Object.keys(opened.trainable.files) as GraphRole[])
    files.set(role, await readFile(role));
  const device = new OnnxDevice({
    runtime: ort as unknown as OnnxRuntime,
    isOnGpu: false,
    session: { intraOpNumThreads: 2 },
    opened,
    fileOf: (role) => files.get(role)!,
  });
  const { labels, condition } = data;
  const images = givenImages(
    {
      images: Uint8Array.from(data.images, (value) => Math.round((value + 1) * 127.5)),
      ...(labels !== null && { labels }),
      ...(condition !== null && { condition }),
    },
    opened,
  );
  const loop = new TrainingLoop({
    ...{ opened, device, images },
    now: () => performance.now() / 1000,
    parts: async () => loopParts,
  });
  const lines: Record<string, number>[] = [];
  for (let step = 0; step < steps; step++) lines.push({ ...(await loop.step()) });
  await loop.measure(true);
  const state: FloatTensors = await loop.state();
  const sample = (seeds: readonly number[]): Promise<Float32Array> => loop.sample(seeds, { isExact: true });
  return { lines, state, sample };
}
