// The types of pictures that a visitor gives: files, camera frames, drawings, and what training sees of them.
import type { Channels } from '../format/image-shape.ts';
import type { Focus } from '../format/crop-box.ts';
import type { LoadProgress } from '../protocol.ts';

/** Pictures that are ready to train on. */
export interface Pictures {
  /** [n, height, width, channels]; with 4 channels the colours are premultiplied, as `loadTrainer` takes them. */
  readonly images: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** One for each: the file's name, with its folder where one was chosen, or `picture 3`. */
  readonly names: readonly string[];
  /** One for each: its index among the sources, by which it can be read again with another focus. */
  readonly indices: readonly number[];
  /** Pictures that were left out. */
  readonly refused: readonly RefusedPicture[];
}

/** A picture that was left out, and why. */
export interface RefusedPicture {
  readonly name: string;
  /** Its index among the sources. */
  readonly index: number;
  /** For people: `damaged or incomplete`. */
  readonly reason: string;
}

/** Options of `readPictures`. */
export interface PictureOptions {
  /** Pixels of the training images. */
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** The place that the crop lies around: `centre` (default), or fractions of the picture's width and height. */
  readonly focus?: Focus | undefined;
  /** The place for one picture, by its index among the sources; undefined for `focus`. */
  readonly focusOf?: ((index: number) => Focus | undefined) | undefined;
  /** Reads at most that many pictures; the rest are left unread. */
  readonly most?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of pictures read or refused, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** URL of a folder that holds the files of the package's `dist`; by default where this script is. */
  readonly assets?: URL | string | undefined;
}

/** Options of `startCamera`. */
export interface CameraOptions {
  /** The camera of a phone: `user` (default) looks at the visitor, `environment` away. */
  readonly facing?: 'user' | 'environment' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A camera that the visitor has allowed. It is on until a burst has ended, or `stop()`. */
export interface Camera {
  /** For a preview: `video.srcObject = camera.stream`. */
  readonly stream: MediaStream;
  /** Takes pictures and switches the camera off. Rejects with the signal's reason, and when the camera ends. */
  burst(options?: BurstOptions): Promise<ImageData[]>;
  /** Switches the camera off. */
  stop(): void;
}

/** Options of a burst. */
export interface BurstOptions {
  /** Number of pictures, 1 to 500; default 24. */
  readonly count?: number | undefined;
  /** Milliseconds from one to the next, 0 to 10,000; default 150. */
  readonly intervalMs?: number | undefined;
  /** True: the camera stays on for another burst. */
  readonly keepOn?: boolean | undefined;
  /** Receives each picture when it is taken, and its index. */
  readonly onPicture?: ((picture: ImageData, index: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `drawingPad`. */
export interface PadOptions {
  /** Pixels of the drawing, 4 to 256; default 32. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** CSS colours of the brush (default black) and of the ground (default white). */
  readonly colour?: string | undefined;
  readonly ground?: string | undefined;
  /** Width of the brush in pixels of the drawing, 1 to 16; default 2. */
  readonly brush?: number | undefined;
  /** The name of the canvas for screen readers; by default in English, with the keys. */
  readonly label?: string | undefined;
  /** Called after every change. */
  readonly onChange?: (() => void) | undefined;
  /** Receives the square that the keys have reached, counted from 0, to tell it to screen readers. */
  readonly onMove?:
    | ((square: { readonly column: number; readonly row: number; readonly isPainted: boolean }) => void)
    | undefined;
}

/**
 * A canvas to draw on by mouse, touch, pen and keys: arrows move over the squares, with Shift they draw; space paints, E erases or paints
 * again, Z undoes, Delete clears.
 */
export interface DrawingPad {
  /** A copy of the drawing. */
  picture(): ImageData;
  /** True while nothing differs from the ground. */
  readonly isEmpty: boolean;
  /** Paint with another colour or width from now on. */
  set(change: { readonly colour?: string; readonly brush?: number; readonly isErasing?: boolean }): void;
  /** Takes back the last stroke; does nothing without one. */
  undo(): void;
  /** Covers the drawing with the ground. `undo()` brings it back. */
  clear(): void;
  /** Removes its listeners; the canvas stays as it is. */
  dispose(): void;
}

/** Options of `loadClothes`. */
export interface ClothesOptions {
  /** The shape of the training images; default 32x32 with 1 channel. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly channels?: Channels | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives the bytes loaded so far. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** URL of a folder that holds the files of the package's `dist`; by default where this script is. */
  readonly assets?: URL | string | undefined;
}

/** Labelled images as `loadTrainer` takes them. */
export interface Clothes {
  /** [n, height, width, channels] */
  readonly images: Uint8Array<ArrayBuffer>;
  /** [n] indices into `classes`. */
  readonly labels: Int32Array<ArrayBuffer>;
  readonly classes: readonly string[];
  /** For `loadTrainer`: `fashion-mnist`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly warnings: readonly string[];
}

/** A package of the build for a visitor's pictures, and why. */
export interface ChosenPackage {
  /** The name of its folder among the networks of the build. */
  readonly name: string;
  /** For people. */
  readonly reason: string;
  /** Weights of the build that few pictures learn faster from than from noise; null where that has not been measured. */
  readonly start: ChosenStart | null;
}

/** Weights to start from, as `loadTrainer` takes them. */
export interface ChosenStart {
  /** The path of the file in the folder of networks: `from`, once the folder's URL is before it. */
  readonly file: string;
  /** Number of D's layers that are best left as they are. */
  readonly freezeD: number;
}
