// Number formats of tensors in other programs' files, and their conversion to float32.
import { fromHalf } from '../../runtime-web/format/training/from-half.ts';

/** A format of floating-point numbers. */
export type FloatFormat = 'float16' | 'bfloat16' | 'float32' | 'float64';

/** Bytes of one number. */
export const floatBytes: Readonly<Record<FloatFormat, number>> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
};

/** One number at a byte of a view. */
type Read = (view: DataView, at: number, isLittleEndian: boolean) => number;

/** Bits of a float32 and the number they stand for. */
const word = new DataView(new ArrayBuffer(4));

const readers: Readonly<Record<FloatFormat, Read>> = {
  float16: (view, at, isLittleEndian) => fromHalf(view.getUint16(at, isLittleEndian)),
  bfloat16(view, at, isLittleEndian) {
    word.setUint32(0, view.getUint16(at, isLittleEndian) << 16);
    return word.getFloat32(0);
  },
  float32: (view, at, isLittleEndian) => view.getFloat32(at, isLittleEndian),
  float64: (view, at, isLittleEndian) => view.getFloat64(at, isLittleEndian),
};

/** The numbers in `bytes`, whose length is a multiple of {@link floatBytes}, rounded to float32. */
export function toFloat32(
  format: FloatFormat,
  bytes: Uint8Array,
  isLittleEndian = true,
): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = floatBytes[format];
  const read = readers[format];
  const numbers = new Float32Array(bytes.length / size);
  for (let i = 0; i < numbers.length; i++) numbers[i] = read(view, i * size, isLittleEndian);
  return numbers;
}
