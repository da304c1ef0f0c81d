// Pictures that accompany the site's models: real ones outside the training set, and findings of `visualise` about filters. Dropped models
// have none.
import type { ImageSize } from '../runtime-web/format/image-shape.ts';
import type { Condition } from '../runtime-web/format/wanted-values.ts';

/** Filters of one generator layer that draw one attribute, found by `visualise --drop`. */
export interface FilterGroup {
  /** `glasses` */
  readonly name: string;
  readonly layer: string;
  readonly filters: readonly number[];
  /** Number of pictures classified, and how many showed the attribute: with all filters, without these, without as many random ones. */
  readonly of: number;
  readonly before: number;
  readonly after: number;
  readonly random: number;
}

/** Fractions that say how well a model's discriminator tells real pictures from the model's own. */
export interface DiscriminatorFigures {
  /** Number of real pictures, none of them used in training, and of fakes. */
  readonly images: number;
  /** Real pictures and fakes with a probability of at least one half. */
  readonly realCalledReal: number;
  readonly fakesCalledReal: number;
  /** Pairs of a real picture and a fake in which the real one gets the higher probability. */
  readonly pairsRight: number;
}

/** Real images in one file, row by row. */
export interface HeldOut {
  readonly file: string;
  readonly count: number;
  readonly columns: number;
  readonly text: string;
  /** The label, attributes or numbers of each image, as `generate` takes them; absent for a model whose discriminator receives none. */
  readonly conditions?: readonly Condition[];
}

/** The pictures of a model. */
export interface ModelPictures {
  /** Null for a model whose training images have no part that was set apart. */
  readonly heldOut: HeldOut | null;
  /** Null for a model without a discriminator. */
  readonly discriminator: DiscriminatorFigures | null;
  /** The sheet of the discriminator's filters. */
  readonly sheet: {
    readonly file: string;
    readonly layer: string;
    readonly sees: number;
    readonly width: number;
    readonly height: number;
  } | null;
  readonly groups: readonly FilterGroup[];
}

const folderOf = (model: string): URL => new URL(`pictures/${model}/`, document.baseURI);

/** The address of a picture of a model. */
export function pictureUrl(model: string, file: string): string {
  return new URL(file, folderOf(model)).href;
}

/** The pictures of a model; null for a dropped model, and where the site has none. */
export async function picturesOf(model: string, signal: AbortSignal): Promise<ModelPictures | null> {
  if (model.startsWith('dropped/')) return null;
  const response = await fetch(new URL('pictures.json', folderOf(model)), { signal });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return response.ok && isJson ? ((await response.json()) as ModelPictures) : null;
}

/** The real images, each on a canvas. */
export async function heldOutOf(
  model: string,
  { file, count, columns }: HeldOut,
  signal: AbortSignal,
): Promise<HTMLCanvasElement[]> {
  const response = await fetch(pictureUrl(model, file), { signal });
  const sheet = await decoded(await response.blob());
  const [width, height] = [sheet.width / columns, sheet.height / Math.ceil(count / columns)];
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    return partOf(sheet, { width, height }, { left: x * width, top: y * height, width, height });
  });
}

/** The middle of a picture file in the shape of `size`, on a canvas of that size. Throws TypeError for a file that is no picture. */
export async function pictureOfFile(file: Blob, size: ImageSize): Promise<HTMLCanvasElement> {
  const picture = await decoded(file);
  const scale = Math.min(picture.width / size.width, picture.height / size.height);
  const [width, height] = [size.width * scale, size.height * scale];
  const [left, top] = [(picture.width - width) / 2, (picture.height - height) / 2];
  return partOf(picture, size, { left, top, width, height });
}

async function decoded(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new TypeError('this file cannot be read as a picture; use PNG, JPEG or WebP');
  }
}

function partOf(
  picture: ImageBitmap,
  { width, height }: ImageSize,
  part: ImageSize & { readonly left: number; readonly top: number },
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, part.left, part.top, part.width, part.height, 0, 0, width, height);
  return canvas;
}
