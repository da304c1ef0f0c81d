// Chooses the image of a group to keep: the one with the most pixels; then the largest file, which is compressed least; then the
// first name.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Size of a file and of its image; zeros if it can no longer be read. */
interface FileFacts {
  readonly name: string;
  readonly pixels: number;
  readonly bytes: number;
}

/** File names of a folder: the one to keep first, then the others sorted by name. */
export async function keptFirst(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const facts = await Promise.all(names.map((name) => factsOf(folder, name)));
  const [kept] = facts.toSorted(
    (a, b) => b.pixels - a.pixels || b.bytes - a.bytes || (a.name < b.name ? -1 : 1),
  );
  return [kept!.name, ...names.filter((name) => name !== kept!.name)];
}

async function factsOf(folder: string, name: string): Promise<FileFacts> {
  const path = join(folder, name);
  const [file, image] = await Promise.all([
    stat(path).catch(() => null),
    sharp(path)
      .metadata()
      .catch(() => null),
  ]);
  return { name, pixels: (image?.width ?? 0) * (image?.height ?? 0), bytes: file?.size ?? 0 };
}
