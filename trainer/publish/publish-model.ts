// Writes a published folder: page, card, model and viewer. It holds nothing of this machine but what its author states, and is replaced
// as a whole, only if nobody else has put or changed a file in it.
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelFile } from '../../runtime-web/format/model.ts';
import { fileRoles } from '../../runtime-web/format/package-files.ts';
import { cardMarkdown } from '../card/markdown.ts';
import type { Card } from '../card/card.ts';
import { placeIn, valueWithoutPlaces } from '../card/private-places.ts';
import { readEarlierCard } from '../card/statements.ts';
import { UserError } from '../errors.ts';
import { buildFolder } from '../files/build-folder.ts';
import { describeFile } from '../files/describe-file.ts';
import { writePackageFile } from '../model-package/model-file.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import { pageFiles } from './page.ts';
import { neededFiles, type ViewerPackage } from './viewer-files.ts';

/** The card's file in a published folder; it lists all others. */
export const publishedCard = 'card.json';

/** The samples' file. */
export const samplesFile = 'samples.png';
const posterFile = 'poster.png';

/** Headers for hosts that read them from this file (Netlify, Cloudflare Pages): they give WebAssembly its threads. */
const headers = `/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  X-Content-Type-Options: nosniff
`;

/** Options of {@link publishModel}. */
export interface PublishOptions {
  readonly opened: ModelPackage;
  readonly card: Card;
  /** PNGs: the grid of samples, and the picture that is shown until the viewer draws. */
  readonly samples: Uint8Array;
  readonly poster: Uint8Array;
  readonly viewer: ViewerPackage;
  readonly device: 'auto' | 'wasm';
  /** Places on this machine that must not occur in any file. */
  readonly places: readonly string[];
  readonly signal: AbortSignal;
}

/** A published file: its path in the folder, with slashes. */
export type PublishedFile = ModelFile;

/**
 * Writes the folder `target`, a whole path. Throws UserError, with the folder unchanged, if it holds foreign files, if a file of the model or
 * the viewer is missing or altered, or if a file names a place on this machine; the signal's reason when aborted.
 */
export function publishModel(target: string, options: PublishOptions): Promise<readonly PublishedFile[]> {
  return buildFolder(target, {
    what: `the folder ${target}`,
    remedy: () => 'what was there is unchanged; give another --out',
    check: () => refuseForeignFiles(target),
    build: (folder) => fill(folder, options),
  });
}

/** Throws UserError unless `target` is missing, empty, or as publish has left it. */
export async function refuseForeignFiles(target: string): Promise<void> {
  const there = await filesIn(target);
  if (there.length === 0) return;
  const refuse = (why: string): UserError =>
    new UserError(`--out ${target}: ${why}; move it, or give another --out`);
  if (!there.includes(publishedCard)) throw refuse(`holds ${there[0]!}, which publish did not write`);
  const known = (await readEarlierCard(join(target, publishedCard)))?.files ?? [];
  for (const path of there) {
    if (path === publishedCard) continue;
    const entry = known.find(({ file }) => file === path);
    if (entry === undefined) throw refuse(`holds ${path}, which publish did not write`);
    const { bytes, sha256 } = await describeFile(join(target, path));
    if (bytes !== entry.bytes || sha256 !== entry.sha256)
      throw refuse(`${path} was changed after publish wrote it`);
  }
}

async function fill(folder: string, options: PublishOptions): Promise<readonly PublishedFile[]> {
  const { opened, card, samples, poster, viewer, device, places, signal } = options;
  const put = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const [width, height] = [16, 20].map((at) => Buffer.from(samples).readUInt32BE(at)) as [number, number];
  const page = pageFiles({ card, samples: { width, height }, poster: posterFile, device });
  for (const [name, text] of page) await put(name, text);
  await put('README.md', cardMarkdown(card));
  await put(samplesFile, samples);
  await put(posterFile, poster);
  await put('_headers', headers);
  await copyModel(opened, join(folder, 'model'), places);
  signal.throwIfAborted();
  const scripts = await neededFiles(viewer.dist, device);
  for (const file of scripts) await copy(join(viewer.dist, file), join(folder, 'viewer', file));
  for (const file of viewer.licences)
    await copyFile(file, join(folder, 'viewer', file.split(/[\\/]/).at(-1)!));
  signal.throwIfAborted();
  const files: PublishedFile[] = [];
  for (const file of await filesIn(folder)) files.push({ ...(await describeFile(join(folder, file))), file });
  await put(publishedCard, `${JSON.stringify({ ...card, files }, null, 2)}\n`);
  const written = [...files, { ...(await describeFile(join(folder, publishedCard))), file: publishedCard }];
  for (const { file } of written.filter(({ file: path }) => !path.startsWith('viewer/'))) {
    const place = placeIn(await readFile(join(folder, file)), places);
    if (place !== null)
      throw new UserError(
        `${file} would name ${place}, a place on this machine; state it in other words, or make the model again`,
      );
  }
  return written;
}

/** Copies a package without its networks to train, which hold more of the run than a generator needs. */
async function copyModel(
  { folder: from, model }: ModelPackage,
  to: string,
  places: readonly string[],
): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const role of fileRoles) {
    const entry = model.files[role];
    if (entry === undefined) continue;
    await copy(join(from, entry.file), join(to, entry.file));
    const { bytes, sha256 } = await describeFile(join(to, entry.file));
    if (bytes !== entry.bytes || sha256 !== entry.sha256) {
      throw new UserError(
        `${join(from, entry.file)}: differs from model.json: it is truncated or altered; copy or export the model again`,
      );
    }
  }
  await writePackageFile(to, {
    ...valueWithoutPlaces({ ...model, trainable: null }, places),
    files: model.files,
  });
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UserError(`${from}: is missing; make or install it again`);
    throw error;
  });
}

/** The files below a folder by their path in it, with slashes, sorted; none if there is no folder. Throws UserError for a file in its place. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      if (error.code === 'ENOTDIR')
        throw new UserError(`--out ${folder}: is a file, expected a folder; give another --out`);
      throw error;
    },
  );
  const below = (path: string): string => path.slice(folder.length + 1).replaceAll('\\', '/');
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => below(join(entry.parentPath, entry.name)))
    .sort();
}
