// The safetensors format: 8 bytes of header length, a JSON header padded with spaces to a multiple of 8 bytes, then the tensors'
// bytes without gaps, all little-endian. Metadata values are strings. Checkpoints are such files, in the trainer and in pages.
import { fromHalf } from './from-half.ts';
import { ModelFormatError } from '../model-format-error.ts';
import { TextDecoder, TextEncoder } from '../text-bytes.ts';
import { lengthOfShape } from './tensors.ts';

/** A tensor of a file, in row-major order; booleans are bytes. */
export interface StoredTensor {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** A tensor's entry in the header; `start` and `end` are in bytes from the end of the header. */
export interface TensorEntry {
  readonly name: string;
  /** The type as the format names it: `F32`. */
  readonly code: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A header: metadata, tensors in file order, the byte at which their data start, and the size of the file. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly TensorEntry[];
  readonly dataStart: number;
  readonly fileBytes: number;
}

const codeOf: Readonly<Record<StoredTensor['dtype'], string>> = {
  float32: 'F32',
  int32: 'I32',
  bool: 'BOOL',
};
/** Bytes of an element of every type that the format has. */
const bytesOf: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 },
};
/** Upper limit of a header's length in bytes. */
export const maxHeaderBytes = 100_000_000;

/** The tensors in the file's order: wide types first, so that all are aligned, then by name. */
export function inFileOrder(
  tensors: Readonly<Record<string, StoredTensor>>,
): readonly (readonly [string, StoredTensor])[] {
  return Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) =>
      bytesOf[codeOf[b.dtype]]! - bytesOf[codeOf[a.dtype]]! || (nameA < nameB ? -1 : 1),
  );
}

/** The bytes before the tensor data: header length and JSON. `tensors` come from {@link inFileOrder}. */
export function encodeHeader(
  tensors: readonly (readonly [string, StoredTensor])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const end = offset + tensor.data.byteLength;
    header[name] = { dtype: codeOf[tensor.dtype], shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A view of a tensor's values as bytes (no copy). */
export function bytesOfTensor({ data }: StoredTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** A whole file. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const ordered = inFileOrder(tensors);
  const parts = [encodeHeader(ordered, metadata), ...ordered.map(([, tensor]) => bytesOfTensor(tensor))];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The tensors and the metadata of a whole file; tensors are copies. Throws ModelFormatError, which names the file `where`, for bytes that are
 * truncated or no such file, and for other types than float32, half
 * precision (which is read as float32), int32 and booleans.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  where: string,
): {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const refuse = (why: string): never => {
    throw new ModelFormatError(`${where}: ${why}`);
  };
  if (bytes.length < 8) return refuse(`truncated: ${bytes.length} bytes, too few for a safetensors file`);
  const length = headerLength(bytes, refuse);
  if (8 + length > bytes.length)
    return refuse(`truncated: ${bytes.length} bytes, its header alone takes ${8 + length}`);
  const { metadata, tensors: entries } = parseHeader(headerText(bytes.subarray(0, 8 + length)), refuse);
  const expected = 8 + length + (entries.at(-1)?.end ?? 0);
  if (expected !== bytes.length) return refuse(`got ${bytes.length} bytes, its header says ${expected}`);
  const tensors: Record<string, StoredTensor> = {};
  for (const { name, code, shape, start, end } of entries) {
    // A copy also of Node's buffers, whose `slice` shares memory.
    const own = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end));
    if (code === 'F32') tensors[name] = { dtype: 'float32', shape, data: new Float32Array(own.buffer) };
    else if (code === 'F16') {
      const data = Float32Array.from(new Uint16Array(own.buffer), fromHalf);
      tensors[name] = { dtype: 'float32', shape, data };
    } else if (code === 'I32') tensors[name] = { dtype: 'int32', shape, data: new Int32Array(own.buffer) };
    else if (code === 'BOOL') tensors[name] = { dtype: 'bool', shape, data: own };
    else return refuse(`${name} has the type ${code}, expected F32, F16, I32 or BOOL`);
  }
  return { tensors, metadata };
}

/** The length of the JSON, from the file's first 8 bytes. Calls `refuse`, which throws, for one out of range. */
export function headerLength(bytes: Uint8Array, refuse: (why: string) => never): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = Number(view.getBigUint64(0, true));
  return length > maxHeaderBytes
    ? refuse('not a safetensors file (its first eight bytes are no header length)')
    : length;
}

/** The JSON of a header's bytes. */
export function headerText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(8));
}

/**
 * Metadata and tensors of a header's text, in the order of their data. Calls `refuse`, which throws, if it is not JSON, or if tensors overlap
 * or do not fit their shapes.
 */
export function parseHeader(
  text: string,
  refuse: (why: string) => never,
): Pick<SafetensorsHeader, 'metadata' | 'tensors'> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse('its header is not JSON');
  }
  if (!isRecord(parsed)) return refuse('its header is not a record');
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(isRecord(parsed.__metadata__) ? parsed.__metadata__ : {})) {
    if (typeof value !== 'string') refuse(`metadata '${key}' is not a string`);
    metadata[key] = String(value);
  }
  const tensors: TensorEntry[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (name === '__metadata__') continue;
    tensors.push(parseEntry(name, value) ?? refuse(`the header's entry on tensor '${name}' makes no sense`));
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const entry of tensors) {
    if (entry.start !== end) refuse(`tensor '${entry.name}' does not start where the one before it ends`);
    end = entry.end;
  }
  return { metadata, tensors };
}

/** A tensor's entry, or null if its type, shape and offsets do not match. */
function parseEntry(name: string, value: unknown): TensorEntry | null {
  if (!isRecord(value)) return null;
  const code = String(value.dtype);
  const elementBytes = Object.hasOwn(bytesOf, code) ? bytesOf[code] : undefined;
  const shape = value.shape;
  const offsets = value.data_offsets;
  if (elementBytes === undefined || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) return null;
  const [start, end] = offsets as [number, number];
  const elements = lengthOfShape(shape);
  return end - start === elements * elementBytes ? { name, code, shape, start, end } : null;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
