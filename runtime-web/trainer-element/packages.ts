// The package of networks that an element trains: the one that the page names, or one of a folder, by the pictures.
import type { ImageShape } from '../format/image-shape.ts';
import { manyImages } from '../format/training/image-counts.ts';
import { parseTrainable } from '../format/training/parse-trainable.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { packageFor } from '../train/enough-pictures.ts';
import { avatarImages } from '../training/avatars.ts';
import { givenImages, type GivenImages, type TrainingData, type TrainingImages } from '../training/images.ts';

/** Names of the folder's packages that the element chooses itself; the visitor's pictures have those of `packageFor`. */
export const packageNames = {
  faces: 'relativistic-32',
  minimax: 'minimax-32',
  latent: 'tiny-latent-32',
} as const;

/** A package with the pictures to train on. */
export interface Prepared {
  /** Absolute URL of its `model.json`. */
  readonly url: string;
  readonly opened: TrainablePackage;
  readonly data: TrainingData;
  readonly images: TrainingImages<Uint8Array>;
}

/** Number and channels of pictures. */
export interface OwnPictures {
  readonly count: number;
  readonly channels: 1 | 3;
}

/**
 * The address of a package: the one that the page names, or one of its folder, for pictures of the visitor or (`own` null) for the faces.
 * `network` names one that has to be of the folder. Throws Error without either.
 */
export function addressOf({
  src,
  folder,
  own,
  network,
}: {
  readonly src: string;
  readonly folder: URL | null;
  readonly own: OwnPictures | null;
  readonly network: string | undefined;
}): string {
  if (src !== '' && (network === undefined || folder === null)) return new URL(src, document.baseURI).href;
  if (folder === null) throw new Error('src: no networks to train are named; set src or networks');
  const name = network ?? (own === null ? packageNames.faces : packageFor(own).name);
  return new URL(`${name}/model.json`, folder).href;
}

/** Pictures that the page loads from a `clothes.json`. */
export interface PublishedPictures {
  /** Absolute URL. */
  readonly clothes: string;
}

/** Number and channels of pictures; null for the faces. Pictures that do not say their shape have that of the usual packages. */
export function ownOf(data: TrainingData | PublishedPictures): OwnPictures | null {
  if (typeof data === 'string' || 'avatars' in data) return null;
  // The clothes are fewer, but look better after the first minutes without augmentation.
  if ('clothes' in data) return { count: manyImages, channels: 1 };
  const { width = 32, height = 32, channels = 3 } = data as GivenImages & Partial<ImageShape>;
  return { count: data.images.length / (width * height * channels), channels: channels === 1 ? 1 : 3 };
}

/** The addresses of the packages in a folder, by its `index.json`. Throws Error for one that cannot be read. */
export async function packagesIn(folder: URL): Promise<readonly string[]> {
  const url = new URL('index.json', folder);
  const response = await fetch(url);
  const names: unknown = response.ok ? await response.json().catch(() => null) : null;
  if (!Array.isArray(names)) throw new Error(`${url.href}: expected a list of the packages' names`);
  return names.map((name) => new URL(`${String(name)}/model.json`, folder).href);
}

/** Reads a package's record. Throws Error and ModelFormatError for one that cannot be read, the signal's reason. */
export async function openedAt(url: string, signal: AbortSignal): Promise<TrainablePackage> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error(`${url}: cannot be fetched (${String(error)})`);
  });
  if (!response.ok) throw new Error(`${url}: the server answers ${response.status}; expected a model.json`);
  const json: unknown = await response.json().catch(() => {
    throw new Error(`${url}: is not JSON; expected a model.json`);
  });
  return parseTrainable(json, url);
}

/**
 * Reads a package's record, as {@link openedAt}, and loads or checks the pictures. `assets` is where the page serves the runtime's files. Throws
 * RangeError for pictures that do not fit, and what `loadClothes` throws.
 */
export async function prepared(
  url: string,
  wanted: TrainingData | PublishedPictures,
  { signal, assets }: { readonly signal: AbortSignal; readonly assets: string | undefined },
): Promise<Prepared> {
  const opened = await openedAt(url, signal);
  const { width, height, channels } = opened;
  let data: TrainingData;
  if (typeof wanted === 'object' && 'clothes' in wanted) {
    const { loadClothes } = await import('../train/index.ts');
    data = await loadClothes(wanted.clothes, { width, height, channels, signal, assets });
  } else data = wanted;
  if (typeof data === 'object' && 'images' in data) {
    checkShape(data, opened);
    return { url, opened, data, images: givenImages(data, opened) };
  }
  const images = avatarImages(data === 'avatars' ? null : data.avatars, opened);
  return { url, opened, data, images };
}

/** Pictures that say their shape must have the package's. */
function checkShape(data: TrainingData, wanted: ImageShape): void {
  const given = data as Partial<ImageShape>;
  if (given.width === undefined) return;
  const text = ({ width, height, channels }: Partial<ImageShape>): string =>
    `${width}x${height} with ${channels} channels`;
  if (text(given) === text(wanted)) return;
  throw new RangeError(
    `data: got pictures of ${text(given)}, expected ${text(wanted)}; read them again at this size`,
  );
}
