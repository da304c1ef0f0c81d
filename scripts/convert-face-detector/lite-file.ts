// Reads a TensorFlow Lite file (https://github.com/tensorflow/tensorflow, lite/schema/schema.fbs, version 3): the tensors,
// constants included, and the operators of its one graph. It supports the operators of convolutional networks and throws for all
// others. The file is a FlatBuffer (https://flatbuffers.dev/internals), little-endian.

/** A tensor of the file; `values` is null unless it is a constant. */
export interface LiteTensor {
  readonly name: string;
  /** In TensorFlow's order: images [n, h, w, c]. */
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | null;
}

/** One operator call: indices into the tensors, and the options of its kind as plain numbers (absent ones are 0). */
export interface LiteOperator {
  readonly kind: LiteKind;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The number in field `index` of the operator's options. */
  readonly option: (index: number, width: 'byte' | 'int', absent?: number) => number;
}

/** The graph of a file. */
export interface LiteGraph {
  readonly tensors: readonly LiteTensor[];
  readonly operators: readonly LiteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The supported operators, by their number in the schema. */
const kinds = {
  0: 'add',
  3: 'conv-2d',
  4: 'depthwise-conv-2d',
  6: 'dequantize',
  17: 'max-pool-2d',
  19: 'relu',
  22: 'reshape',
  23: 'resize-bilinear',
  34: 'pad',
} as const;

/** The name of a supported operator. */
export type LiteKind = (typeof kinds)[keyof typeof kinds];

/** A FlatBuffer table: its fields by their number in the schema. Throws RangeError for an offset outside the file. */
class Table {
  private readonly view: DataView;
  private readonly position: number;

  constructor(view: DataView, position: number) {
    this.view = view;
    this.position = position;
  }

  private int(at: number): number {
    return this.view.getInt32(at, true);
  }

  /** Position of a field; null if it is absent. A table starts with the distance back to its list of field offsets. */
  private at(field: number): number | null {
    const offsets = this.position - this.int(this.position);
    const place = 4 + 2 * field;
    if (place >= this.view.getUint16(offsets, true)) return null;
    const offset = this.view.getUint16(offsets + place, true);
    return offset === 0 ? null : this.position + offset;
  }

  number(field: number, width: 'byte' | 'int', absent = 0): number {
    const at = this.at(field);
    if (at === null) return absent;
    return width === 'byte' ? this.view.getInt8(at) : this.int(at);
  }

  table(field: number): Table | null {
    const at = this.at(field);
    return at === null ? null : new Table(this.view, at + this.int(at));
  }

  text(field: number): string {
    return new TextDecoder().decode(this.content(field));
  }

  /** Start and length of a vector. */
  private vector(field: number): readonly [number, number] {
    const at = this.at(field);
    if (at === null) return [0, 0];
    const start = at + this.int(at);
    return [start + 4, this.int(start)];
  }

  tables(field: number): Table[] {
    const [start, length] = this.vector(field);
    return Array.from({ length }, (_, i) => start + 4 * i).map(
      (at) => new Table(this.view, at + this.int(at)),
    );
  }

  integers(field: number): number[] {
    const [start, length] = this.vector(field);
    return Array.from({ length }, (_, i) => this.int(start + 4 * i));
  }

  /** A copy of a vector's bytes, aligned for typed arrays. */
  content(field: number): Uint8Array {
    const [start, length] = this.vector(field);
    return Uint8Array.from(new Uint8Array(this.view.buffer, this.view.byteOffset + start, length));
  }
}

/** Reads a file. Throws RangeError for another file format, or an unsupported operator or element type. */
export function readLiteFile(content: Uint8Array): LiteGraph {
  if (new TextDecoder().decode(content.subarray(4, 8)) !== 'TFL3') {
    throw new RangeError('not a TensorFlow Lite file of version 3');
  }
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const model = new Table(view, view.getInt32(0, true));
  const [graph, ...others] = model.tables(2);
  if (graph === undefined || others.length > 0) {
    throw new RangeError(`a TensorFlow Lite file of ${graph ? others.length + 1 : 0} graphs; expected one`);
  }
  const buffers = model.tables(4);
  const codes = model.tables(1).map((code) => {
    // Old files store the code in the narrower field 0 only, newer ones also in field 3.
    const number = Math.max(code.number(0, 'byte'), code.number(3, 'int'));
    const kind = kinds[number as keyof typeof kinds] as LiteKind | undefined;
    if (kind === undefined) {
      throw new RangeError(`operator ${number} of TensorFlow Lite is not supported here`);
    }
    return kind;
  });
  return {
    tensors: graph.tables(0).map((tensor) => {
      const name = tensor.text(3);
      const content = buffers[tensor.number(2, 'int')]!.content(0);
      const values = content.length === 0 ? null : constant(content, tensor.number(1, 'byte'), name);
      return { name, shape: tensor.integers(0), values };
    }),
    operators: graph.tables(3).map((operator) => {
      const options = operator.table(4);
      return {
        kind: codes[operator.number(0, 'int')]!,
        inputs: operator.integers(1),
        outputs: operator.integers(2),
        option: (index, width, absent = 0) => options?.number(index, width, absent) ?? absent,
      };
    }),
    inputs: graph.integers(1),
    outputs: graph.integers(2),
  };
}

/** A constant's values; half precision becomes float32, exactly. */
function constant(content: Uint8Array, type: number, name: string): Float32Array | Int32Array {
  if (type === 0) return new Float32Array(content.buffer);
  if (type === 1) return Float32Array.from(new Uint16Array(content.buffer), fromHalfBits);
  if (type === 2) return new Int32Array(content.buffer);
  throw new RangeError(`tensor ${name}: element type ${type} of TensorFlow Lite is not supported here`);
}

/** The value of 16 bits in IEEE 754 half precision. */
function fromHalfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
