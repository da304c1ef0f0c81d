// Which part of the image a unit of the discriminator sees: followed back through the strided convolutions, whose padding
// is TensorFlow's 'same' (what is odd of it lies behind).

/** A stretch of pixels along one side of the image; it may begin before it or end behind it. */
export interface Span {
  readonly first: number;
  readonly size: number;
}

const stride = 2;

/**
 * The rows (or columns) of the image that unit `place` of block number `block` (1 for the first) sees.
 * Throws RangeError where there is no such block.
 */
export function receptiveSpan(
  { imageSize, kernel }: { readonly imageSize: number; readonly kernel: number },
  block: number,
  place: number,
): Span {
  if (!Number.isInteger(block) || block < 1 || imageSize % stride ** block !== 0) {
    throw new RangeError(`block: got ${block}, expected a block of a discriminator of ${imageSize} pixels`);
  }
  let [first, last] = [place, place];
  for (let level = block; level >= 1; level--) {
    const input = imageSize / stride ** (level - 1);
    const padding = Math.max(0, (Math.ceil(input / stride) - 1) * stride + kernel - input);
    const before = Math.floor(padding / 2);
    first = first * stride - before;
    last = last * stride - before + kernel - 1;
  }
  return { first, size: last - first + 1 };
}
