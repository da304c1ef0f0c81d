// Opens a run that was saved: the zip that the element makes, or a checkpoint alone.
import type { OpenedRun, TrainerHost } from './host.ts';
import { storedEntries } from './stored-entries.ts';

/** Reads a file. Throws Error for one that is neither; what the package's `model.json` and the pictures throw. */
export async function openedRun(file: File, host: TrainerHost): Promise<OpenedRun> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  // A zip begins with the letters PK.
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return { url: host.addressFor(), state: bytes, data: null };
  const entries = entriesOf(bytes, file.name);
  const paths = [...entries.keys()].sort();
  const checkpoint = paths.filter((path) => path.endsWith('.safetensors')).at(-1);
  if (checkpoint === undefined)
    throw new Error(`${file.name}: has no checkpoint; expected a run that was saved here`);
  const state = entries.get(checkpoint)!.slice();
  const pictures = paths
    .filter((path) => path.includes('/pictures/'))
    .map((path) => new File([entries.get(path)!.slice()], path));
  if (pictures.length === 0) return { url: host.addressFor(), state, data: null };
  const [{ readPictures }, { width, height, channels }] = await Promise.all([
    import('../train/index.ts'),
    host.shapeFor(pictures.length),
  ]);
  const shape = { width, height, channels };
  const { images } = await readPictures(pictures, { ...shape, assets: host.assets });
  return { url: host.addressFor(pictures.length), state, data: { images, ...shape } };
}

function entriesOf(zip: Uint8Array, name: string): ReadonlyMap<string, Uint8Array> {
  try {
    return storedEntries(zip);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `${name}: is not a run that was saved here (${message}); unzip it and choose the file in its folder checkpoints`,
      { cause: error },
    );
  }
}
