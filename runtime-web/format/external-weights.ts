// Weights that an ONNX file keeps in files beside it (ONNX external data), as PyTorch saves them, and as the files of a model package share
// them.
import { joined } from './joined.ts';
import { fieldOf, fieldsOf, textOf } from './protobuf.ts';

/** Field numbers of onnx.proto, by message. */
export const onnxFields = {
  model: { graph: 7 },
  graph: { initializer: 5 },
  tensor: { rawData: 9, externalData: 13, dataLocation: 14 },
  entry: { key: 1, value: 2 },
} as const;

/** The value of `data_location` for weights in another file. */
export const externalLocation = 1;

/** Weights that cannot be taken from where the network says; the message is a reason without the network's name. */
export class PlaceError extends Error {}

/** The contents of a message's fields of one number, in order. */
export function contentsOf(message: Uint8Array, number: number): Uint8Array[] {
  return fieldsOf(message).flatMap((field) =>
    field.number === number && field.content !== null ? [field.content] : [],
  );
}

/** The weights (TensorProto) of an ONNX file. Throws RangeError for bytes that are none. */
export function weightsOf(network: Uint8Array): Uint8Array[] {
  return contentsOf(network, onnxFields.model.graph).flatMap((graph) =>
    contentsOf(graph, onnxFields.graph.initializer),
  );
}

/** The bytes of the network with what `replace` makes of each of its weights; all other bytes stay. Throws RangeError for bytes that are no ONNX. */
export function mapWeights(
  network: Uint8Array,
  replace: (tensor: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  return mapField(network, onnxFields.model.graph, (graph) =>
    mapField(graph, onnxFields.graph.initializer, replace),
  );
}

/**
 * The names of the files that hold weights of an ONNX file; empty if it is whole. Throws RangeError for bytes that are no ONNX; PlaceError
 * for a name that is none of a file in the same folder.
 */
export function weightFiles(network: Uint8Array): string[] {
  return [...new Set(weightsOf(network).flatMap((tensor) => placeOf(tensor)?.location ?? []))];
}

/**
 * The bytes of the network with the weights of `files`, by their names, put into it. Throws PlaceError where they are not as long as the
 * network says.
 */
export function withWeights(
  network: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const { rawData, externalData, dataLocation } = onnxFields.tensor;
  const replaced: readonly number[] = [rawData, externalData, dataLocation];
  return mapWeights(network, (tensor) => {
    const place = placeOf(tensor);
    if (place === null) return tensor;
    const { location, offset, length } = place;
    const file = files.get(location)!;
    const end = offset + (length ?? Math.max(0, file.length - offset));
    if (end > file.length) {
      throw new PlaceError(
        `its weights end at byte ${end} of '${location}', which has ${file.length} bytes; the file is incomplete, or of another network`,
      );
    }
    const kept = fieldsOf(tensor).filter(({ number }) => !replaced.includes(number));
    return joined([...kept.map(({ bytes }) => bytes), fieldOf(rawData, file.subarray(offset, end))]);
  });
}

interface Place {
  readonly location: string;
  readonly offset: number;
  /** Null for all that follows. */
  readonly length: number | null;
}

/** The place of a tensor's weights in another file; null for its own. */
function placeOf(tensor: Uint8Array): Place | null {
  const { externalData, dataLocation } = onnxFields.tensor;
  const isExternal = fieldsOf(tensor).some(
    ({ number, bytes }) => number === dataLocation && bytes.at(-1) === externalLocation,
  );
  if (!isExternal) return null;
  const texts = new Map(contentsOf(tensor, externalData).map(pairOf));
  const location = texts.get('location') ?? '';
  if (location === '' || /[/\\\0]/.test(location) || /^\.+$/.test(location)) {
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

/** Key and value of an entry. */
function pairOf(entry: Uint8Array): [string, string] {
  const fields = fieldsOf(entry);
  const text = (number: number): string => {
    const field = fields.findLast((candidate) => candidate.number === number);
    return field === undefined ? '' : textOf(field);
  };
  return [text(onnxFields.entry.key), text(onnxFields.entry.value)];
}

/** A copy of a message in which `change` has replaced each occurrence of one field with a length. */
function mapField(
  message: Uint8Array,
  number: number,
  change: (value: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  return joined(
    fieldsOf(message).map((field) =>
      field.number === number && field.content !== null
        ? fieldOf(number, change(field.content))
        : field.bytes,
    ),
  );
}
