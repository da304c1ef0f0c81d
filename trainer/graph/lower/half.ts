// IEEE 754 half precision for weights on disk: round to nearest, ties to even, like a processor.

/** Smaller weights (biases, the image layer's kernel) would save few bytes, and their rounding is the most visible. */
const minHalvedLength = 512;

/** True if a weight is large enough to be stored in half precision. */
export function isWorthHalving({ length }: ArrayLike<number>): boolean {
  return length >= minHalvedLength;
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** The 16 bits of a number in half precision; numbers out of range become infinite. */
export function halfBits(value: number): number {
  word[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  const mantissa = x & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted <= 0) {
    if (shifted < -10) return sign;
    return sign | roundShift(mantissa | 0x800000, 14 - shifted);
  }
  // A carry out of the mantissa correctly increments the exponent.
  return sign | (((shifted << 10) | 0) + roundShift(mantissa, 13));
}

/** Half precision as little-endian bytes. */
export function halfBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, halfBits).buffer);
}

/** A weight as float32 after storage in a file with half-precision weights. */
export function halfStored(values: Float32Array): Float32Array {
  return isWorthHalving(values) ? halfRounded(values) : values;
}

/** The values rounded to half precision, as float32. */
export function halfRounded(values: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, (value) => halfValue(halfBits(value)));
}

/** The number that 16 bits in half precision stand for. */
export function halfValue(half: number): number {
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}

function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
