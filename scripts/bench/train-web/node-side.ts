// The peer of a page: the same package, loop and images in this process, by onnxruntime-node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { parseTrainable } from '../../../runtime-web/format/training/parse-trainable.ts';
import { avatarImages } from '../../../runtime-web/training/avatars.ts';
import * as loopParts from '../../../runtime-web/training/loop-parts.ts';
import { TrainingLoop } from '../../../runtime-web/training/loop.ts';
import { OnnxDevice, type OnnxRuntime } from '../../../runtime-web/training/onnx-device.ts';
import { faceCount, type Rated } from './page-side.ts';

/** A training in Node. */
export interface NodeSide {
  /** Trains for about so many milliseconds. */
  rate(ms: number): Promise<Rated>;
  dispose(): Promise<void>;
}

/** Opens the training of a package's folder on that many threads, and goes once through the faces, so that all are drawn. */
export async function openNodeSide(folder: string, threads: number): Promise<NodeSide> {
  const opened = parseTrainable(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')), folder);
  const device = new OnnxDevice({
    runtime: ort as unknown as OnnxRuntime,
    isOnGpu: false,
    session: { intraOpNumThreads: threads, graphOptimizationLevel: 'all' },
    opened,
    fileOf: (role) => readFileSync(join(folder, opened.trainable.files[role]!.file)),
  });
  const parts = async (): Promise<typeof loopParts> => loopParts;
  const now = (): number => performance.now() / 1000;
  const loop = new TrainingLoop({ opened, device, images: avatarImages(faceCount, opened), now, parts });
  while (loop.position.images < faceCount) await loop.step();
  return {
    async rate(ms) {
      const [begun, images, inDevice] = [now(), loop.position.images, loop.deviceSeconds];
      while (now() - begun < ms / 1000) await loop.step();
      const spent = now() - begun;
      return {
        imagesPerSecond: (loop.position.images - images) / spent,
        shareOutside: 1 - (loop.deviceSeconds - inDevice) / spent,
      };
    },
    dispose: () => device.dispose(),
  };
}
