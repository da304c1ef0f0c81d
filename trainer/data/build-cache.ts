// Decodes a whole source once into a cache file. The file is written under a temporary name, synced and renamed when complete, so
// that a crash leaves no broken file and two processes may decode the same data at once.
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import { UserError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { CacheWriter } from './cache-file.ts';
import { reasonOf } from './file-access.ts';
import { defaultFraming, type Framing } from './framing.ts';
import { renderInParallel } from './render-in-parallel.ts';
import type { ImageSource } from './source.ts';
import { BadImageError } from './source.ts';
import { Surveyor } from './survey.ts';

/** Progress of decoding; `total` includes unreadable images. */
export interface DecodeProgress {
  readonly done: number;
  readonly total: number;
}

/** Settings. */
export interface BuildCacheOptions extends ImageShape {
  /** Default {@link defaultFraming}. */
  readonly framing?: Framing | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DecodeProgress) => void) | undefined;
}

/** The images are refused if more than this fraction of the images are unreadable. */
const maxBadFraction = 0.1;
/** Number of unreadable images to name in the message. */
const maxNamedBad = 5;
/** A temporary file unchanged for this long was left by a dead process. */
const abandonedMs = 60 * 60 * 1000;
/** Interval between yields to the event loop, for progress and Ctrl-C. */
const yieldMs = 30;

/**
 * Writes all readable images of a source to the cache file at `path`. Throws UserError if more than a tenth are
 * unreadable, with the path of a list of them beside the cache, or if the disk is full or not writable; throws the signal's reason when aborted. No partial file remains in
 * either case.
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
    await writeImages(source, handle, path.replace(/\.images$/, '') + '.unreadable.txt', options);
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
  listPath: string,
  options: BuildCacheOptions,
): Promise<void> {
  const { width, height, channels, framing = defaultFraming, signal, onProgress } = options;
  const shape = { width, height, channels };
  const how = { ...shape, framing };
  const surveyor = new Surveyor(source, how);
  const writer = new CacheWriter(handle, { ...shape, attributes: source.attributes }, source.count);
  const bad: string[] = [];
  let count = 0;
  let lastYield = Date.now();
  await writer.begin();
  for await (const { image, pixels } of renderInParallel(source.images(signal), how)) {
    if (pixels instanceof BadImageError) {
      bad.push(`${image.name} (${pixels.message})`);
    } else {
      await writer.add(pixels, image.label, image.attributes);
      surveyor.add(image.facts?.() ?? null, pixels, image.attributes);
      count += 1;
    }
    if (Date.now() - lastYield > yieldMs) {
      onProgress?.({ done: count + bad.length, total: source.count });
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      lastYield = Date.now();
    }
  }
  if (bad.length > maxBadFraction * source.count) throw await tooManyBad(source, bad, listPath);
  const { kind, name, classNames, attributes } = source;
  const skipped = { count: bad.length, names: bad };
  const survey = surveyor.result;
  await writer.finish({ kind, name, count, ...shape, classNames, attributes, survey, skipped });
  onProgress?.({ done: count + bad.length, total: source.count });
}

async function tooManyBad(source: ImageSource, bad: readonly string[], listPath: string): Promise<UserError> {
  await writeFileAtomically(listPath, `${bad.join('\n')}\n`);
  const more = bad.length > maxNamedBad ? ', …' : '';
  return new UserError(
    `data ${source.name}: ${bad.length} of ${source.count} images are unreadable, over a tenth: ` +
      `${bad.slice(0, maxNamedBad).join(', ')}${more}; remove or replace them (all are listed in ${listPath})`,
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

/** Makes a rename durable, on systems that can sync folders (Windows cannot). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
