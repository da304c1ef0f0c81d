// The pickle of a state dict: names of tensors, which are views of storages outside it. It is read without executing anything, and every
// size that it declares is compared with what is there.
import { basename } from 'node:path';
import { UserError } from '../errors.ts';
import { floatBytes, toFloat32, type FloatFormat } from '../files/number-formats.ts';
import { sizeOf } from '../graph/trace/graph.ts';
import { readPickleAt, type Global, type PickleValue } from './pickle.ts';
import type { FileTensor } from './weight-file.ts';

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

/** A storage: elements in one row. */
interface Storage {
  readonly kind: 'storage';
  readonly format: FloatFormat | 'int64';
  readonly count: number;
  readonly read: ReadBytes;
}

/** A tensor: a view of a storage. */
interface TensorView {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Reads the bytes of a storage. */
export type ReadBytes = () => Promise<Uint8Array>;

/** Number and size of a storage's elements, as the pickle declares them. */
export interface StorageSize {
  readonly count: number;
  readonly elementBytes: number;
}

/** The facts that the file around the pickle knows. */
export interface StateDictOptions {
  /** Path of the file, for messages. */
  readonly path: string;
  /** First byte of the pickle. */
  readonly start?: number;
  readonly isLittleEndian: boolean;
  /** The storage of a key. Throws UserError for one that is missing or of another size. */
  readonly storageOf: (key: string, size: StorageSize) => ReadBytes;
}

/**
 * Reads the pickle of a state dict that begins at `start`; resolves storages by `storageOf` and executes nothing. Returns the tensors by
 * name and the end of the pickle. Throws UserError for anything else, with what to save instead.
 */
export function readStateDict(
  bytes: Uint8Array,
  { path, start = 0, isLittleEndian, storageOf }: StateDictOptions,
): { readonly tensors: ReadonlyMap<string, FileTensor>; readonly end: number } {
  const refuse = (why: string): UserError => new UserError(`${path}: ${why}; is it damaged?`);
  const globals = new Map<string, Global | StorageClass>([
    ['collections.OrderedDict', { call: () => new Map() }],
    ['torch._utils._rebuild_tensor_v2', { call: (args) => viewOf(args, refuse) }],
    ['torch._utils._rebuild_parameter', { call: ([tensor]) => tensor ?? null }],
    ...Object.entries(storageFormats).map(
      ([name, format]) => [`torch.${name}`, new StorageClass(format)] as const,
    ),
  ]);
  const { value, end } = readPickleAt(bytes, start, {
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
      const [word, type, key, , count, view = null] = Array.isArray(id) ? (id as PickleValue[]) : [];
      if (
        word !== 'storage' ||
        !(type instanceof StorageClass) ||
        typeof key !== 'string' ||
        !isSize(count) ||
        view !== null
      ) {
        throw refuse('one of its storages makes no sense');
      }
      const elementBytes = type.format === 'int64' ? 8 : floatBytes[type.format];
      const read = storageOf(key, { count, elementBytes });
      return { kind: 'storage', format: type.format, count, read } satisfies Storage;
    },
  });
  const tensors = new Map<string, FileTensor>();
  for (const [name, view] of tensorsOf(value, path)) {
    tensors.set(name, {
      shape: view.shape,
      async read() {
        const { format, read } = view.storage;
        if (format === 'int64') {
          throw new UserError(`${path}: ${name} holds integers, expected floating-point numbers`);
        }
        return elementsOf(view, toFloat32(format, await read(), isLittleEndian));
      },
    });
  }
  return { tensors, end };
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
