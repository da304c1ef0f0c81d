// Reads a safetensors file of ours, whose metadata are JSON texts and hold the SHA-256 of the rest.
import { below, type Check, type Place } from '../format/fields.ts';
import { ModelFormatError } from '../format/model-format-error.ts';
import { withoutDigest } from '../format/training/checkpoint-bytes.ts';
import { decodeSafetensors, headerLength, type StoredTensor } from '../format/training/safetensors.ts';
import { joined } from '../format/joined.ts';
import { sha256Of } from './sha256.ts';

/** The content of a file. */
export interface Verified {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly sha256: string;
  /** The metadata's value of a key, checked. Throws ModelFormatError. */
  checked<T>(key: string, check: Check<T>): T;
}

/**
 * Reads a file of one of the formats that its metadata name. Throws ModelFormatError, which names it `where`, for bytes that are truncated,
 * damaged or of no such file.
 */
export async function readVerified(
  bytes: Uint8Array<ArrayBuffer>,
  formats: readonly string[],
  where: string,
): Promise<Verified> {
  const refuse = (why: string): never => {
    throw new ModelFormatError(`${where}: ${why}`);
  };
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const { format, sha256 } = metadata;
  if (format === undefined || !formats.includes(format) || sha256 === undefined)
    return refuse(`not a checkpoint (format ${format ?? 'missing'}); give one of dcgan train, or of a page`);
  const start = 8 + headerLength(bytes, refuse);
  const hashed = joined([withoutDigest(bytes.slice(0, start), sha256), bytes.subarray(start)]);
  if ((await sha256Of(hashed)) !== sha256)
    return refuse('corrupt (its content does not match its sha256); copy it again');
  const place: Place = { file: where, path: '', isLenient: true };
  return {
    ...{ tensors, sha256 },
    checked(key, check) {
      let value: unknown;
      try {
        value = JSON.parse(metadata[key] ?? 'null');
      } catch {
        return refuse(`its ${key} is not JSON`);
      }
      return check(value, below(place, key));
    },
  };
}
