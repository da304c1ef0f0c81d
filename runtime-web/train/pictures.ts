// The visitor's pictures for a training: files, folders, camera, drawing pad, and the clothes. Each function loads its code on first use.
// Pictures never leave the device.
import { WorkerLink } from '../worker-link.ts';
import type {
  Camera,
  CameraOptions,
  Clothes,
  ClothesOptions,
  DrawingPad,
  GivenPicture,
  PadOptions,
  PictureOptions,
  Pictures,
} from './picture-types.ts';
import type { PicturesApi } from './pictures-protocol.ts';
import { assetsUrl, picturesWorker } from './worker-script.ts';

type Link = WorkerLink<PicturesApi>;

/** The page's workers that read pictures, by the folder of their script. */
const links = new Map<string, Promise<Link>>();

/** The worker, started if necessary, with the caller counted as a user. */
async function reader(assets: URL | string | undefined): Promise<Link> {
  const folder = assetsUrl(assets);
  const key = String(folder);
  let starting = links.get(key);
  if (starting === undefined) {
    const remove = (): void => void links.delete(key);
    starting = WorkerLink.start<PicturesApi>('wasm', folder, remove, picturesWorker);
    links.set(key, starting);
    starting.catch(remove);
  }
  const link = await starting;
  link.hold();
  return link;
}

/**
 * Reads pictures as a training sees them: upright, cropped, resized as the trainer does it, transparency on white, or premultiplied
 * with 4 channels. One after another in a worker, so that memory holds two decoded pictures at most. Pictures that cannot be read are
 * counted in `refused`. Throws RangeError for invalid options; WorkerError where no worker can be started; the signal's reason.
 */
export async function readPictures(
  sources: Iterable<GivenPicture>,
  options: PictureOptions,
): Promise<Pictures> {
  const { readAll } = await import('./read-pictures.ts');
  return readAll(sources, options, () => reader(options.assets));
}

/**
 * The files of a drop, a paste or a file input, those in folders too, sorted by path. Of a folder only files of pictures count. Call it
 * while the event is handled: a browser empties its data afterwards.
 */
export function filesOf(given: DataTransfer | HTMLInputElement | FileList): Promise<File[]> {
  const files: File[] = [];
  const folders: FileSystemDirectoryEntry[] = [];
  if ('items' in given)
    for (const item of given.items as DataTransferItemList) {
      const entry = item.webkitGetAsEntry();
      const file = item.getAsFile();
      if (entry?.isDirectory === true) folders.push(entry as FileSystemDirectoryEntry);
      else if (file !== null) files.push(file);
    }
  else files.push(...('files' in given ? (given.files ?? []) : given));
  return import('./given-files.ts').then(({ allFiles }) => allFiles(files, folders));
}

/**
 * Asks the visitor for the camera; call it when they ask for pictures. Throws DOMException with what to do, by the browser's name of it:
 * NotAllowedError, NotFoundError or NotReadableError.
 */
export async function startCamera(options: CameraOptions = {}): Promise<Camera> {
  const { openCamera } = await import('./camera.ts');
  return openCamera(options);
}

/** Makes a canvas a pad to draw on. Its pixels become those of the drawing; give it a size by CSS. Throws RangeError for invalid options. */
export async function drawingPad(canvas: HTMLCanvasElement, options: PadOptions = {}): Promise<DrawingPad> {
  const { padOn } = await import('./drawing-pad.ts');
  return padOn(canvas, options);
}

/**
 * Loads labelled pictures of clothes, whose `clothes.json` is at `url`. Throws ModelLoadError for files that cannot be fetched or differ
 * from the published ones; RangeError for invalid options; WorkerError; the signal's reason.
 */
export async function loadClothes(url: string | URL, options: ClothesOptions = {}): Promise<Clothes> {
  const { readClothes } = await import('./clothes.ts');
  return readClothes(url, options, () => reader(options.assets));
}

export { packageFor, shortageOf } from './enough-pictures.ts';
