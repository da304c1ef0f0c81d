// A run folder as a short training would leave it, with random weights instead: quick to make, and no two layers alike.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { Gathered } from '../../trainer/run/gather.ts';
import { saveCheckpoint } from '../../trainer/run/checkpoint.ts';
import { runFolderAt, writeConfig, type RunFolder } from '../../trainer/run/run-folder.ts';
import { randomState } from './random-state.ts';

/** Makes `PARENT/00001-tiny-dcgan` with a checkpoint for each step, each with weights of its own. */
export async function makeTinyRun(
  parent: string,
  given: TrainConfig,
  steps: readonly number[] = [7],
): Promise<RunFolder> {
  const config = resolveOverDefault([{ source: 'test', values: { ...given } }]);
  const folder = runFolderAt(join(parent, '00001-tiny-dcgan'));
  await mkdir(folder.checkpoints, { recursive: true });
  await writeConfig(folder, config);
  for (const step of steps) {
    const metadata = {
      step,
      images: step * config.batch,
      stepSeconds: 1,
      secondsElapsed: 2,
      random: [1, 2, 3, 4] as const,
      rollbacks: 0,
      sampler: { count: 12, epoch: 0, position: 0, flips: [1, 2, 3, 4] as const },
      gathered: new Gathered().saved,
      config,
      engine: { engine: 'onnx-cpu', version: 'onnxruntime-node' },
      dataset: { name: 'tiny', count: 12, classNames: ['a', 'b'] },
    };
    await saveCheckpoint(folder.checkpoints, randomState(config, step), metadata, steps.length);
  }
  return folder;
}
