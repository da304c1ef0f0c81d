// Finds the test part of a data set. The path of the whole set opens its training part only (see folderLayout, idxFileIn,
// cifarFilesIn, stl10FileIn); the test part is beside it.
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { lookAt, namesIn } from './file-access.ts';
import { idxFilesIn } from './idx.ts';
import { openSource } from './open-source.ts';
import { unpackedFolderIn } from './unpacked-folder.ts';

const trainNames = ['train', 'training'];
const testNames = ['test', 'testing'];

/** Path of the test part of `data`; null if it has none. Throws UserError for unreadable data. */
export async function testPartOf(data: string): Promise<string | null> {
  if (data === 'avatars') return null;
  const facts = await lookAt(data);
  // `data` is the training part itself: `cifar10/train`, `cifar10.zip/train`.
  if (trainNames.includes(basename(data).toLowerCase()) && (facts === null || facts.isDirectory())) {
    return firstThatOpens(testNames.map((name) => join(dirname(data), name)));
  }
  if (facts === null) return null;
  if (!facts.isDirectory()) {
    if (!/\.zip$/i.test(data)) return null;
    const train = await firstThatOpens(trainNames.map((name) => join(data, name)));
    return train === null ? null : firstThatOpens(testNames.map((name) => join(data, name)));
  }
  const names = await namesIn(data);
  if (names.some((name) => /^data_batch.*\.bin$/i.test(name)) && names.includes('test_batch.bin')) {
    return join(data, 'test_batch.bin');
  }
  if (['train.bin', 'test.bin', 'fine_label_names.txt'].every((name) => names.includes(name))) {
    return join(data, 'test.bin');
  }
  if (names.includes('train_X.bin')) return names.includes('test_X.bin') ? join(data, 'test_X.bin') : null;
  const unpacked = await unpackedFolderIn(data);
  if (unpacked !== null) return testPartOf(unpacked);
  const images = await idxFilesIn(data);
  if (images.some((name) => /train/i.test(name))) {
    const test = images.find((name) => /(t10k|test)/i.test(name));
    return test === undefined ? null : join(data, test);
  }
  const seen = names.filter((name) => !name.startsWith('.') && name !== '__MACOSX');
  if (seen.length === 1 && (await lookAt(join(data, seen[0]!)))?.isDirectory() === true) {
    return testPartOf(join(data, seen[0]!));
  }
  const has = (wanted: readonly string[]): string | undefined =>
    seen.find((name) => wanted.includes(name.toLowerCase()));
  const [train, test] = [has(trainNames), has(testNames)];
  return train === undefined || test === undefined ? null : join(data, test);
}

/** The first path with images; null if there is none. */
async function firstThatOpens(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    try {
      const source = await openSource(path);
      await source.close();
      return path;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return null;
}
