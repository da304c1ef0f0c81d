// Files of a package that hold the same weights: all but the first name the place in it (ONNX external data) where the bytes lie, so that a
// page fetches them once.
import {
  contentsOf,
  externalLocation,
  mapWeights,
  onnxFields,
  weightsOf,
} from '../../runtime-web/format/external-weights.ts';
import { joined } from '../../runtime-web/format/joined.ts';
import { fieldOf, fieldsOf, numberField } from '../../runtime-web/format/protobuf.ts';

/** An ONNX file that lends its weights. */
export interface Lender {
  /** Its name in the package's folder. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Smaller weights stay: naming their place would take as many bytes. */
const minBytes = 1024;

/**
 * The network with each of its weights of {@link minBytes} or more replaced by its place in the first lender that has the same bytes.
 * Throws RangeError for bytes that are no ONNX.
 */
export function shareWeights(network: Uint8Array, lenders: readonly Lender[]): Uint8Array {
  const { rawData, externalData, dataLocation } = onnxFields.tensor;
  const lent = lenders.flatMap(({ file, bytes }) =>
    weightsOf(bytes)
      .flatMap((tensor) => contentsOf(tensor, rawData))
      .map((raw) => ({ file, raw, offset: raw.byteOffset - bytes.byteOffset })),
  );
  return mapWeights(network, (tensor) => {
    const [own] = contentsOf(tensor, rawData);
    if (own === undefined || own.length < minBytes) return tensor;
    const found = lent.find(({ raw }) => raw.length === own.length && Buffer.compare(raw, own) === 0);
    if (found === undefined) return tensor;
    const place = { location: found.file, offset: `${found.offset}`, length: `${own.length}` };
    const entries = Object.entries(place).map(([key, value]) =>
      fieldOf(
        externalData,
        joined([fieldOf(onnxFields.entry.key, key), fieldOf(onnxFields.entry.value, value)]),
      ),
    );
    const kept = fieldsOf(tensor).filter(({ number }) => number !== rawData);
    return joined([
      ...kept.map(({ bytes }) => bytes),
      ...entries,
      numberField(dataLocation, externalLocation),
    ]);
  });
}
