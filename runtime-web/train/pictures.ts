// The visitor's pictures for a training: files, folders, camera, drawing pad, and the clothes. Each function loads its code on first use.
// Pictures never leave the device.
import { WorkerLink } from '../worker-link.ts';
import type {
  Camera,
  CameraOptions,
  Clothes,
  ClothesOptions,
  DrawingPad,
  PadOptions,
  PictureOptions,
  Pictures,
} from './picture-types.ts';
import type { StartReader } from './picture-reader.ts';
import type { GivenPicture, PicturesApi } from './pictures-protocol.ts';
import { assetsUrl, picturesWorker } from './worker-script.ts';

const start: StartReader = (assets, onEnd) =>
  WorkerLink.start<PicturesApi>('wasm', assetsUrl(assets), onEnd, picturesWorker);

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
  return readAll(sources, options, start);
}

/**
 * The files of a drop, a paste or a file input, those in folders too, sorted by path. Of a folder only files of pictures count. Call it
 * while the event is handled: a browser empties its data afterwards.
 */
export function filesOf(given: DataTransfer | HTMLInputElement | FileList): Promise<File[]> {
  const items =
    'items' in given
      ? Array.from(
          given.items as DataTransferItemList,
          (item) => [item.getAsFile(), item.webkitGetAsEntry()] as const,
        )
      : Array.from('files' in given ? (given.files ?? []) : given, (file) => [file, null] as const);
  return import('./given-files.ts').then(({ allFiles }) => allFiles(items));
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
  return readClothes(url, options, start);
}

export { packageFor, shortageOf } from './enough-pictures.ts';
