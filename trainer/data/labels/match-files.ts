// Finds the image of each row of a table of labels. A row names an image by its path, by the end of its path (the base name, if only
// one image has it) or by a path that begins above the data; with or without the ending.

/** The images of a table's rows. */
export interface FileMatch {
  /** For each row the index of its image; -1 for none. */
  readonly imageOf: Int32Array;
  /** Rows whose name several images have, with these images' indices. */
  readonly ambiguous: readonly { readonly row: number; readonly images: readonly number[] }[];
}

/** Matches rows with images, both by their paths. */
export function matchFiles(rows: readonly string[], images: readonly string[]): FileMatch {
  const paths = images.map(normal);
  const whole = indexOf(paths.map((path) => [path]));
  const ends = indexOf(paths.map(endsOf));
  const stems = indexOf(paths.map((path) => endsOf(stemOf(path))));
  const imageOf = new Int32Array(rows.length).fill(-1);
  const ambiguous: { row: number; images: readonly number[] }[] = [];
  rows.forEach((name, row) => {
    const path = normal(name);
    if (path === '') return;
    const found =
      whole.get(path) ??
      ends.get(path) ??
      stems.get(path) ??
      stems.get(stemOf(path)) ??
      // The row's path begins above the data: `images/1.png` for the image `1.png`.
      endsOf(path)
        .map((end) => whole.get(end))
        .find((image) => image !== undefined);
    if (typeof found === 'number') imageOf[row] = found;
    else if (found !== undefined) ambiguous.push({ row, images: found });
  });
  return { imageOf, ambiguous };
}

/** The image of each key; a list of several images with the same one. */
function indexOf(keys: readonly (readonly string[])[]): ReadonlyMap<string, number | readonly number[]> {
  const index = new Map<string, number | number[]>();
  keys.forEach((own, i) => {
    for (const key of own) {
      const found = index.get(key);
      if (found === undefined) index.set(key, i);
      else if (typeof found === 'number') index.set(key, [found, i]);
      else found.push(i);
    }
  });
  return index;
}

function normal(path: string): string {
  return path
    .trim()
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '');
}

/** `a/b/c.png` → itself, `b/c.png`, `c.png`. */
function endsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, i) => parts.slice(i).join('/'));
}

/** A path without its ending. */
function stemOf(path: string): string {
  return path.replace(/\.[^./]*$/, '');
}
