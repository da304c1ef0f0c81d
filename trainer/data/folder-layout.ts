// Finds the classes in a list of image paths, for folders and zips alike. A single folder around everything is
// looked through; of `train` beside `test` (or the like) the train part is taken; what then remains at the
// top is one folder per class, or images without classes.

/** The images of a folder or zip that count, sorted, and their classes. */
export interface FolderLayout {
  /** Full paths as they were given. */
  readonly paths: readonly string[];
  /** Per path, an index into `classNames`; null where there are no classes. */
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
}

const splitNames = new Set(['train', 'training', 'test', 'testing', 'val', 'valid', 'validation', 'dev']);
const trainNames = new Set(['train', 'training']);

/** @param paths relative, with forward slashes, in any order. */
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
      const labels = Int32Array.from(kept, (path) => index.get(path.split('/')[depth]!)!);
      return { paths: kept, labels, classNames: folders };
    }
    kept = kept.filter((path) => path.split('/')[depth] === only);
    depth += 1;
  }
}

/** The names of the folders at a depth, sorted; null when an image lies there itself. */
function foldersAt(paths: readonly string[], depth: number): string[] | null {
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    if (parts.length <= depth + 1) return null;
    folders.add(parts[depth]!);
  }
  return folders.size === 0 ? null : [...folders].sort();
}

/** The overview that `dcgan faces` puts beside its pictures: not one of them. */
export const contactSheetFile = 'contact-sheet.png';

/** Whether a path is no part of the data: hidden, macOS's shadow copies, or a contact sheet. */
export function isHidden(path: string): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith('.') || part === '__MACOSX' || part === contactSheetFile);
}
