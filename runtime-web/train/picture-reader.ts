// The page's workers that read pictures, one for each folder of the package's files. A worker ends after some idle time.
import type { WorkerLink } from '../worker-link.ts';
import type { PicturesApi } from './pictures-protocol.ts';

/** A worker that reads pictures. */
export type Reader = WorkerLink<PicturesApi>;

/** Starts a worker; `onEnd` is called when it ends. The entry for training gives it, because it holds the code already. */
export type StartReader = (assets: URL | string | undefined, onEnd: () => void) => Promise<Reader>;

const readers = new Map<string, Promise<Reader>>();

/** The worker, started if necessary, with the caller counted as a user. Throws WorkerError if it fails to start. */
export async function readerOf(start: StartReader, assets: URL | string | undefined): Promise<Reader> {
  const key = String(assets);
  let starting = readers.get(key);
  if (starting === undefined) {
    const remove = (): void => void readers.delete(key);
    starting = start(assets, remove);
    readers.set(key, starting);
    starting.catch(remove);
  }
  const reader = await starting;
  reader.hold();
  return reader;
}
