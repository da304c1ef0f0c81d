// The wire format of protocol buffers, as far as rewriting an ONNX file needs it: fields are split and joined, their content stays.
import { joined } from './joined.ts';
import { TextDecoder, TextEncoder } from './text-bytes.ts';

/** A field of a message. `content` is that of a field with a length (texts, messages, packed numbers); null for other fields. */
export interface Field {
  readonly number: number;
  /** The whole field, its key included. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array | null;
}

/** The fields of a message, in order. Throws RangeError for bytes that are none. */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined || factor > 2 ** 63) throw broken();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    let content: Uint8Array | null = null;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      content = message.subarray(at, at + length);
      at += length;
    } else throw broken();
    if (at > message.length) throw broken();
    fields.push({ number, bytes: message.subarray(start, at), content });
  }
  return fields;
}

const broken = (): RangeError => new RangeError('got bytes that are no ONNX file; copy it again');

/** The bytes of an unsigned number. */
function varintOf(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.from([...bytes, value]);
}

/** A field with a length. */
export function fieldOf(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return joined([varintOf(8 * number + 2), varintOf(bytes.length), bytes]);
}

/** A field of an unsigned number. */
export function numberField(number: number, value: number): Uint8Array {
  return joined([varintOf(8 * number), varintOf(value)]);
}

/** The text of a field with a length. */
export function textOf({ content }: Field): string {
  return new TextDecoder().decode(content!);
}
