// Finds the classes in a list of image paths, for folders and zips. A single folder around all images is skipped. Of `train` and
// `test` (or similar names) only `train` is used. The folders that remain at the top are the classes. Their names are in Unicode's
// form NFC, because macOS decomposes names and keyboards do not.

/** The images to use, and their classes. */
export interface FolderLayout {
  /** The full paths that were passed in, sorted. */
  readonly paths: readonly string[];
  /** For each path an index into `classNames`; null without classes. */
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
}

const splitNames = new Set(['train', 'training', 'test', 'testing', 'val', 'valid', 'validation', 'dev']);
const trainNames = new Set(['train', 'training']);

/** Chooses images and classes. @param paths relative, with forward slashes, in any order. */
export function folderLayout(paths: readonly string[]): FolderLayout {
  let kept = paths.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  let depth = 0;
  for (;;) {
    const folders = foldersAt(kept, depth);
    if (folders === null) return { paths: kept, labels: null, classNames: null };
    const train = folders.filter((name) => trainNames.has(name.toLowerCase()));
    const isSplit = train.length === 1 && folders.every((name) => splitNames.has(name.toLowerCase()));
    const only = folders.length === 1 ? folders[0] : isSplit ? train[0] : undefined;
    if (only === undefined) {
      const index = new Map(folders.map((name, i) => [name, i]));
      const labels = Int32Array.from(kept, (path) => index.get(folderAt(path, depth)!)!);
      return { paths: kept, labels, classNames: folders };
    }
    kept = kept.filter((path) => folderAt(path, depth) === only);
    depth += 1;
  }
}

/** Sorted names of the folders at a depth; null if there is an image at that depth. */
function foldersAt(paths: readonly string[], depth: number): string[] | null {
  const folders = new Set<string>();
  for (const path of paths) {
    const folder = folderAt(path, depth);
    if (folder === null) return null;
    folders.add(folder);
  }
  return folders.size === 0 ? null : [...folders].sort();
}

/** Name of a path's folder at a depth, in NFC; null if the path has no folder there. */
function folderAt(path: string, depth: number): string | null {
  const parts = path.split('/');
  return parts.length <= depth + 1 ? null : parts[depth]!.normalize('NFC');
}

/** The overview that `dcgan faces` writes beside its crops; it is not part of the data. */
export const contactSheetFile = 'contact-sheet.png';

/** True if a path is excluded from the data: hidden files, macOS's `__MACOSX` copies, contact sheets. */
export function isHidden(path: string): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith('.') || part === '__MACOSX' || part === contactSheetFile);
}

/** stylegan2-ada's file of labels, at the top of the data or in the folder around all images. */
export const labelsName = 'dataset.json';

/** The folder that all paths are in, such as `set/train`; '' if there is none. */
export function commonFolder(paths: readonly string[]): string {
  const [first = '', last = ''] = [paths[0], paths.at(-1)];
  const [a, b] = [first.split('/').slice(0, -1), last.split('/')];
  const length = a.findIndex((part, i) => part !== b[i]);
  return a.slice(0, length < 0 ? a.length : length).join('/');
}
