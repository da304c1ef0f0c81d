// Pictures that a command is given, as the model has them: decoded and resized as training images are, or whole and pressed
// into the square. Files, folders of them, and avatars by number.
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { avatarAttributes } from '../data/avatars/attributes.ts';
import { drawAvatar } from '../data/avatars/draw-avatar.ts';
import { lookAt, reasonOf } from '../data/file-access.ts';
import { listFolder } from '../data/folder.ts';
import { toGrey } from '../data/grey.ts';
import { decodeImage, inspectImage, largestImageBytes } from '../data/image-file.ts';
import { BadImageError } from '../data/source.ts';
import { UserError } from '../errors.ts';
import { toFloats } from '../pictures/pixels.ts';

/** How a picture of another shape becomes a square: cut to its middle, as training images are, or pressed together. */
export const resizeKinds = ['crop', 'stretch'] as const;
/** See {@link resizeKinds}. */
export type ResizeKind = (typeof resizeKinds)[number];

/** A size to bring pictures to. */
export interface PictureSize {
  readonly imageSize: number;
  readonly channels: 1 | 3;
  readonly resize: ResizeKind;
}

/** A picture that has not been read yet. */
export interface GivenPicture {
  /** For file names: no folder, no ending; no two are the same. */
  readonly name: string;
  /** The file, or null for one that is drawn. */
  readonly path: string | null;
  /** [size · size · channels] in [-1, 1]. Throws UserError where it cannot be read. */
  read(size: PictureSize): Promise<Float32Array<ArrayBuffer>>;
}

/** The most pictures that are restored at once. */
export const mostPictures = 10_000;

/**
 * The pictures that `places` name: files, folders (at any depth), and `avatars:10000-10063`. Throws UserError where there is
 * none, or one cannot be there.
 */
export async function givenPictures(
  places: readonly string[],
  resolvePath: (path: string) => string,
  signal: AbortSignal,
): Promise<readonly GivenPicture[]> {
  const found: Omit<GivenPicture, 'name'>[] = [];
  const names: string[] = [];
  const addFile = (path: string): void => {
    names.push(basename(path, extname(path)));
    found.push({ path, read: async (size) => toFloats(await decoded(path, size)) });
  };
  for (const place of places) {
    if (place.startsWith('avatars:')) {
      for (const index of avatarNumbers(place)) {
        names.push(`avatar-${index}`);
        found.push({
          path: null,
          read: async ({ imageSize, channels }) => {
            const pixels = drawAvatar(avatarAttributes(index, 0), imageSize);
            return Promise.resolve(toFloats(channels === 1 ? toGrey(pixels) : pixels));
          },
        });
      }
      continue;
    }
    const path = resolvePath(place);
    const facts = await lookAt(path);
    if (facts === null) {
      throw new UserError(`${place}: no such picture; expected a PNG, JPEG, WebP or GIF file, or a folder`);
    }
    if (!facts.isDirectory()) {
      addFile(path);
      continue;
    }
    const { images } = await listFolder(path, signal);
    if (images.length === 0) throw new UserError(`${place}: a folder without PNG, JPEG, WebP or GIF files`);
    for (const { path: inside } of images) addFile(join(path, inside));
  }
  if (found.length > mostPictures) {
    throw new UserError(`got ${found.length} pictures, expected at most ${mostPictures}; give fewer`);
  }
  const used = new Map<string, number>();
  return found.map((picture, i) => {
    const times = (used.get(names[i]!) ?? 0) + 1;
    used.set(names[i]!, times);
    return { ...picture, name: times === 1 ? names[i]! : `${names[i]!}-${times}` };
  });
}

/** `avatars:10000-10063`, or one number. */
function avatarNumbers(place: string): number[] {
  const match = /^avatars:(\d{1,8})(?:-(\d{1,8}))?$/.exec(place);
  const first = Number(match?.[1] ?? NaN);
  const last = Number(match?.[2] ?? first);
  if (!(first <= last && last < 10_000_000 && last - first < mostPictures)) {
    throw new UserError(`${place}: expected numbers of avatars, as in avatars:10000-10063`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** An image file's bytes. */
async function bytesOf(path: string): Promise<Uint8Array> {
  const facts = await lookAt(path);
  if ((facts?.size ?? 0) > largestImageBytes) throw new UserError(`${path}: a file of more than 256 MiB`);
  return readFile(path).catch((error: unknown) => {
    throw new UserError(`${path}: cannot be read (${reasonOf(error)})`);
  });
}

/** The file's picture; `ground` is what lies under transparent pixels, where it is not white. */
async function decoded(
  path: string,
  { imageSize, channels, resize }: PictureSize,
  ground: string | null = null,
): Promise<Uint8Array> {
  const bytes = await bytesOf(path);
  try {
    // Looked at first: what is no picture, or an absurdly large one, is refused before anything else reads it.
    const { width, height } = await inspectImage(bytes);
    if (resize === 'crop' && ground === null) return await decodeImage(bytes, imageSize, channels);
    const side = Math.max(width, height);
    const picture = sharp(bytes).autoOrient();
    if (ground !== null) picture.flatten({ background: ground });
    if (resize === 'stretch') picture.resize(side, side, { fit: 'fill' });
    return await decodeImage(await picture.png().toBuffer(), imageSize, channels);
  } catch (error) {
    // sharp's own complaints of a broken file are plain errors.
    if (error instanceof Error)
      throw new UserError(`${path}: cannot be read: ${error.message.split('\n')[0]}`);
    throw error;
  }
}

/** A share of white above which a mask's pixel is missing: a picture's pixel that is missing in part is not known either. */
const leastWhite = 16;

/**
 * A mask's file for a picture (its file, or null): white where pixels are missing, black or transparent elsewhere. It has the picture's own size, and is
 * resized as the picture is, or the model's. Throws UserError for another size or a file that cannot be read.
 */
export async function readMask(
  path: string,
  picture: string | null,
  size: Omit<PictureSize, 'channels'>,
): Promise<Float32Array> {
  const { imageSize } = size;
  const own = await sizeOf(path);
  const wanted = picture === null ? null : await sizeOf(picture);
  const isOf = (given: { width: number; height: number } | null): boolean =>
    given !== null && own.width === given.width && own.height === given.height;
  if (!isOf({ width: imageSize, height: imageSize }) && !isOf(wanted)) {
    const expected = wanted === null ? '' : `the picture's ${wanted.width}x${wanted.height} or `;
    throw new UserError(
      `--mask ${path}: got ${own.width}x${own.height} pixels, expected ${expected}the model's ${imageSize}x${imageSize}`,
    );
  }
  const pixels = await decoded(path, { ...size, channels: 1 }, '#000000');
  return Float32Array.from(pixels, (value) => Number(value >= leastWhite));
}

async function sizeOf(path: string): Promise<{ width: number; height: number }> {
  const bytes = await bytesOf(path);
  try {
    return await inspectImage(bytes);
  } catch (error) {
    if (error instanceof BadImageError) throw new UserError(`${path}: cannot be read: ${error.message}`);
    throw error;
  }
}
