// Suites of `train --from` start from one run, and from runs like it.
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcganInTurn, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

/** The pictures of {@link source}, and others. */
export const [pictures, others] = await Promise.all([smallPictures(), smallPictures(24)]);

/** Runs a training, which must succeed; resolves to the run's folder. */
export async function trained(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcganInTurn(...args);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

/** The newest checkpoint of a run. */
export const newest = async (run: string) =>
  loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!);

/** A run of 6 steps on {@link pictures}. */
export const source = await trained(...smallRun(pictures, temporaryFolder(), 6));

/** Flags of a run of one step. */
export const few = '--steps 1 --batch 8 --sample-count 4 --engine onnx-cpu --threads 2 --json'.split(' ');

/** Arguments of a run of one step on {@link others} that starts from {@link source}. */
export const start = (...args: readonly string[]): readonly string[] => [
  ...['train', '--from', source, '--data', others, '--out', temporaryFolder(), ...few],
  ...args,
];
