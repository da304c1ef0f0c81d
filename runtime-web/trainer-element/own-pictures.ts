// The visitor's pictures for a training: added in parts, cropped again one by one, and removed.
import { lengthOf, type ImageShape } from '../format/image-shape.ts';
import type { Focus } from '../format/crop-box.ts';
import type { GivenImages, GivenPicture, RefusedPicture } from '../train/index.ts';

/** One picture: where it comes from, and what training sees of it. */
export interface OwnPicture {
  readonly source: GivenPicture;
  readonly name: string;
  /** [height, width, channels] */
  readonly bytes: Uint8Array;
  readonly focus: Focus;
}

/** Pictures that are read before one may stop. */
const atOnce = 32;

/** Pictures at one shape. */
export class OwnPictures {
  readonly shape: ImageShape;
  readonly #assets: string | undefined;
  #pictures: readonly OwnPicture[] = [];
  #refused: readonly RefusedPicture[] = [];

  /** `assets` is where the page serves the runtime's files. */
  constructor(shape: ImageShape, assets: string | undefined) {
    this.shape = shape;
    this.#assets = assets;
  }

  get pictures(): readonly OwnPicture[] {
    return this.#pictures;
  }

  /** Pictures that could not be read, and why. */
  get refused(): readonly RefusedPicture[] {
    return this.#refused;
  }

  /**
   * Reads more pictures, a few at a time, until the signal is aborted; those that are read stay. `onProgress` receives the number read.
   * Throws what `readPictures` throws.
   */
  async add(
    sources: readonly GivenPicture[],
    { onProgress, signal }: { readonly onProgress: (done: number) => void; readonly signal: AbortSignal },
  ): Promise<void> {
    const { readPictures } = await import('../train/index.ts');
    const length = lengthOf(this.shape);
    for (let first = 0; first < sources.length && !signal.aborted; first += atOnce) {
      const part = sources.slice(first, first + atOnce);
      const read = await readPictures(part, {
        ...{ ...this.shape, assets: this.#assets },
        onProgress: (done) => onProgress(first + done),
      });
      const added = read.names.map((name, i) => ({
        ...{ source: part[read.indices[i]!]!, name, focus: 'centre' as const },
        bytes: read.images.subarray(i * length, (i + 1) * length),
      }));
      this.#pictures = [...this.#pictures, ...added];
      this.#refused = [...this.#refused, ...read.refused];
    }
  }

  /** Crops a picture around another place. */
  async crop(picture: OwnPicture, focus: Focus): Promise<OwnPicture> {
    const { readPictures } = await import('../train/index.ts');
    const { images } = await readPictures([picture.source], { ...this.shape, assets: this.#assets, focus });
    const cropped = { ...picture, focus, bytes: images };
    this.#pictures = this.#pictures.map((each) => (each === picture ? cropped : each));
    return cropped;
  }

  remove(picture: OwnPicture): void {
    this.#pictures = this.#pictures.filter((each) => each !== picture);
  }

  /** All of them, as a training takes them. */
  get data(): GivenImages & ImageShape {
    const length = lengthOf(this.shape);
    const images = new Uint8Array(this.#pictures.length * length);
    this.#pictures.forEach(({ bytes }, i) => images.set(bytes, i * length));
    return { images, ...this.shape };
  }
}
