// Packages for points, as the build makes them but smaller, and their training in Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { parseTrainable } from '../../../runtime-web/format/training/parse-trainable.ts';
import { OnnxDevice, type OnnxRuntime } from '../../../runtime-web/training/onnx-device.ts';
import { trainingPoints, type GivenPoints } from '../../../runtime-web/training/points.ts';
import * as loopParts from '../../../runtime-web/training/loop-parts.ts';
import { TrainingLoop } from '../../../runtime-web/training/loop.ts';
import { planeNetworks } from '../../../scripts/plane-networks.ts';
import { exportPlane } from '../../../trainer/export/export-plane.ts';
import { planeConfig } from '../../../trainer/training/plane-plan.ts';
import { writeFileAtomically } from '../../../trainer/files/atomic-file.ts';
import { madeOnce } from '../../shared/made-once.ts';

/** A folder of packages with `index.json`, of these names and small batches. */
export const planePackages = (names: readonly string[]): Promise<string> =>
  madeOnce(`plane-${names.join('-')}`, async (folder) => {
    for (const name of names) {
      const config = planeConfig({ ...planeNetworks[name]!.values, batch: 32, latent: 4 });
      await exportPlane({ config, name, out: join(folder, name) });
    }
    const index = names.map((name) => ({ name, title: planeNetworks[name]!.title }));
    await writeFileAtomically(join(folder, 'index.json'), JSON.stringify(index));
  });

/** A training of a package in Node, by onnxruntime-node. */
export function trainInNode(folder: string, given: GivenPoints, seed: number): TrainingLoop {
  const where = join(folder, 'model.json');
  const opened = parseTrainable(JSON.parse(readFileSync(where, 'utf8')), where);
  const device = new OnnxDevice({
    runtime: ort as unknown as OnnxRuntime,
    isOnGpu: false,
    session: { intraOpNumThreads: 1 },
    opened,
    fileOf: (role) => readFileSync(join(folder, opened.trainable.files[role]!.file)),
  });
  const images = trainingPoints(given);
  const parts = async () => loopParts;
  return new TrainingLoop({ opened, device, images, seed, parts, now: () => performance.now() / 1000 });
}
