// The format of torch.save since PyTorch 1.6: a zip with a pickle, `NAME/data.pkl`, whose tensors refer to storages, `NAME/data/KEY`.
// The pickle is read without executing anything, and every size that it declares is compared with the bytes that are there.
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
import { floatBytes, toFloat32, type FloatFormat } from '../files/number-formats.ts';
import { maxNetworkBytes, maxTextBytes } from '../files/regular-file.ts';
import { sizeOf } from '../graph/trace/graph.ts';
import { readPickle, type Global, type PickleValue } from './pickle.ts';
import type { FileTensor, WeightFile } from './weight-file.ts';

/** Max number of a tensor's axes. */
const maxAxes = 8;

/** PyTorch's classes of storages, the element types of their tensors. */
const storageFormats: Readonly<Record<string, FloatFormat | 'int64'>> = {
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  DoubleStorage: 'float64',
  // `num_batches_tracked` of batch norm.
  LongStorage: 'int64',
};

/** A class of storages, as the pickle names it. */
class StorageClass {
  readonly format: FloatFormat | 'int64';
  constructor(format: FloatFormat | 'int64') {
    this.format = format;
  }
}

/** A storage: elements in one row, in an entry of the zip. */
interface Storage {
  readonly kind: 'storage';
  readonly format: FloatFormat | 'int64';
  readonly count: number;
  readonly entry: Entry;
}

/** A tensor: a view of a storage. */
interface TensorView {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Opens a state dict. Throws UserError for anything else in the file, with what to save instead. */
export async function openTorchFile(path: string): Promise<WeightFile> {
  const archive = await openArchive(path, path);
  try {
    const { entries, root } = await listEntries(archive);
    const isLittleEndian = await readEndianness(archive, entries.get(`${root}byteorder`));
    const pickle = entries.get(`${root}data.pkl`)!;
    checkSize(pickle, path, maxTextBytes);
    const value = readStateDict(path, await read(archive, pickle), (key) =>
      entries.get(`${root}data/${key}`),
    );
    const tensors = new Map<string, FileTensor>();
    for (const [name, view] of tensorsOf(value, path)) {
      tensors.set(name, {
        shape: view.shape,
        read: async () => elementsOf(view, await readStorage(archive, view.storage, name, isLittleEndian)),
      });
    }
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

/** Reads the pickle; `find` gives the zip's entry of a storage. */
function readStateDict(
  path: string,
  bytes: Uint8Array,
  find: (key: string) => Entry | undefined,
): PickleValue {
  const refuse = (why: string): UserError => new UserError(`${path}: ${why}; is it damaged?`);
  const globals = new Map<string, Global | StorageClass>([
    ['collections.OrderedDict', { call: () => new Map() }],
    ['torch._utils._rebuild_tensor_v2', { call: (args) => viewOf(args, refuse) }],
    ['torch._utils._rebuild_parameter', { call: ([tensor]) => tensor ?? null }],
    ...Object.entries(storageFormats).map(
      ([name, format]) => [`torch.${name}`, new StorageClass(format)] as const,
    ),
  ]);
  return readPickle(bytes, {
    globals: globals as ReadonlyMap<string, Global>,
    refuse,
    refuseGlobal: (name) =>
      new UserError(
        name.startsWith('torch.') && name.endsWith('Storage')
          ? `${path}: refused, it has tensors of the type ${name}, expected floating-point numbers; ` +
              'save the state dict alone, unquantised'
          : `${path}: refused, it calls the Python object ${name}, and a state dict has tensors alone; nothing was executed; ` +
              `if you trust the file, save its weights alone: torch.save(netG.state_dict(), 'netG.pth')`,
      ),
    persistent(id) {
      const [word, type, key, , count] = Array.isArray(id) ? (id as PickleValue[]) : [];
      if (
        word !== 'storage' ||
        !(type instanceof StorageClass) ||
        typeof key !== 'string' ||
        !isSize(count)
      ) {
        throw refuse('one of its storages makes no sense');
      }
      const entry = find(key);
      if (entry === undefined) throw refuse(`its storage '${key}' is missing`);
      const declared = count * (type.format === 'int64' ? 8 : floatBytes[type.format]);
      if (declared !== entry.uncompressedSize) {
        throw refuse(`its storage '${key}' has ${entry.uncompressedSize} bytes and declares ${declared}`);
      }
      checkSize(entry, path, maxNetworkBytes);
      return { kind: 'storage', format: type.format, count, entry } satisfies Storage;
    },
  });
}

/** The arguments of _rebuild_tensor_v2 as a view that lies within its storage and has no element twice. */
function viewOf(args: readonly PickleValue[], refuse: (why: string) => UserError): TensorView {
  const [storage, offset, shape, strides] = args;
  if (
    !isKind<Storage>(storage, 'storage') ||
    !isSize(offset) ||
    !isSizes(shape) ||
    !isSizes(strides) ||
    shape.length !== strides.length ||
    shape.length > maxAxes
  ) {
    throw refuse('one of its tensors makes no sense');
  }
  const size = sizeOf(shape);
  const last = shape.reduce((at, side, axis) => at + (side - 1) * strides[axis]!, offset);
  if (size > storage.count || (size > 0 && last >= storage.count)) {
    throw refuse(
      `one of its tensors, [${shape.join(', ')}], does not fit its storage of ${storage.count} elements`,
    );
  }
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** The tensors of a state dict by name. Throws UserError for another value, with what to do. */
function tensorsOf(value: PickleValue, path: string): readonly (readonly [string, TensorView])[] {
  const name = JSON.stringify(basename(path));
  if (!(value instanceof Map)) {
    throw new UserError(
      `${path}: holds ${isKind(value, 'tensor') ? 'one tensor' : 'no dict'}, expected a state dict; ` +
        `save it with torch.save(netG.state_dict(), ${name})`,
    );
  }
  const entries = [...value] as [PickleValue, PickleValue][];
  const keys = entries.map(([key]) => String(key));
  const inner = entries.find(([, item]) => item instanceof Map && isStateDict(item));
  if (inner !== undefined) {
    throw new UserError(
      `${path}: a checkpoint with the keys ${keys.slice(0, 12).join(', ')}, expected a state dict; save the one you mean alone: ` +
        `torch.save(torch.load(${name}, map_location='cpu')[${JSON.stringify(inner[0])}], 'netG.pth')`,
    );
  }
  if (!isStateDict(value)) {
    throw new UserError(
      `${path}: a dict with the keys ${keys.slice(0, 12).join(', ') || '(none)'}, expected a state dict of named tensors; ` +
        `save it with torch.save(netG.state_dict(), ${name})`,
    );
  }
  return entries as unknown as readonly (readonly [string, TensorView])[];
}

function isStateDict(value: Map<PickleValue, PickleValue>): boolean {
  return (
    value.size > 0 &&
    [...value].every(([key, item]) => typeof key === 'string' && isKind<TensorView>(item, 'tensor'))
  );
}

async function read(archive: ZipArchive, entry: Entry): Promise<Uint8Array> {
  return readEntry(archive, entry).catch((error: unknown) => {
    if (!(error instanceof BadEntryError)) throw error;
    throw new UserError(
      `${archive.where}: '${nameOf(entry)}' cannot be read (${error.message}); download or copy it again`,
    );
  });
}

async function readStorage(
  archive: ZipArchive,
  { format, entry }: Storage,
  name: string,
  isLittleEndian: boolean,
): Promise<Float32Array<ArrayBuffer>> {
  if (format === 'int64') {
    throw new UserError(`${archive.where}: ${name} holds integers, expected floating-point numbers`);
  }
  return toFloat32(format, await read(archive, entry), isLittleEndian);
}

/** The elements of a view in row-major order. */
function elementsOf(
  { offset, shape, strides }: TensorView,
  storage: Float32Array,
): Float32Array<ArrayBuffer> {
  const elements = new Float32Array(sizeOf(shape));
  const index = shape.map(() => 0);
  let from = offset;
  for (let i = 0; i < elements.length; i++) {
    elements[i] = storage[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return elements;
}

function isKind<T extends { readonly kind: string }>(
  value: PickleValue | undefined,
  kind: T['kind'],
): value is T {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((item) => isSize(item as PickleValue));
}
