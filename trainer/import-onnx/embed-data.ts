// Weights that an ONNX file keeps in files beside it (ONNX external data), as PyTorch saves them: they are put into the network's own bytes.
// All other bytes stay as they are.
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import type { ModelFile } from '../../runtime-web/format/model.ts';
import { maxNetworkBytes, readRegular } from '../files/regular-file.ts';

/** Fields of onnx.proto, by message. */
const fields = {
  model: { graph: 7 },
  graph: { initializer: 5 },
  tensor: { rawData: 9, externalData: 13, dataLocation: 14 },
  entry: { key: 1, value: 2 },
} as const;
const lengthDelimited = 2;

/** The value of `data_location` for weights in another file. */
const external = 1;

/** A network that needs no other file. */
export interface EmbeddedNetwork {
  readonly bytes: Uint8Array;
  /** The files that were put into it; empty if it was whole. */
  readonly dataFiles: readonly ModelFile[];
}

/**
 * Puts the weights of the ONNX file at `path` into its bytes. Throws Error, whose message is a reason without the file's name, if they are
 * not in regular files in the same folder, or not as long as the network says. Bytes that are no ONNX are returned as they are.
 */
export async function embedData(path: string, bytes: Uint8Array): Promise<EmbeddedNetwork> {
  const names = new Set<string>();
  try {
    mapWeights(bytes, (tensor) => {
      names.add(placeOf(tensor).location);
      return tensor;
    });
  } catch (error) {
    if (error instanceof PlaceError) throw error;
    return { bytes, dataFiles: [] };
  }
  const data = new Map<string, Buffer>();
  let left = maxNetworkBytes - bytes.length;
  for (const name of names) {
    const content = await readRegular(join(dirname(path), name), left).catch(
      (error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT'
          ? new PlaceError(
              `its weights are in '${name}', which is not beside it; put that file into the same folder`,
            )
          : new PlaceError(`its weights in '${name}' cannot be read: ${error.message}`);
      },
    );
    left -= content.length;
    data.set(name, content);
  }
  return {
    bytes: names.size === 0 ? bytes : mapWeights(bytes, (tensor) => withData(tensor, data)),
    dataFiles: [...data].map(([file, content]) => ({
      file,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
}

/** Weights that cannot be taken from where the network says. */
class PlaceError extends Error {}

interface Place {
  readonly location: string;
  readonly offset: number;
  /** Null for all that follows. */
  readonly length: number | null;
}

/** Replaces the weights of the network that are in other files by what `replace` makes of their tensors. */
function mapWeights(bytes: Uint8Array, replace: (tensor: Uint8Array) => Uint8Array): Uint8Array {
  const initialiser = (tensor: Uint8Array): Uint8Array => (isExternal(tensor) ? replace(tensor) : tensor);
  return mapField(bytes, fields.model.graph, (graph) =>
    mapField(graph, fields.graph.initializer, initialiser),
  );
}

/** A copy of a message in which `change` has replaced each occurrence of one length-delimited field. */
function mapField(message: Uint8Array, field: number, change: (value: Uint8Array) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wireType, value, whole } of entriesOf(message)) {
    if (number === field && wireType === lengthDelimited) parts.push(...entry(field, change(value)));
    else parts.push(whole);
  }
  return Buffer.concat(parts);
}

interface Entry {
  readonly number: number;
  readonly wireType: number;
  /** The content of a length-delimited field; empty for others. */
  readonly value: Uint8Array;
  /** The entry's own bytes. */
  readonly whole: Uint8Array;
}

function* entriesOf(message: Uint8Array): Generator<Entry> {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const wireType = tag & 7;
    let value: Uint8Array = new Uint8Array(0);
    if (wireType === lengthDelimited) value = reader.bytes();
    else reader.skipType(wireType);
    yield { number: tag >>> 3, wireType, value, whole: message.subarray(start, reader.pos) };
  }
}

/** The parts of a length-delimited field: its tag and length, and its value. */
const entry = (field: number, value: Uint8Array): readonly Uint8Array[] => [
  protobuf.Writer.create()
    .uint32((field << 3) | lengthDelimited)
    .uint32(value.length)
    .finish(),
  value,
];

function isExternal(tensor: Uint8Array): boolean {
  return [...entriesOf(tensor)].some(
    ({ number, whole }) => number === fields.tensor.dataLocation && whole.at(-1) === external,
  );
}

/** The place of a tensor's weights. Throws PlaceError for one outside of the folder. */
function placeOf(tensor: Uint8Array): Place {
  const texts = new Map<string, string>();
  for (const { number, value } of entriesOf(tensor)) {
    if (number !== fields.tensor.externalData) continue;
    const pair = [...entriesOf(value)];
    const textOf = (field: number): string =>
      Buffer.from(pair.findLast((part) => part.number === field)?.value ?? []).toString('utf8');
    texts.set(textOf(fields.entry.key), textOf(fields.entry.value));
  }
  const location = texts.get('location') ?? '';
  if (
    location === '' ||
    /[/\\\0]/.test(location) ||
    basename(location) !== location ||
    /^\.+$/.test(location)
  ) {
    throw new PlaceError(
      `its weights are in '${location}' (ONNX external data), expected a file in the same folder; save the network as one file`,
    );
  }
  const number = (key: string): number | null => {
    const text = texts.get(key);
    if (text === undefined) return null;
    if (!/^\d{1,15}$/.test(text)) {
      throw new PlaceError(`its weights in '${location}' have the ${key} '${text}', expected a whole number`);
    }
    return Number(text);
  };
  return { location, offset: number('offset') ?? 0, length: number('length') };
}

function withData(tensor: Uint8Array, data: ReadonlyMap<string, Buffer>): Uint8Array {
  const { location, offset, length } = placeOf(tensor);
  const file = data.get(location)!;
  const end = offset + (length ?? Math.max(0, file.length - offset));
  if (end > file.length) {
    throw new PlaceError(
      `its weights end at byte ${end} of '${location}', which has ${file.length} bytes; the file is incomplete, or of another network`,
    );
  }
  const { rawData, externalData, dataLocation } = fields.tensor;
  const replaced: readonly number[] = [rawData, externalData, dataLocation];
  const kept = [...entriesOf(tensor)].filter(({ number }) => !replaced.includes(number));
  return Buffer.concat([...kept.map(({ whole }) => whole), ...entry(rawData, file.subarray(offset, end))]);
}
