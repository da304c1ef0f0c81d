// An image set of the bench, opened: the data for `train`, the same pixels as raw bytes for the peer, and the reference of the distances.
import { createWriteStream, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { lengthOf, square, type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import { defaultAvatarCount } from '../../../trainer/data/avatars/avatar-source.ts';
import { openDataset, type Dataset } from '../../../trainer/data/dataset.ts';
import { held } from '../../../trainer/held.ts';
import { dataImages, type ImageSet } from '../../../trainer/metrics/image-set.ts';
import { heldOutDataset } from '../../held-out-images.ts';
import { imageSets, type ImageSetRow, type SetName } from './table.ts';

/** Number of avatars in the small set. */
const smallCount = 500;

/** An open set; close it after use. */
export interface OpenSet {
  readonly name: SetName;
  readonly row: ImageSetRow;
  /** The images, with the name of the file or folder that was given. */
  readonly title: string;
  readonly shape: ImageShape;
  /** The value of `--data`. */
  readonly data: string;
  /** The reference of the distances, and a sentence about it. */
  readonly reference: ImageSet;
  readonly referenceText: string;
  /** The training images as raw bytes [count, size, size, channels], written at the first call and removed by {@link close}. */
  rawImages(): Promise<{ readonly path: string; readonly count: number }>;
  close(): Promise<void>;
}

/** Opens a set whose files lie in `folder`; `path` is null for the sets that the bench makes. Throws UserError for unusable data. */
export async function openSet(
  name: SetName,
  path: string | null,
  folder: string,
  count: number,
): Promise<OpenSet> {
  const row: ImageSetRow = imageSets[name];
  const shape = { ...square(row.size), channels: row.channels };
  mkdirSync(folder, { recursive: true });
  const data =
    name === 'small' ? await writeSmallSet(folder, shape) : path === null ? 'avatars' : resolve(path);
  const raw = join(folder, 'images.bytes');
  const dataset =
    row.reference === 'training images'
      ? await openDataset({ ...shape, data })
      : await heldOutDataset({ ...shape, data: path === null ? 'avatars' : data }, defaultAvatarCount, count);
  const reference = dataImages(dataset, 0);
  return {
    ...{ name, row, shape, data, reference },
    title: path === null ? row.about : `${row.about}, from ${basename(path)}`,
    referenceText:
      row.reference === 'other avatars'
        ? `other avatars, numbers ${defaultAvatarCount} to ${defaultAvatarCount + count - 1}`
        : `the ${reference.available} ${row.reference === 'test part' ? 'images of the test part' : row.reference}`,
    async rawImages() {
      await using images = held(await openDataset({ ...shape, data }));
      const { count: available } = images;
      if (!existsSync(raw) || statSync(raw).size !== available * lengthOf(shape)) {
        await pipeline(bytesOf(images), createWriteStream(raw));
      }
      return { path: raw, count: available };
    },
    async close() {
      rmSync(raw, { force: true });
      await reference.close();
    },
  };
}

/** Bytes of all images, a thousand at a time. */
async function* bytesOf(images: Dataset): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < images.count; first += 1000) {
    const indices = Array.from({ length: Math.min(1000, images.count - first) }, (_, i) => first + i);
    const pixels = new Uint8Array(indices.length * lengthOf(images));
    await images.readInto(indices, pixels);
    yield pixels;
  }
}

/** Writes the first avatars as PNG files, as a user has them; resolves to their folder. */
async function writeSmallSet(folder: string, shape: ImageShape): Promise<string> {
  const path = resolve(folder, `avatars-${smallCount}`);
  mkdirSync(path, { recursive: true });
  await using avatars = held(await openDataset({ ...shape, data: 'avatars', avatarCount: smallCount }));
  for (let i = 0; i < smallCount; i++) {
    const file = join(path, `${String(i).padStart(3, '0')}.png`);
    if (existsSync(file)) continue;
    const pixels = new Uint8Array(lengthOf(shape));
    await avatars.readInto([i], pixels);
    await sharp(pixels, { raw: shape }).png().toFile(file);
  }
  return path;
}
