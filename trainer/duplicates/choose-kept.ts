// Which of a group's pictures is worth keeping: the one with the most pixels; of equal ones the largest file, which was
// compressed least; of those the first by name.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** What is known of a file; zeros where it can no longer be read. */
interface FileFacts {
  readonly name: string;
  readonly pixels: number;
  readonly bytes: number;
}

/** The names of files in a folder, the one to keep first, the others by name. */
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
