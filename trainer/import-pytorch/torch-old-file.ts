// The format of torch.save before PyTorch 1.6, in which Inception's weights of 2015 are still passed on: five pickles in a row (a magic
// number, a version, the system's sizes, the state dict, the keys of its storages), then each storage: its length and its elements.
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { maxTextBytes, openRegular } from '../files/regular-file.ts';
import { readPickleAt, type PickleValue } from './pickle.ts';
import { readStateDict, type StorageSize } from './state-dict.ts';
import type { WeightFile } from './weight-file.ts';

/** The version of all such files. */
const version = 1001;
/** Bytes of a storage's length. */
const lengthBytes = 8;

/** First bytes of such a file: a pickle of a magic number. (The format before it was a tar.) */
export const oldMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Opens a state dict. Throws UserError for anything else in the file, with what to save instead. */
export async function openOldTorchFile(path: string): Promise<WeightFile> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const damaged = (why: string): UserError => new UserError(`${path}: ${why}; is it damaged?`);
    const head = await readBytes(file, 0, Math.min(size, maxTextBytes), damaged);
    const plain = {
      globals: new Map(),
      persistent: () => null,
      refuse: damaged,
      refuseGlobal: (name: string) => damaged(`its header names the Python object ${name}`),
    };
    // The magic number ends with the pickle's last opcode.
    const versionAt = readPickleAt(head, oldMagic.length + 1, plain);
    if (versionAt.value !== version) {
      throw damaged(`has the version ${String(versionAt.value)}, expected ${version}`);
    }
    const system = readPickleAt(head, versionAt.end, plain);
    const isLittleEndian =
      !(system.value instanceof Map) ||
      (system.value as Map<PickleValue, PickleValue>).get('little_endian') !== false;
    const sizes = new Map<string, StorageSize>();
    const places = new Map<string, number>();
    const { tensors, end } = readStateDict(head, {
      ...{ path, isLittleEndian, start: system.end },
      storageOf(key, storage) {
        sizes.set(key, storage);
        const bytes = storage.count * storage.elementBytes;
        return () => readBytes(file, places.get(key)!, bytes, damaged);
      },
    });
    const keys = readPickleAt(head, end, plain);
    let at = keys.end;
    for (const key of Array.isArray(keys.value) ? (keys.value as PickleValue[]) : []) {
      const storage = sizes.get(String(key));
      if (storage === undefined) throw damaged(`its storage '${String(key)}' belongs to no tensor`);
      const length = Buffer.from(await readBytes(file, at, lengthBytes, damaged));
      const count = Number(isLittleEndian ? length.readBigInt64LE() : length.readBigInt64BE());
      if (count !== storage.count) {
        throw damaged(`its storage '${String(key)}' has ${count} elements and declares ${storage.count}`);
      }
      places.set(String(key), at + lengthBytes);
      at += lengthBytes + count * storage.elementBytes;
      if (at > size) throw damaged(`it ends in its storage '${String(key)}'`);
    }
    const missing = [...sizes.keys()].find((key) => !places.has(key));
    if (missing !== undefined) throw damaged(`its storage '${missing}' is missing`);
    return { format: 'pytorch', tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a piece of a file. */
async function readBytes(
  file: FileHandle,
  at: number,
  count: number,
  damaged: (why: string) => UserError,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const { bytesRead } = await file.read(bytes, done, count - done, at + done);
    if (bytesRead === 0) throw damaged(`it ends at byte ${at + done}`);
    done += bytesRead;
  }
  return bytes;
}
