// Pictures that came with the site's models, beside them: real ones that a model was not trained on, and what `visualise` has
// found out about its filters. Models that were dropped on the page bring none.

/** Filters of one layer of the generator that draw one thing, by `visualise --drop`. */
export interface FilterGroup {
  /** `glasses` */
  readonly name: string;
  readonly layer: string;
  readonly filters: readonly number[];
  /** Pictures that were judged, and how many showed it: with all filters, without these, without as many others. */
  readonly of: number;
  readonly before: number;
  readonly after: number;
  readonly random: number;
}

/** What there is of a model. */
export interface ModelPictures {
  /** Real images in one file, row by row. */
  readonly heldOut: {
    readonly file: string;
    readonly count: number;
    readonly columns: number;
    readonly text: string;
  };
  /** What the discriminator's filters look at. */
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

/** What there is of a model; null for one that was dropped, and where the site has none. */
export async function picturesOf(model: string, signal: AbortSignal): Promise<ModelPictures | null> {
  if (model.startsWith('dropped/')) return null;
  const response = await fetch(new URL('pictures.json', folderOf(model)), { signal });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return response.ok && isJson ? ((await response.json()) as ModelPictures) : null;
}

/** The real images, each on a canvas. */
export async function heldOutOf(
  model: string,
  { heldOut: { file, count, columns } }: ModelPictures,
  signal: AbortSignal,
): Promise<HTMLCanvasElement[]> {
  const response = await fetch(pictureUrl(model, file), { signal });
  const sheet = await createImageBitmap(await response.blob());
  const side = sheet.width / columns;
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    return squareOf(sheet, side, { left: x * side, top: y * side, square: side });
  });
}

/** A picture of any size on a canvas of the model's size: its middle square. Throws TypeError for a file that is none. */
export async function pictureOfFile(file: Blob, side: number): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new TypeError('this file cannot be read as a picture; PNG, JPEG and WebP can');
  });
  const square = Math.min(picture.width, picture.height);
  const [left, top] = [(picture.width - square) / 2, (picture.height - square) / 2];
  return squareOf(picture, side, { left, top, square });
}

function squareOf(
  picture: ImageBitmap,
  side: number,
  { left, top, square }: { readonly left: number; readonly top: number; readonly square: number },
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = 'white';
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, left, top, square, square, 0, 0, side, side);
  return canvas;
}
