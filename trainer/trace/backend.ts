// The tfjs backend that computes nothing: each kernel call becomes a node of the graph under construction.
// tfjs finds kernels by the backend's name, in a table that is global to the process; so one backend is
// registered once and points at whichever recording is open.
import * as tf from '@tensorflow/tfjs-core';
import type { AttributeRecord, HostTensor, TensorSpec, ValueId, ValueType } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { kernelTable } from './kernels/table.ts';

/** The name under which tfjs knows the recording backend. */
export const backendName = 'dcgan-recorder';

/** What a recording does with literals and with code that asks for values. */
export interface RecordingHooks {
  /** The value of a literal that the recorded code makes; by default a constant of the graph. */
  readonly literal?: (tensor: HostTensor) => ValueId;
  /** The values of a recorded tensor; by default there are none, and asking is an error. */
  readonly readSync?: (id: ValueId) => HostTensor['data'];
  readonly read?: (id: ValueId) => Promise<HostTensor['data']>;
}

/** Ops that draw numbers in JavaScript: recorded, they would be one draw, frozen for ever. */
const randomOps = new Set([
  'dropout',
  'multinomial',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
]);

interface Entry {
  readonly value: ValueId;
  references: number;
}

/** The recording backend; a recording is opened with {@link RecordingBackend.open}. */
export class RecordingBackend extends tf.KernelBackend {
  private builder: GraphBuilder | null = null;
  private hooks: RecordingHooks = {};
  private entries = new Map<object, Entry>();

  /** Starts recording into `builder`; tensors of earlier recordings are unknown from here on. */
  open(builder: GraphBuilder, hooks: RecordingHooks = {}): void {
    this.builder = builder;
    this.hooks = hooks;
    this.entries = new Map();
  }

  /** Ends the recording. */
  close(): void {
    this.builder = null;
    this.hooks = {};
    this.entries = new Map();
  }

  /** A tensor that stands for a value of the graph. */
  tensor(value: ValueId): tf.Tensor {
    const { shape, dtype } = this.current().value(value);
    return tf.engine().makeTensorFromTensorInfo(this.info(value, { shape, dtype }), this);
  }

  /** The value that a recorded tensor stands for. */
  valueFor(dataId: object): ValueId {
    const entry = this.entries.get(dataId);
    if (entry === undefined) throw new Error(foreignTensor(opName()));
    return entry.value;
  }

  /** Records one call; returns what tfjs makes tensors of. */
  recordCall(kernel: string, inputs: tf.NamedTensorInfoMap, attrs: AttributeRecord): tf.TensorInfo[] {
    const builder = this.current();
    const ids: Record<string, ValueId> = {};
    for (const [name, info] of Object.entries(inputs)) {
      if (info !== undefined && info !== null) ids[name] = this.valueFor(info.dataId);
    }
    return builder
      .addNode(kernel, ids, attrs, opName())
      .map((id) => this.info(id, { shape: builder.value(id).shape, dtype: builder.value(id).dtype }));
  }

  /** tfjs's view of a value with a reference of its own. */
  info(value: ValueId, { shape, dtype }: TensorSpec): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, { value, references: 1 });
    return { dataId, shape: [...shape], dtype };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const random = scopeNames().find((name) => randomOps.has(name));
    if (random !== undefined) {
      throw new Error(
        `tf.${random} was called while recording: it would draw once and be frozen in the graph; ` +
          'draw outside and pass the numbers in as an input',
      );
    }
    const tensor = hostTensor(values, shape, dtype);
    const id = this.hooks.literal?.(tensor) ?? this.current().addConstant(tensor);
    return this.info(id, tensor).dataId;
  }

  override move(): void {
    throw new Error(foreignTensor(opName()));
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    if (this.hooks.read === undefined) return Promise.reject(new Error(noValues()));
    return this.hooks.read(this.valueFor(dataId));
  }

  override readSync(dataId: object): tf.BackendValues {
    if (this.hooks.readSync === undefined) throw new Error(noValues());
    return this.hooks.readSync(this.valueFor(dataId));
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.entries.get(dataId);
    if (entry === undefined) return true;
    entry.references -= 1;
    if (!force && entry.references > 0) return false;
    this.entries.delete(dataId);
    return true;
  }

  override incRef(dataId: object): void {
    const entry = this.entries.get(dataId);
    if (entry !== undefined) entry.references += 1;
  }

  override refCount(dataId: object): number {
    return this.entries.get(dataId)?.references ?? 0;
  }

  override numDataIds(): number {
    return this.entries.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.close();
  }

  private current(): GraphBuilder {
    if (this.builder === null) {
      throw new Error(`tf.${opName()} was called on the recording backend while nothing is being recorded`);
    }
    return this.builder;
  }
}

/** The one recording backend of the process, registered with tfjs at the first call. */
export function recordingBackend(): RecordingBackend {
  const held = tf.findBackend(backendName);
  if (held instanceof RecordingBackend) return held;
  const backend = new RecordingBackend();
  registerKernels(backend);
  tf.registerBackend(backendName, () => backend, 0);
  return backend;
}

function registerKernels(backend: RecordingBackend): void {
  const register = (kernelName: string, kernelFunc: tf.KernelFunc): void =>
    tf.registerKernel({ kernelName, backendName, kernelFunc });

  for (const kernelName of Object.keys(kernelTable)) {
    register(kernelName, ({ inputs, attrs }) => {
      const outputs = backend.recordCall(kernelName, inputs, (attrs ?? {}) as AttributeRecord);
      return kernelName === 'Unpack' || kernelName === 'SplitV' ? outputs : outputs[0]!;
    });
  }
  register('Identity', ({ inputs }) => {
    const x = inputs['x']!;
    return backend.info(backend.valueFor(x.dataId), { shape: x.shape, dtype: x.dtype as ValueType });
  });
  register('Fill', ({ attrs }) => {
    const { shape, value, dtype } = attrs as unknown as { shape: number[]; value: number; dtype?: ValueType };
    const size = tf.util.sizeFromShape(shape);
    const values = tf.util.makeZerosTypedArray(size, dtype ?? 'float32').fill(value) as Float32Array;
    return { dataId: backend.write(values, shape, dtype ?? 'float32'), shape, dtype: dtype ?? 'float32' };
  });
  register('Range', ({ attrs }) => {
    const { start, stop, step, dtype } = attrs as unknown as RangeAttributes;
    const size = Math.max(0, Math.ceil((stop - start) / step));
    const values = tf.util.makeZerosTypedArray(size, dtype) as Float32Array;
    for (let i = 0; i < size; i++) values[i] = start + i * step;
    return { dataId: backend.write(values, [size], dtype), shape: [size], dtype };
  });
  for (const kernelName of knownKernels()) {
    if (tf.getKernel(kernelName, backendName) != null) continue;
    register(kernelName, () => {
      throw new Error(`kernel '${kernelName}' (asked for by tf.${opName()}) cannot be recorded`);
    });
  }
}

interface RangeAttributes {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly dtype: 'float32' | 'int32';
}

/** tfjs exports each kernel's name as a constant of the same name, but for a leading underscore. */
function knownKernels(): string[] {
  return Object.entries(tf)
    .filter(([key, value]) => typeof value === 'string' && value.replace(/^_/, '') === key.replace(/^_/, ''))
    .map(([, value]) => value as string);
}

function hostTensor(values: tf.BackendValues, shape: number[], dtype: tf.DataType): HostTensor {
  if (dtype === 'float32') return { shape, dtype, data: Float32Array.from(values as ArrayLike<number>) };
  if (dtype === 'int32') return { shape, dtype, data: Int32Array.from(values as ArrayLike<number>) };
  if (dtype === 'bool') return { shape, dtype, data: Uint8Array.from(values as ArrayLike<number>) };
  throw new Error(`a tensor of type ${dtype} cannot be recorded; expected float32, int32 or bool`);
}

/** Names of the ops that are running, outermost first; tfjs keeps them as its scopes' names. */
function scopeNames(): string[] {
  const { state } = tf.engine() as unknown as { state: { scopeStack: readonly { name: string }[] } };
  return state.scopeStack.map((scope) => scope.name.replace(/__op$/, ''));
}

/** The tfjs op that the running code called; 'an op' where tfjs does not say. */
function opName(): string {
  const named = scopeNames().filter((name) => name !== 'unnamed scope' && name !== 'default scope');
  return named.at(-1) ?? 'an op';
}

function foreignTensor(op: string): string {
  return (
    `tf.${op} met a tensor that does not belong to this recording; its values would be frozen in the graph: ` +
    'pass it in as an input, or make it inside the recorded function'
  );
}

function noValues(): string {
  return `tf.${opName()} asked for values while recording; a recorded tensor has none until the graph runs`;
}
