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

/** Pictures at one shape. */
export class OwnPictures {
  readonly shape: ImageShape;
  #pictures: readonly OwnPicture[] = [];
  #refused: readonly RefusedPicture[] = [];

  constructor(shape: ImageShape) {
    this.shape = shape;
  }

  get pictures(): readonly OwnPicture[] {
    return this.#pictures;
  }

  /** Pictures that could not be read, and why. */
  get refused(): readonly RefusedPicture[] {
    return this.#refused;
  }

  /** Reads more pictures; `onProgress` receives the number read. Throws what `readPictures` throws. */
  async add(sources: readonly GivenPicture[], onProgress: (done: number) => void): Promise<void> {
    const { readPictures } = await import('../train/index.ts');
    const read = await readPictures(sources, { ...this.shape, onProgress });
    const length = lengthOf(this.shape);
    const added = read.names.map((name, i) => ({
      ...{ source: sources[read.indices[i]!]!, name, focus: 'centre' as const },
      bytes: read.images.subarray(i * length, (i + 1) * length),
    }));
    this.#pictures = [...this.#pictures, ...added];
    this.#refused = [...this.#refused, ...read.refused];
  }

  /** Crops a picture around another place. */
  async crop(picture: OwnPicture, focus: Focus): Promise<OwnPicture> {
    const { readPictures } = await import('../train/index.ts');
    const { images } = await readPictures([picture.source], { ...this.shape, focus });
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
