// Reads labelled images that are published as tiles of one image, with a table beside it.
import { isListOf, isNameList, isMatch, isObject, isText, isWhole, refuse } from '../../format/fields.ts';
import { lengthOf, type ImageShape } from '../../format/image-shape.ts';
import { ModelLoadError } from '../../errors.ts';
import { isFile } from '../../format/file-entry.ts';
import type { LoadProgress } from '../../protocol.ts';
import type { ReadClothes } from '../../train/pictures-protocol.ts';
import { resizedPicture } from '../../training/picture-resize.ts';
import { fetchFile, fetchJson } from '../fetch-file.ts';
import { rowsOf, rowsOfPixels } from './read-picture.ts';

/** The table: one label for each tile, row by row. */
const isTable = isObject((table, place) => {
  const classes = table.get('classes', isNameList(1));
  const read = {
    name: table.get('name', isMatch(/^[a-z0-9-]{1,60}$/, 'lower case letters, digits and hyphens')),
    images: table.get('images', isFile),
    width: table.get('width', isWhole(1, 1024)),
    height: table.get('height', isWhole(1, 1024)),
    classes,
    labels: table.get('labels', isListOf(isWhole(0, classes.length - 1), 2)),
  };
  for (const key of ['licence', 'source']) table.get(key, isText);
  if (read.labels.length > 100_000) throw refuse(read.labels.length, 'at most 100000 labels', place);
  return read;
});

/** Fetches, checks and reads them in a training's shape. Throws ModelLoadError and ModelFormatError. */
export async function readClothes(
  url: string,
  shape: ImageShape,
  onProgress?: (progress: LoadProgress) => void,
): Promise<ReadClothes> {
  const table = isTable(await fetchJson(url), { file: url, path: '', isLenient: false });
  const { file, bytes, sha256 } = table.images;
  const address = new URL(file, url).href;
  let loaded = 0;
  const { data, warnings } = await fetchFile({ url: address, bytes, sha256 }, (more) => {
    loaded += more;
    onProgress?.({ loaded, total: bytes, file: address });
  });
  const { width, height, labels } = table;
  const bitmap = await createImageBitmap(new Blob([data]));
  const whole = { left: 0, top: 0, width: bitmap.width, height: bitmap.height };
  const sheet = new ImageData(rowsOf(bitmap, whole)(0, whole.height), whole.width, whole.height);
  bitmap.close();
  const columns = Math.floor(sheet.width / width);
  if (labels.length > columns * Math.floor(sheet.height / height))
    throw new ModelLoadError(
      `${address}: has fewer than ${labels.length} tiles; copy the whole folder again`,
    );
  const length = lengthOf(shape);
  const images = new Uint8Array(labels.length * length);
  labels.forEach((_, i) => {
    const tile = { left: (i % columns) * width, top: Math.floor(i / columns) * height, width, height };
    images.set(resizedPicture(tile, shape, rowsOfPixels(sheet, tile)), i * length);
  });
  const { name, classes } = table;
  return { name, images, labels: Int32Array.from(labels), classes, warnings };
}
