// Reads a command's images at the model's size: files, folders, and avatars by number. Images are framed like the run's training
// images, or as asked.
import { type ImageShape, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import { basename, extname, join } from 'node:path';
import { avatarAttributes } from '../../runtime-web/format/avatars/attributes.ts';
import { avatarOfShape } from '../data/avatars/avatar-source.ts';
import { lookAt, reasonOf } from '../data/file-access.ts';
import { listFolder } from '../data/folder.ts';
import { soughtFocus, type Framing } from '../data/framing.ts';
import { decodeImage, decodeWhole, inspectImage, maxImageBytes } from '../data/image-file.ts';
import { formatNames } from '../data/image-format.ts';
import { BadImageError } from '../data/source.ts';
import { UserError } from '../errors.ts';
import { readRegular } from '../files/regular-file.ts';
import { toFloats } from '../pictures/pixels.ts';

/** The shape of images, and how they are brought to it. */
export interface PictureSize extends ImageShape {
  readonly framing: Framing;
}

/** An image that has not been read yet. */
export interface GivenPicture {
  /** A unique name for files, without folder and ending. */
  readonly name: string;
  /** The file; null for an avatar. */
  readonly path: string | null;
  /** Reads the image: [height, width, channels] in [-1, 1]. Throws UserError if it is unreadable. */
  read(size: PictureSize): Promise<Float32Array<ArrayBuffer>>;
}

/** Max number of images per command. */
export const maxPictures = 10_000;

/**
 * The images that `places` name: files, folders (at any depth), and `avatars:10000-10063`. Throws UserError if there is
 * none, or a place does not exist.
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
          read: async ({ framing, ...shape }) => {
            const pixels = await avatarOfShape(avatarAttributes(index, 0), shape, framing);
            return toFloats(pixels);
          },
        });
      }
      continue;
    }
    const path = resolvePath(place);
    const facts = await lookAt(path);
    if (facts === null) {
      throw new UserError(`${place}: no such picture; expected a ${formatNames} file, or a folder`);
    }
    if (!facts.isDirectory()) {
      addFile(path);
      continue;
    }
    const { images } = await listFolder(path, signal);
    if (images.length === 0) throw new UserError(`${place}: a folder without ${formatNames} files`);
    for (const { path: inside } of images) addFile(join(path, inside));
  }
  if (found.length > maxPictures) {
    throw new UserError(`got ${found.length} pictures, expected at most ${maxPictures}; give fewer`);
  }
  // Without regard to case, as some file systems; a name that a file has itself is never given to another one.
  const own = new Set(names.map((name) => name.toLowerCase()));
  const used = new Set<string>();
  return found.map((picture, i) => {
    let name = names[i]!;
    for (let time = 2; used.has(name.toLowerCase()); time++) {
      const next = `${names[i]!}-${time}`;
      if (!own.has(next.toLowerCase())) name = next;
    }
    used.add(name.toLowerCase());
    return { ...picture, name };
  });
}

/** `avatars:10000-10063`, or one number. */
function avatarNumbers(place: string): number[] {
  const match = /^avatars:(\d{1,8})(?:-(\d{1,8}))?$/.exec(place);
  const first = Number(match?.[1] ?? NaN);
  const last = Number(match?.[2] ?? first);
  if (!(first <= last && last < 10_000_000 && last - first < maxPictures)) {
    throw new UserError(`${place}: expected numbers of avatars, as in avatars:10000-10063`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** An image file's bytes. */
async function bytesOf(path: string): Promise<Uint8Array> {
  const facts = await lookAt(path);
  if ((facts?.size ?? 0) > maxImageBytes) throw new UserError(`${path}: a file of more than 256 MiB`);
  return readRegular(path, maxImageBytes).catch((error: unknown) => {
    throw new UserError(`${path}: cannot be read (${reasonOf(error)})`);
  });
}

async function decoded(path: string, { framing, ...shape }: PictureSize): Promise<Uint8Array> {
  const bytes = await bytesOf(path);
  try {
    // Checked first, so that files that are no images, or absurdly large ones, are refused before anything else reads them.
    await inspectImage(bytes);
    return await decodeImage(bytes, shape, framing);
  } catch (error) {
    // sharp reports broken files as plain errors.
    if (error instanceof Error)
      throw new UserError(`${path}: cannot be read: ${error.message.split('\n')[0]}`);
    throw error;
  }
}

/** Min level of a mask's missing pixels: low, because a partly missing pixel is not known. */
const minWhite = 16;

/**
 * Reads the mask of an image, [height, width]: 1 for missing pixels (white), 0 for others (black or transparent). It has the model's
 * size, or the size of the file `picture` and is then resized in the same way. Throws UserError for another size or an unreadable
 * file.
 */
export async function readMask(
  path: string,
  picture: string | null,
  size: Omit<PictureSize, 'channels'>,
): Promise<Float32Array> {
  const { width, height, framing } = size;
  const own = await sizeOf(path);
  const wanted = picture === null ? null : await sizeOf(picture);
  const isOf = (given: { width: number; height: number } | null): boolean =>
    given !== null && own.width === given.width && own.height === given.height;
  if (!isOf({ width, height }) && !isOf(wanted)) {
    const expected = wanted === null ? '' : `the picture's ${wanted.width}x${wanted.height} or `;
    throw new UserError(
      `--mask ${path}: got ${own.width}x${own.height} pixels, expected ${expected}the model's ${width}x${height}`,
    );
  }
  // Cut like the picture, whose content may decide the place.
  const focus =
    wanted === null || !isOf(wanted)
      ? framing.focus
      : await focusIn(picture!, { width, height }, framing.focus);
  const pixels = await decoded(path, {
    width,
    height,
    channels: 1,
    framing: { ...framing, focus, background: 'black' },
  });
  return Float32Array.from(pixels, (value) => Number(value >= minWhite));
}

/** The place in a picture that `focus` means, as fractions if the content decides. */
async function focusIn(path: string, target: ImageSize, focus: string): Promise<string> {
  const { pixels, ...size } = await decodeWhole(await bytesOf(path));
  return soughtFocus(pixels, { ...size, channels: 3 }, target, focus);
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
