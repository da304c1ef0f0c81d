// The safetensors format: 8 bytes of header length, a JSON header padded with spaces to a multiple of 8 bytes, then the tensors'
// bytes without gaps, all little-endian. Tensors are written and read one at a time, so that a large checkpoint is never in memory
// twice. Metadata values are strings. Files of other programs have more types: floating-point numbers become float32.
import type { FileHandle } from 'node:fs/promises';
import { CheckpointError } from '../errors.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { toFloat32, type FloatFormat } from '../files/number-formats.ts';
import { sizeOf, type HostTensor, type ValueType } from '../graph/trace/graph.ts';

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

const codeOf: Readonly<Record<ValueType, string>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };
/** Bytes of an element of every type that the format has. */
const bytesOf: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 },
};
/** The types that are converted to float32. */
const convertedFrom: Readonly<Record<string, FloatFormat>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
};
const maxHeaderBytes = 100_000_000;

/** The tensors in the file's order: wide types first, so that all are aligned, then by name. */
export function inFileOrder(tensors: NamedHostTensors): readonly (readonly [string, HostTensor])[] {
  return Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) =>
      bytesOf[codeOf[b.dtype]]! - bytesOf[codeOf[a.dtype]]! || (nameA < nameB ? -1 : 1),
  );
}

/** The bytes before the tensor data: header length and JSON. `tensors` come from {@link inFileOrder}. */
export function encodeHeader(
  tensors: readonly (readonly [string, HostTensor])[],
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
export function bytesOfTensor({ data }: HostTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Reads and checks the header of an open file; `bytes` are the raw header, for hashing. Throws CheckpointError if the file is
 * truncated, too long, not JSON, or if tensors overlap or do not fit their shapes.
 */
export async function readHeader(
  file: FileHandle,
  path: string,
): Promise<{ readonly header: SafetensorsHeader; readonly bytes: Uint8Array }> {
  const refuse = (why: string): never => {
    throw new CheckpointError(`${path}: ${why}`);
  };
  const fileBytes = (await file.stat()).size;
  if (fileBytes < 8) refuse(`truncated: ${fileBytes} bytes, too few for a safetensors file`);
  const head = new Uint8Array(8);
  await readFully(file, head, 0, path);
  const length = Number(new DataView(head.buffer).getBigUint64(0, true));
  if (length > maxHeaderBytes) refuse('not a safetensors file (its first eight bytes are no header length)');
  const dataStart = 8 + length;
  if (dataStart > fileBytes) refuse(`truncated: ${fileBytes} bytes, its header alone takes ${dataStart}`);
  const bytes = new Uint8Array(dataStart);
  await readFully(file, bytes, 0, path);
  const { metadata, tensors } = parseHeader(new TextDecoder().decode(bytes.subarray(8)), refuse);
  const dataEnd = dataStart + (tensors.at(-1)?.end ?? 0);
  if (dataEnd > fileBytes) refuse(`truncated: ${fileBytes} bytes, its header says ${dataEnd}`);
  if (dataEnd < fileBytes) refuse(`${fileBytes - dataEnd} bytes too long for its header`);
  return { header: { metadata, tensors, dataStart, fileBytes }, bytes };
}

/** Reads one tensor. Throws CheckpointError if the file ends early, and for integers of other types than int32. */
export async function readTensor(
  file: FileHandle,
  header: SafetensorsHeader,
  entry: TensorEntry,
  path: string,
): Promise<HostTensor> {
  const bytes = new Uint8Array(entry.end - entry.start);
  await readFully(file, bytes, header.dataStart + entry.start, path);
  const { code, shape } = entry;
  if (code === 'F32') return { dtype: 'float32', shape, data: new Float32Array(bytes.buffer) };
  if (code === 'I32') return { dtype: 'int32', shape, data: new Int32Array(bytes.buffer) };
  if (code === 'BOOL') return { dtype: 'bool', shape, data: bytes };
  const format = convertedFrom[code];
  if (format === undefined)
    throw new CheckpointError(`${path}: ${entry.name} has the type ${code}, which is not read`);
  return { dtype: 'float32', shape, data: toFloat32(format, bytes) };
}

function parseHeader(
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
  const elements = sizeOf(shape);
  return end - start === elements * elementBytes ? { name, code, shape, start, end } : null;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fills `target` with the bytes from `position` on; a single read call may return fewer. */
async function readFully(
  file: FileHandle,
  target: Uint8Array,
  position: number,
  path: string,
): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw new CheckpointError(`${path}: truncated at byte ${position + done}`);
    done += bytesRead;
  }
}
