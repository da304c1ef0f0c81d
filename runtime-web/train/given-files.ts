// The files of drops, pastes and inputs, with those in folders.

/** A file and its path within what was given. */
interface FileAt {
  readonly file: File;
  readonly path: string;
}

const pictureEndings = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp|dib|tiff?|avif|hei[cf]|hif)$/i;
/** Files that systems put into folders: hidden ones, and those of archives from macOS. */
const systemFiles = /(^|\/)(\.|__MACOSX\/)/;
const { compare } = new Intl.Collator('en', { numeric: true });

/** The files given one by one, then those of folders, by path; from files, each with its entry of the file system or null. */
export async function allFiles(
  given: readonly (readonly [File | null, FileSystemEntry | null])[],
): Promise<File[]> {
  const alone: File[] = [];
  const below: FileAt[] = [];
  for (const [file, entry] of given) {
    if (entry?.isDirectory === true) below.push(...(await filesBelow(entry as FileSystemDirectoryEntry)));
    else if (file !== null && file.webkitRelativePath !== '')
      below.push({ file, path: file.webkitRelativePath });
    else if (file !== null) alone.push(file);
  }
  const pictures = below.filter(({ file, path }) => !systemFiles.test(path) && isPicture(file));
  return [...alone, ...pictures.sort((a, b) => compare(a.path, b.path)).map(({ file }) => file)];
}

function isPicture({ type, name }: File): boolean {
  return type.startsWith('image/') || pictureEndings.test(name);
}

async function filesBelow(folder: FileSystemDirectoryEntry): Promise<FileAt[]> {
  const found: FileAt[] = [];
  const reader = folder.createReader();
  for (;;) {
    // Browsers give 100 at a time, and none after the last.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return found;
    for (const entry of entries) {
      if (entry.isDirectory) found.push(...(await filesBelow(entry as FileSystemDirectoryEntry)));
      else found.push({ file: await fileOf(entry as FileSystemFileEntry), path: entry.fullPath.slice(1) });
    }
  }
}

/** The file of an entry; an empty one where it cannot be opened, so that reading refuses it by name. */
function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))));
}
