// The format of torch.save since PyTorch 1.6: a zip with a pickle, `NAME/data.pkl`, whose tensors refer to storages, `NAME/data/KEY`.
import { basename } from 'node:path';
import type { Entry } from 'yauzl';
import {
  BadEntryError,
  checkSize,
  eachEntry,
  nameOf,
  openArchive,
  readEntry,
  type ZipArchive,
} from '../data/zip-archive.ts';
import { UserError } from '../errors.ts';
import { maxNetworkBytes, maxTextBytes } from '../files/regular-file.ts';
import { readStateDict } from './state-dict.ts';
import type { WeightFile } from './weight-file.ts';

/** Opens a state dict. Throws UserError for anything else in the file, with what to save instead. */
export async function openTorchFile(path: string): Promise<WeightFile> {
  const archive = await openArchive(path, path);
  try {
    const { entries, root } = await listEntries(archive);
    const isLittleEndian = await readEndianness(archive, entries.get(`${root}byteorder`));
    const pickle = entries.get(`${root}data.pkl`)!;
    checkSize(pickle, path, maxTextBytes);
    const { tensors } = readStateDict(await read(archive, pickle), {
      ...{ path, isLittleEndian },
      storageOf(key, { count, elementBytes }) {
        const entry = entries.get(`${root}data/${key}`);
        const damaged = (why: string): UserError =>
          new UserError(`${path}: its storage '${key}' ${why}; is it damaged?`);
        if (entry === undefined) throw damaged('is missing');
        const declared = count * elementBytes;
        if (declared !== entry.uncompressedSize) {
          throw damaged(`has ${entry.uncompressedSize} bytes and declares ${declared}`);
        }
        checkSize(entry, path, maxNetworkBytes);
        return () => read(archive, entry);
      },
    });
    return { format: 'pytorch', tensors, close: async () => archive.zip.close() };
  } catch (error) {
    archive.zip.close();
    throw error;
  }
}

/** The zip's entries by name, and the folder in front of all of them. */
async function listEntries(archive: ZipArchive): Promise<{ entries: Map<string, Entry>; root: string }> {
  const entries = new Map<string, Entry>();
  await eachEntry(archive, (entry) => void entries.set(nameOf(entry), entry));
  const pickle = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) {
    throw new UserError(
      `${archive.where}: a zip, but not of torch.save (it has no data.pkl); give the file of a state dict`,
    );
  }
  const root = pickle.slice(0, -'data.pkl'.length);
  if (entries.has(`${root}constants.pkl`)) {
    throw new UserError(
      `${archive.where}: a TorchScript program, not a state dict; save its weights: ` +
        `torch.save(torch.jit.load(${JSON.stringify(basename(archive.where))}).state_dict(), 'netG.pth')`,
    );
  }
  return { entries, root };
}

async function readEndianness(archive: ZipArchive, entry: Entry | undefined): Promise<boolean> {
  if (entry === undefined) return true;
  checkSize(entry, archive.where, 16);
  const order = Buffer.from(await read(archive, entry)).toString('latin1');
  if (order !== 'little' && order !== 'big') {
    throw new UserError(`${archive.where}: its byteorder is '${order}', expected 'little' or 'big'`);
  }
  return order === 'little';
}

async function read(archive: ZipArchive, entry: Entry): Promise<Uint8Array> {
  return readEntry(archive, entry).catch((error: unknown) => {
    if (!(error instanceof BadEntryError)) throw error;
    throw new UserError(
      `${archive.where}: '${nameOf(entry)}' cannot be read (${error.message}); download or copy it again`,
    );
  });
}
