// The bytes of a checkpoint: a safetensors file whose metadata are JSON texts, among them a SHA-256 of header and tensors. The digest is
// computed with zeros in its own place.
import { bytesOfTensor, encodeHeader, inFileOrder, type StoredTensor } from './safetensors.ts';

/** The metadata's `format` of a checkpoint. */
export const checkpointFormat = 'dcgan-checkpoint-1';

/** The `format` of a file of weights to start from: parameters alone, which may be in half precision. */
export const startFormat = 'dcgan-start-1';

const noDigest = '0'.repeat(64);

/** A checkpoint in parts, so that a large one is never in memory twice. */
export interface CheckpointParts {
  /** The bytes that the SHA-256 is of, in order. */
  readonly hashed: readonly Uint8Array[];
  /** The bytes of the file, in order, with this digest of 64 hexadecimal digits. */
  withDigest(sha256: string): readonly Uint8Array[];
}

/** The parts of the checkpoint of a state. Each value of the metadata is stored as JSON. */
export function checkpointParts(
  state: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, unknown>>,
): CheckpointParts {
  const entries = Object.entries(metadata).map(([key, value]) => [key, JSON.stringify(value)]);
  const described = { format: checkpointFormat, ...(Object.fromEntries(entries) as Record<string, string>) };
  const tensors = inFileOrder(state);
  const header = (sha256: string): Uint8Array => encodeHeader(tensors, { ...described, sha256 });
  const data = tensors.map(([, tensor]) => bytesOfTensor(tensor));
  return { hashed: [header(noDigest), ...data], withDigest: (sha256) => [header(sha256), ...data] };
}

/** A header's bytes with zeros in place of the digest, as they were when it was computed. */
export function withoutDigest(header: Uint8Array, sha256: string): Uint8Array {
  const key = '"sha256":"';
  const sought = Uint8Array.from(`${key}${sha256}"`, (letter) => letter.charCodeAt(0));
  const bytes = new Uint8Array(header);
  for (let at = 8; at + sought.length <= bytes.length; at++) {
    if (!sought.every((byte, i) => bytes[at + i] === byte)) continue;
    bytes.fill('0'.charCodeAt(0), at + key.length, at + key.length + sha256.length);
    break;
  }
  return bytes;
}
