// Reads safetensors files (`runtime-web/format/training/safetensors.ts` has the format) one tensor at a time, so that a large checkpoint is
// never in memory twice. Files of other programs have more types: floating-point numbers become float32.
import type { FileHandle } from 'node:fs/promises';
import {
  headerLength,
  headerText,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../runtime-web/format/training/safetensors.ts';
import { CheckpointError } from '../errors.ts';
import { toFloat32, type FloatFormat } from '../files/number-formats.ts';
import type { HostTensor } from '../graph/trace/graph.ts';

/** The types that are converted to float32. */
const convertedFrom: Readonly<Record<string, FloatFormat>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
};

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
  const length = headerLength(head, refuse);
  const dataStart = 8 + length;
  if (dataStart > fileBytes) refuse(`truncated: ${fileBytes} bytes, its header alone takes ${dataStart}`);
  const bytes = new Uint8Array(dataStart);
  await readFully(file, bytes, 0, path);
  const { metadata, tensors } = parseHeader(headerText(bytes), refuse);
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
