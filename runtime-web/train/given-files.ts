// The files of drops, pastes and inputs, with those in folders.

const pictureEndings = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp|dib|tiff?|avif|hei[cf]|hif|svg)$/i;
/** Files that systems put into folders: hidden ones, and those of archives from macOS. */
const systemFiles = /(^|\/)(\.|__MACOSX\/)/;
const { compare } = new Intl.Collator('en', { numeric: true });

/** The files given one by one, then those of folders, by path. */
export async function allFiles(
  files: readonly File[],
  folders: readonly FileSystemDirectoryEntry[],
): Promise<File[]> {
  const alone = files.filter((file) => file.webkitRelativePath === '');
  const inFolders = files
    .filter((file) => file.webkitRelativePath !== '')
    .map((file) => ({ file, path: file.webkitRelativePath }));
  for (const folder of folders) inFolders.push(...(await filesBelow(folder)));
  const pictures = inFolders.filter(({ file, path }) => !systemFiles.test(path) && isPicture(file));
  return [...alone, ...pictures.sort((a, b) => compare(a.path, b.path)).map(({ file }) => file)];
}

function isPicture({ type, name }: File): boolean {
  return type.startsWith('image/') || pictureEndings.test(name);
}

async function filesBelow(
  folder: FileSystemDirectoryEntry,
): Promise<{ readonly file: File; readonly path: string }[]> {
  const found: { file: File; path: string }[] = [];
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
