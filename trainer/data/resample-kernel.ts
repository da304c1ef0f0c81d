// The inner loop of resampling, in WebAssembly: sums of weighted values for 8 lines at once, by SIMD and without checks of bounds, which
// JavaScript lacks. The sums are those of a plain loop over doubles, to the bit. The module is assembled here, so no tool chain is needed.

/** Number of lines that are summed at once. */
export const lanes = 8;

/** Memory of the kernel, valid until the next {@link kernelFor}. */
export interface Kernel {
  /** [values, lanes] */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** Results of the last `sum`, [lanes]. */
  readonly sums: Float64Array;
  /** For each lane, adds weights[weight + t] * values[value + t * step] for t from 0 to `count` - 1, in this order. `count` is at least 1. */
  sum(value: number, step: number, weight: number, count: number): void;
}

/** Parameters and locals of the function, by index. */
const local = { value: 0, step: 1, weight: 2, end: 3, factor: 4, sums: [5, 6, 7, 8] } as const;

// Instructions, as in the text format; addresses and steps are in bytes.
const get = (index: number): number[] => [0x20, index];
const set = (index: number): number[] => [0x21, index];
const tee = (index: number): number[] => [0x22, index];
const i32Constant = (value: number): number[] => [0x41, value];
const i32Add = [0x6a];
const i32LessThan = [0x49];
const loadVector = (offset: number): number[] => [0xfd, 0x00, 4, offset];
const loadSplat = [0xfd, 0x0a, 3, 0];
const storeVector = (offset: number): number[] => [0xfd, 0x0b, 4, offset];
const f64x2Add = [0xfd, 0xf0, 0x01];
const f64x2Multiply = [0xfd, 0xf2, 0x01];
const loop = (body: readonly number[]): number[] => [0x03, 0x40, ...body, 0x0b];
const branchIfToLoop = [0x0d, 0];

/** Each vector has two lanes, 16 bytes. */
const body = [
  ...loop([
    ...[...get(local.weight), ...loadSplat, ...set(local.factor)],
    ...local.sums.flatMap((sum, i) => [
      ...get(sum),
      ...[...get(local.factor), ...get(local.value), ...loadVector(16 * i), ...f64x2Multiply],
      ...[...f64x2Add, ...set(sum)],
    ]),
    ...[...get(local.value), ...get(local.step), ...i32Add, ...set(local.value)],
    ...[...get(local.weight), ...i32Constant(8), ...i32Add, ...tee(local.weight)],
    ...[...get(local.end), ...i32LessThan, ...branchIfToLoop],
  ]),
  ...local.sums.flatMap((sum, i) => [...i32Constant(0), ...get(sum), ...storeVector(16 * i)]),
];

const [i32, v128] = [0x7f, 0x7b];
/** Encoded in one or two bytes; less than 2 ** 14. */
const size = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
const sized = (bytes: readonly number[]): number[] => [...size(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const name = (text: string): number[] => sized([...Buffer.from(text)]);

const wasm = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
  ...section(1, [1, 0x60, 4, i32, i32, i32, i32, 0]), // types: (value, step, weight, end) → nothing
  ...section(3, [1, 0]), // functions
  ...section(5, [1, 0x00, 1]), // memory of at least one page
  ...section(7, [2, ...name('memory'), 0x02, 0, ...name('sum'), 0x00, 0]), // exports
  ...section(10, [1, ...sized([1, 5, v128, ...body, 0x0b])]), // code, with five vectors as locals
]);

/** The part of the API that is used here; the type declarations of Node lack it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
      sum(value: number, step: number, weight: number, end: number): void;
    };
  };
};

const pageBytes = 65536;
const { memory, sum } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;

/** The kernel with room for this many values (of {@link lanes} each) and weights. All users share its memory. */
export function kernelFor(values: number, weights: number): Kernel {
  const valuesStart = 8 * lanes;
  const weightsStart = valuesStart + 8 * lanes * values;
  const missing = weightsStart + 8 * weights - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  return {
    values: new Float64Array(memory.buffer, valuesStart, lanes * values),
    weights: new Float64Array(memory.buffer, weightsStart, weights),
    sums: new Float64Array(memory.buffer, 0, lanes),
    sum(value, step, weight, count) {
      const first = weightsStart + 8 * weight;
      sum(valuesStart + 8 * lanes * value, 8 * lanes * step, first, first + 8 * count);
    },
  };
}
