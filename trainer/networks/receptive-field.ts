// The receptive field of a unit of a discriminator, traced back through the convolutions between it and the image.

/** A range of pixels along one side of the image; it may extend beyond both ends. */
export interface Span {
  readonly first: number;
  readonly size: number;
}

/** One convolution along one axis: its taps, its stride, and the pixels of padding before the image. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
}

/** The pixels of the image that unit `place` sees behind `windows`, which are in order from the image on. */
export function spanThrough(windows: readonly Window[], place: number): Span {
  let [first, last] = [place, place];
  for (const { kernel, stride, before } of windows.toReversed()) {
    first = first * stride - before;
    last = last * stride - before + kernel - 1;
  }
  return { first, size: last - first + 1 };
}
