// The receptive field of a discriminator's unit, traced back through the strided convolutions with TensorFlow's 'same' padding (an
// odd pixel of padding is at the end).

/** A range of pixels along one side of the image; it may extend beyond both ends. */
export interface Span {
  readonly first: number;
  readonly size: number;
}

const stride = 2;

/**
 * The rows (or columns) of the image, `side` pixels long, that unit `place` of block number `block` (from 1) sees. Throws RangeError for a
 * block that does not exist.
 */
export function receptiveSpan(
  { side, kernel }: { readonly side: number; readonly kernel: number },
  block: number,
  place: number,
): Span {
  if (!Number.isInteger(block) || block < 1 || side % stride ** block !== 0) {
    throw new RangeError(`block: got ${block}, expected a block of a discriminator of ${side} pixels`);
  }
  let [first, last] = [place, place];
  for (let level = block; level >= 1; level--) {
    const input = side / stride ** (level - 1);
    const padding = Math.max(0, (Math.ceil(input / stride) - 1) * stride + kernel - input);
    const before = Math.floor(padding / 2);
    first = first * stride - before;
    last = last * stride - before + kernel - 1;
  }
  return { first, size: last - first + 1 };
}
