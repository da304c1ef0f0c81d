// Decodes a whole source once into a cache file. The file appears under its name only when it is complete:
// it is written under another, synced and renamed, so that a crash leaves nothing to trip over and two
// processes that decode the same data at once do no harm.
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { CacheWriter } from './cache-file.ts';
import { reasonOf } from './file-access.ts';
import { renderInParallel } from './render-in-parallel.ts';
import type { ImageSource } from './source.ts';
import { BadImageError } from './source.ts';

/** How far decoding has come; `total` counts unreadable images too. */
export interface DecodeProgress {
  readonly done: number;
  readonly total: number;
}

/** What to decode to, and whom to tell. */
export interface BuildCacheOptions {
  readonly imageSize: number;
  readonly channels: 1 | 3;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DecodeProgress) => void) | undefined;
}

/** More unreadable images than this share of all stop the decoding. */
const badShare = 0.1;
/** Of unreadable images this many are named. */
const namedBad = 5;
/** A temporary file that nobody wrote to for so long was left by a process that died. */
const abandonedMs = 60 * 60 * 1000;
/** The event loop gets a turn this often, for progress and Ctrl-C. */
const turnMs = 30;

/**
 * Writes all of a source's readable images to the cache file at `path`.
 * Throws UserError when over a tenth are unreadable, or the disk is full or not writable;
 * throws the signal's reason when aborted. Whatever it throws, no part of a file stays behind.
 */
export async function buildCache(
  source: ImageSource,
  path: string,
  options: BuildCacheOptions,
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  let handle: FileHandle | null = null;
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeAbandoned(path);
    handle = await open(temporary, 'wx');
    await writeImages(source, handle, options);
    await handle.close();
    handle = null;
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explained(error, path);
  }
}

async function writeImages(
  source: ImageSource,
  handle: FileHandle,
  options: BuildCacheOptions,
): Promise<void> {
  const { imageSize, channels, signal, onProgress } = options;
  const writer = new CacheWriter(
    handle,
    { imageSize, channels, attributes: source.attributes },
    source.count,
  );
  const bad: string[] = [];
  let badCount = 0;
  let count = 0;
  let lastTurn = Date.now();
  await writer.begin();
  for await (const { image, pixels } of renderInParallel(source.images(signal), imageSize, channels)) {
    if (pixels instanceof BadImageError) {
      badCount += 1;
      if (bad.length < namedBad) bad.push(`${image.name} (${pixels.message})`);
      if (badCount > badShare * source.count) throw tooManyBad(source, badCount, count, bad);
    } else {
      await writer.add(pixels, image.label, image.attributes);
      count += 1;
    }
    if (Date.now() - lastTurn > turnMs) {
      onProgress?.({ done: count + badCount, total: source.count });
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      lastTurn = Date.now();
    }
  }
  const { kind, name, classNames, attributes } = source;
  const skipped = { count: badCount, firstNames: bad };
  await writer.finish({ kind, name, count, imageSize, channels, classNames, attributes, skipped });
  onProgress?.({ done: count + badCount, total: source.count });
}

function tooManyBad(source: ImageSource, bad: number, good: number, named: readonly string[]): UserError {
  const more = bad > named.length ? ', …' : '';
  return new UserError(
    `data ${source.name}: ${bad} of the first ${bad + good} images are unreadable, over a tenth of all ${source.count}: ` +
      `${named.join(', ')}${more}; remove or replace them`,
  );
}

function explained(error: unknown, path: string): unknown {
  if (error instanceof UserError || !(error instanceof Error) || !('syscall' in error)) return error;
  return new UserError(
    `cache ${dirname(path)}: the decoded images cannot be written there (${reasonOf(error)}); ` +
      `free some space, or name another folder in the environment variable DCGAN_CACHE`,
  );
}

async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.tmp')) continue;
    const facts = await stat(join(folder, name)).catch(() => null);
    if (facts !== null && Date.now() - facts.mtimeMs > abandonedMs)
      await rm(join(folder, name), { force: true });
  }
}

/** Makes a rename last through a power cut, where the system can sync folders (Windows cannot). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
