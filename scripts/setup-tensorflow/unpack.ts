// Unpacks libraries and headers, and nothing else, from a wheel (a zip with the sha256 of every file in its RECORD), or from a
// folder or archive of TensorFlow's C library.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { copyFile, cp, mkdtemp } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { UserError } from '../../trainer/errors.ts';
import { held } from '../../trainer/held.ts';

/** Maps a member of the archive to its path in the target folder; null to skip it. */
export type Place = (member: string) => string | null;

/** Folders below TensorFlow's include folder with the headers that the binding needs. */
const headerFolders = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/c/'];
const isHeader = (path: string): boolean =>
  path.endsWith('.h') && headerFolders.some((folder) => path.startsWith(folder));

/** TensorFlow's libraries and headers in its wheel. */
export const tensorflowPlace: Place = (member) => {
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/.exec(member);
  if (library !== null) return join('lib', library[1]!);
  const header = /^tensorflow\/include\/(.+)$/.exec(member)?.[1];
  return header !== undefined && isHeader(header) ? join('include', header) : null;
};

/** A CUDA library in its wheel: `nvidia/cudnn/lib/libcudnn.so.9`. The path stays, because TensorFlow's run path names it. */
export const cudaPlace: Place = (member) =>
  /^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/.test(member) ? member : null;

/** Name and version from a wheel's METADATA. */
export interface WheelFacts {
  readonly name: string;
  readonly version: string;
}

/**
 * Unpacks the members that `place` maps into `target`, and checks each against the wheel's RECORD. Throws UserError for a
 * file that is no wheel, is not for Linux x64, or is damaged; a file-system error (disk full, …) is rethrown.
 */
export async function unpackWheel(
  file: string,
  place: Place,
  target: string,
  check: (facts: WheelFacts) => void,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<void> {
  await using zip = held(
    await openPromise(file, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
      throw new UserError(
        `${file}: not a wheel, or damaged (${error instanceof Error ? error.message : String(error)})`,
      );
    }),
  );
  const members = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) members.set(entry.fileName, entry);
  const info = [...members.keys()].find((name) => /^[^/]+\.dist-info\/METADATA$/.test(name));
  if (info === undefined) throw new UserError(`${file}: not a wheel (it has no METADATA)`);
  const metadata = await readText(zip, members.get(info)!);
  const tags = await readText(zip, members.get(join(dirname(info), 'WHEEL'))!);
  if (!/^Tag: .*manylinux.*x86_64/m.test(tags)) {
    throw new UserError(
      `${file}: a wheel for another platform, expected one for Linux x64 (manylinux, x86_64)`,
    );
  }
  const field = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(metadata)?.[1]?.trim() ?? '?';
  check({ name: field('Name').toLowerCase().replaceAll('_', '-'), version: field('Version') });
  const hashes = recordedHashes(await readText(zip, members.get(join(dirname(info), 'RECORD'))!));
  for (const [name, entry] of members) {
    const to = place(name);
    if (to === null) continue;
    const path = join(target, to);
    mkdirSync(dirname(path), { recursive: true });
    const hash = createHash('sha256');
    const meter = new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk);
        onProgress(chunk.length);
        done(null, chunk);
      },
    });
    await pipeline(await zip.openReadStreamPromise(entry), meter, createWriteStream(path)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== undefined && error.syscall !== undefined) throw error;
        throw new UserError(`${file}: damaged (${name}: ${error.message}); fetch it again`);
      },
    );
    if (hashes.get(name) !== hash.digest('base64url')) {
      throw new UserError(`${file}: damaged (${name} is not what the wheel's RECORD says); fetch it again`);
    }
  }
}

/** Throws UserError, with `remedy`, unless the file's sha256 is the expected one. */
export async function checkHash(file: string, expected: string, remedy: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found === expected) return;
  throw new UserError(`${file}: sha256 ${found}, expected ${expected}; ${remedy}`);
}

/** sha256 (base64url) by file name, from a wheel's RECORD. */
function recordedHashes(record: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of record.split('\n')) {
    const parts = /^(.*),sha256=([\w-]+),\d*\s*$/.exec(line);
    if (parts !== null) hashes.set(parts[1]!.replace(/^"|"$/g, ''), parts[2]!);
  }
  return hashes;
}

async function readText(zip: ZipFile, entry: Entry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/**
 * Copies TensorFlow's C library from its own archive, or from a folder: `lib` and `include` as in the archive, or a
 * Python's installed `tensorflow`. Throws UserError if libraries or headers are missing.
 */
export async function unpackLibrary(source: string, target: string): Promise<void> {
  const folder = statSync(source).isDirectory() ? source : await extract(source, target);
  const libraries = existsSync(join(folder, 'lib')) ? join(folder, 'lib') : folder;
  const files = readdirSync(libraries);
  for (const [stem, name] of [
    [/^libtensorflow(_cc)?\.so\.2$/, 'libtensorflow_cc.so.2'],
    [/^libtensorflow_framework\.so\.2$/, 'libtensorflow_framework.so.2'],
  ] as const) {
    const found = files.find((file) => stem.test(file));
    if (found === undefined) {
      throw new UserError(
        `${source}: no ${name.replace('_cc', '')} in ${libraries}; expected TensorFlow's C library`,
      );
    }
    mkdirSync(join(target, 'lib'), { recursive: true });
    // The loader looks for the name that is stored inside the library (its SONAME).
    await copyFile(join(libraries, found), join(target, 'lib', found));
  }
  const include = join(folder, 'include');
  if (!existsSync(join(include, 'tensorflow', 'c', 'c_api.h'))) {
    throw new UserError(
      `${source}: no headers (include/tensorflow/c/c_api.h); expected them beside the libraries`,
    );
  }
  for (const headers of headerFolders) {
    const from = join(include, headers);
    if (existsSync(from)) await cp(from, join(target, 'include', headers), { recursive: true });
  }
}

async function extract(archive: string, target: string): Promise<string> {
  const folder = await mkdtemp(`${target}-archive-`);
  const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) {
    throw new UserError(
      `${basename(archive)}: tar could not unpack it (${(stderr ?? 'no tar').trim().split('\n')[0]})`,
    );
  }
  return folder;
}
