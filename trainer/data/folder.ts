// Reads folders of image files of any size, at any depth; the folders at the top become classes.
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '../errors.ts';
import type { EncodedImage } from './encoded-images.ts';
import { sourceImage, typicalImage } from './encoded-images.ts';
import { lookAt, readImageFile, reasonOf } from './file-access.ts';
import type { FileStamp } from './fingerprint.ts';
import { fingerprintOfFiles } from './fingerprint.ts';
import { commonFolder, folderLayout, isHidden, labelsName } from './folder-layout.ts';
import { formatNames, isImageName } from './image-format.ts';
import { readLabelBytes } from './labels/label-file.ts';
import { findingParts, isOwnPicture, ownFolder } from './own-output.ts';
import { nameOfPath } from './source-name.ts';
import type { ImageSource } from './source.ts';
import { formatsNotRead } from './unread-formats.ts';

/** Files of a folder, at any depth. */
export interface FolderListing {
  /** Image files, sorted by path. */
  readonly images: readonly FileStamp[];
  /** Number of other files by extension: `.bmp` → 12. */
  readonly others: ReadonlyMap<string, number>;
}

/**
 * Lists a folder's files. Follows links, skips hidden files and this program's own output (see own-output.ts). A file that has several names, by links or hard
 * links, is listed once: under its first name without a link on the way, or else under its first name. Throws UserError for an
 * unreadable folder and for a run or model package, the signal's reason when aborted.
 */
export async function listFolder(folder: string, signal?: AbortSignal): Promise<FolderListing> {
  const found: FoundFile[] = [];
  const others = new Map<string, number>();
  const seen = new Set<string>();
  const pending = [{ inside: '', isLinked: false }];
  const linked: typeof pending = [];
  // Folders behind links come last, so that each folder is visited under its own name if it has one.
  for (let next = pending.pop(); next !== undefined; next = pending.pop() ?? linked.pop()) {
    signal?.throwIfAborted();
    const { inside, isLinked } = next;
    const real = await realpath(join(folder, inside)).catch(() => null);
    if (real !== null && seen.has(real)) continue;
    if (real !== null) seen.add(real);
    const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch((error: unknown) => {
      throw new UserError(`data ${join(folder, inside)}: the folder cannot be read (${reasonOf(error)})`);
    });
    const names = new Set(entries.map(({ name }) => name));
    const kind = await ownFolder(join(folder, inside), names);
    if (kind !== null && inside !== '') continue;
    if (kind !== null) {
      throw new UserError(
        `data ${folder}: the folder of a ${kind}, whose pictures are this program's output and no data; give a folder of images`,
      );
    }
    const finding = await findingParts(join(folder, inside), names);
    const files: { path: string; isLinked: boolean }[] = [];
    for (const entry of entries) {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (isHidden(entry.name)) continue;
      const isLink = entry.isSymbolicLink();
      const facts = isLink ? await stat(join(folder, path)).catch(() => null) : entry;
      if (facts?.isDirectory() === true) {
        if (finding.folders.has(entry.name)) continue;
        (isLink ? linked : pending).push({ inside: path, isLinked: isLinked || isLink });
      } else if (isImageName(path)) {
        if (finding.files.has(entry.name) || (await isOwnPicture(join(folder, inside), entry.name))) continue;
        files.push({ path, isLinked: isLinked || isLink });
      } else {
        const ending = extname(path).toLowerCase();
        others.set(ending, (others.get(ending) ?? 0) + 1);
      }
    }
    for (let i = 0; i < files.length; i += 64) {
      signal?.throwIfAborted();
      found.push(...(await Promise.all(files.slice(i, i + 64).map((file) => foundFile(folder, file)))));
    }
  }
  return { images: onePerFile(found).toSorted(byPath), others };
}

/** A listed name; `identity` is the same for all names of one file, null if the file cannot be examined. */
interface FoundFile extends FileStamp {
  readonly isLinked: boolean;
  readonly identity: string | null;
}

async function foundFile(
  folder: string,
  { path, isLinked }: { readonly path: string; readonly isLinked: boolean },
): Promise<FoundFile> {
  // An unreadable file stays in the list; it is skipped and counted when it is decoded.
  const facts = await stat(join(folder, path)).catch(() => null);
  if (facts === null) return { path, bytes: 0, modifiedMs: 0, changedMs: 0, isLinked, identity: null };
  const { dev, ino, size, mtimeMs, ctimeMs } = facts;
  // Some file systems have no inode numbers, or numbers that a double rounds: size and time must agree too.
  const identity = ino === 0 ? null : [dev, ino, size, mtimeMs].join(' ');
  return { path, bytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs, isLinked, identity };
}

/** One name for each file. */
function onePerFile(found: readonly FoundFile[]): FileStamp[] {
  const sorted = found.toSorted((a, b) => Number(a.isLinked) - Number(b.isLinked) || byPath(a, b));
  const seen = new Set<string>();
  const images: FileStamp[] = [];
  for (const { path, bytes, modifiedMs, changedMs, identity } of sorted) {
    if (identity !== null && seen.has(identity)) continue;
    if (identity !== null) seen.add(identity);
    images.push({ path, bytes, modifiedMs, changedMs });
  }
  return images;
}

function byPath(a: FileStamp, b: FileStamp): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/**
 * Opens a folder of images. If it has `train` and `test` parts, only `train` is used; `everyPart` uses all images, without
 * classes. Throws UserError if there are no images.
 */
export async function openFolder(
  folder: string,
  signal?: AbortSignal,
  { everyPart = false }: { readonly everyPart?: boolean } = {},
): Promise<ImageSource> {
  const { images, others } = await listFolder(folder, signal);
  if (images.length === 0) throw new UserError(noImages(`data ${folder}`, others));
  const paths = images.map(({ path }) => path);
  const layout = everyPart ? { paths, labels: null, classNames: null } : folderLayout(paths);
  const stamps = new Map(images.map((stamp) => [stamp.path, stamp]));
  const file = (index: number): EncodedImage => {
    const path = layout.paths[index]!;
    return {
      name: path,
      label: layout.labels?.[index] ?? -1,
      attributes: null,
      read: () => readImageFile(folder, path, stamps.get(path)!.bytes),
    };
  };
  const count = layout.paths.length;
  return {
    kind: 'folder',
    name: nameOfPath(folder),
    count,
    ...(await typicalImage(count, file, signal)),
    classNames: layout.classNames,
    attributes: null,
    notRead: formatsNotRead(images.length, others),
    fingerprint: fingerprintOfFiles(layout.paths.map((path) => stamps.get(path)!)),
    readLabels: async () => {
      for (const place of ['', commonFolder(layout.paths)]) {
        const path = join(folder, place, labelsName);
        if ((await lookAt(path))?.isFile() === true) return readLabelBytes(path);
      }
      return null;
    },
    async *images(signal) {
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        yield sourceImage(file(i));
      }
    },
    close: async () => {},
  };
}

/** Error message for data without images; `others` are its other files by extension. */
export function noImages(where: string, others: ReadonlyMap<string, number>): string {
  const found = [...others]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([ending, count]) => `${count} ${ending === '' ? 'without an extension' : ending}`);
  const instead = found.length === 0 ? 'it is empty' : `it has other files: ${found.join(', ')}`;
  return `${where}: no images (${instead}); expected ${formatNames} files, in folders of any depth`;
}
