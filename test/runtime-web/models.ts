// Small trained models for suites that drive a real browser; each is trained once in a test run.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  dcgan,
  jsonLines,
  labelledPictures,
  smallPictures,
  smallRun,
  stickers,
} from '../shared/command-line.ts';
import { classesFile, saved } from '../import-onnx/onnx-files.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { madeOnce } from '../shared/made-once.ts';

/** Runs `dcgan ARGS`, which must succeed, and returns its last JSON line. */
async function succeed(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  return jsonLines(stdout).at(-1)!;
}

async function train(to: string, data: string, steps: number, ...flags: readonly string[]): Promise<void> {
  const { runDir } = await succeed(...smallRun(data, temporaryFolder(), steps), ...flags);
  await cp(String(runDir), to, { recursive: true });
}

/** A run of 4 steps on {@link smallPictures}. */
export const picturesRun = (): Promise<string> =>
  madeOnce('pictures-run', async (folder) => train(folder, await smallPictures(), 4));

/** A run of 20 steps on avatars, whose folder `all` has its model with the files of every optional call. */
export const avatarsRun = (): Promise<string> =>
  madeOnce('avatars-run', async (folder) => {
    await train(folder, 'avatars', 20);
    const flags = '--restoring --masks --discriminator --steering --classifier-steps 60 --json';
    await succeed('export', folder, ...flags.split(' '), '--out', join(folder, 'all'));
  });

/** A model of stickers, 16x24 with transparency, of 40 steps of networks with self-attention and spectral norm, with the files of restore() and discriminate(). */
export const stickersModel = async (): Promise<string> =>
  join(
    await madeOnce('stickers-run', async (folder) => {
      const networks = ['--attention', '8', '--spectral-norm', 'both'];
      await train(folder, await stickers(), 40, '--image-size', '16x24', '--channels', '4', ...networks);
      const flags = ['--restoring', '--discriminator', '--json'];
      await succeed('export', folder, ...flags, '--out', join(folder, 'all'));
    }),
    'all',
  );

/** A model that was imported from an ONNX file of classes, whose inputs and layout are another program's. */
export const importedModel = async (): Promise<string> =>
  join(
    await madeOnce('imported-model', async (folder) => {
      const file = saved(classesFile('index'), 'netG.onnx');
      await succeed(
        'import',
        file,
        '--classes',
        'shirt,shoe,bag,hat',
        '--out',
        join(folder, 'model'),
        '--json',
      );
    }),
    'model',
  );

/** A model of the classes round, rounder and roundest, of 20 steps on 16x16 pictures, with the file of discriminate(). */
export const classesModel = async (): Promise<string> =>
  join(
    await madeOnce('classes-run', async (folder) => {
      const data = await labelledPictures(42, ['round', 'rounder', 'roundest']);
      await train(folder, data, 20, '--condition', 'label');
      await succeed('export', folder, '--discriminator', '--json', '--out', join(folder, 'all'));
    }),
    'all',
  );

/** A model with a code of 3 choices and two continuous ones, of 4 steps on avatars. */
export const codesModel = async (): Promise<string> =>
  join(
    await madeOnce('codes-run', (folder) =>
      train(folder, 'avatars', 4, '--condition', 'info', '--codes', 'categorical:3,continuous:2'),
    ),
    'model',
  );
