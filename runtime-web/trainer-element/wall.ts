// The wall: a grid of pictures on a canvas, and the frames of its past as small WebP files.
import { Thinned } from './thinned.ts';

/** The wall at one step. */
export interface Frame {
  readonly step: number;
  /** WebP, or PNG where the browser writes none. */
  readonly picture: Blob;
}

/** Frames in memory: some 8 kB each at 8 by 4 pictures of 32x32. */
const maxFrames = 150;

/** A wall on a canvas. */
export class Wall {
  readonly #canvas: HTMLCanvasElement;
  /** The newest pictures, also while an older frame is shown. */
  readonly #newest = document.createElement('canvas');
  #frames = new Thinned<Frame>(maxFrames);
  #shown: Frame | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** The frames so far, by step. */
  get frames(): readonly Frame[] {
    return this.#frames.entries;
  }

  /** The step of the frame that is shown; null for the newest pictures. */
  get shownStep(): number | null {
    return this.#shown?.step ?? null;
  }

  /** Forgets all frames. */
  clear(): void {
    this.#frames = new Thinned<Frame>(maxFrames);
    this.#shown = null;
  }

  /** Draws the newest pictures, row by row; shows them unless an older frame is shown. */
  draw(images: readonly ImageData[], columns: number): void {
    const [first] = images;
    if (first === undefined) return;
    const { width, height } = first;
    resize(this.#newest, width * columns, height * Math.ceil(images.length / columns));
    const context = this.#newest.getContext('2d')!;
    images.forEach((image, i) => {
      context.putImageData(image, (i % columns) * width, Math.floor(i / columns) * height);
    });
    if (this.#shown === null) this.#show(this.#newest);
  }

  /** Keeps the newest pictures as the frame of a step. */
  async keep(step: number): Promise<void> {
    const frames = this.#frames;
    const picture = await new Promise<Blob | null>((done) => this.#newest.toBlob(done, 'image/webp', 0.85));
    if (picture !== null && frames === this.#frames) frames.add({ step, picture });
  }

  /** Shows the frame whose step is nearest; without a step, or without frames, the newest pictures. */
  async scrub(step?: number): Promise<void> {
    const distance = (frame: Frame): number => Math.abs(frame.step - step!);
    const frames = step === undefined ? [] : [...this.frames];
    const frame = frames.sort((a, b) => distance(a) - distance(b))[0] ?? null;
    this.#shown = frame;
    if (frame === null) return this.#show(this.#newest);
    const bitmap = await createImageBitmap(frame.picture);
    // Another one may have been asked for meanwhile.
    if (this.#shown === frame) this.#show(bitmap);
    bitmap.close();
  }

  #show(picture: HTMLCanvasElement | ImageBitmap): void {
    resize(this.#canvas, picture.width, picture.height);
    const context = this.#canvas.getContext('2d')!;
    context.clearRect(0, 0, picture.width, picture.height);
    context.drawImage(picture, 0, 0);
  }
}

/** Changes the size of a canvas, which empties it, only where it differs. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
