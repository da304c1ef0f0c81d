// The recording backend of tfjs: each kernel call becomes a node of the graph under construction, and nothing is computed. Each
// recording registers its own backend with tfjs and removes it at the end; recording-kernels.ts forwards kernel calls.
import * as tf from '@tensorflow/tfjs-core';
import {
  arrayTypes,
  type AttributeRecord,
  type HostTensor,
  type TensorSpec,
  type ValueId,
  type ValueType,
} from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { filledArray, valueType } from './kernels/kernel.ts';
import { inWords, runningOp, runningOps } from './running-op.ts';

/** The name under which tfjs knows the recording backend. */
export const backendName = 'dcgan-recorder';

/** Overrides for literals and for reading values. */
export interface RecordingHooks {
  /**
   * Maps a literal of the recorded code to a value. Default: a constant of the graph. With this hook random numbers count as
   * literals too.
   */
  readonly literal?: (tensor: HostTensor) => ValueId;
  /** Reads the data of a recorded tensor. Default: reading throws. */
  readonly read?: (id: ValueId) => Promise<HostTensor['data']>;
}

/** Random ops that run in JavaScript: recording them would freeze one sample in the graph. */
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

/** Records into a graph builder. */
export class RecordingBackend extends tf.KernelBackend {
  private readonly builder: GraphBuilder;
  private readonly hooks: RecordingHooks;
  private readonly entries = new Map<object, Entry>();

  constructor(builder: GraphBuilder, hooks: RecordingHooks = {}) {
    super();
    this.builder = builder;
    this.hooks = hooks;
  }

  /** A tensor that stands for a value of the graph. */
  tensor(value: ValueId): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.info(value), this);
  }

  /** The value that a recorded tensor stands for. Throws Error for a tensor of another backend or recording. */
  valueFor(dataId: object): ValueId {
    const entry = this.entries.get(dataId);
    if (entry === undefined) throw new Error(foreignTensor());
    return entry.value;
  }

  /** Records one call; returns tfjs's descriptions of the outputs. */
  recordCall(kernel: string, inputs: tf.NamedTensorInfoMap, attrs: AttributeRecord): tf.TensorInfo[] {
    const ids: Record<string, ValueId> = {};
    for (const [name, info] of Object.entries(inputs)) {
      if (info !== undefined && info !== null) ids[name] = this.valueFor(info.dataId);
    }
    return this.builder.addNode(kernel, ids, attrs, runningOp()).map((id) => this.info(id));
  }

  /** Records a literal. */
  recordLiteral(tensor: HostTensor): tf.TensorInfo {
    return this.info(this.hooks.literal?.(tensor) ?? this.builder.addConstant(tensor));
  }

  /** Records a literal with `value` in every place. */
  recordFill({ shape, dtype }: TensorSpec, value: number): tf.TensorInfo {
    const { literal } = this.hooks;
    if (literal === undefined) return this.info(this.builder.addFill({ shape, dtype }, value));
    return this.info(literal({ shape, dtype, data: filledArray({ shape, dtype }, value) }));
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const random = runningOps().find((name) => randomOps.has(name));
    if (random !== undefined && this.hooks.literal === undefined) {
      throw new Error(
        `tf.${random} was called while recording: it would draw once and be frozen in the graph; ` +
          'draw outside and pass the numbers in as an input',
      );
    }
    return this.recordLiteral(hostTensor(values as ArrayLike<number>, shape, valueType(dtype))).dataId;
  }

  override move(): void {
    throw new Error(foreignTensor());
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    if (this.hooks.read === undefined) return Promise.reject(new Error(noValues()));
    return this.hooks.read(this.valueFor(dataId));
  }

  override readSync(): tf.BackendValues {
    throw new Error(noValues());
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
    this.entries.clear();
  }

  /** A new tfjs handle of a value, with one reference. */
  private info(value: ValueId): tf.TensorInfo {
    const { shape, dtype } = this.builder.value(value);
    const dataId = {};
    this.entries.set(dataId, { value, references: 1 });
    return { dataId, shape: [...shape], dtype };
  }
}

function hostTensor(values: ArrayLike<number>, shape: readonly number[], dtype: ValueType): HostTensor {
  return { shape: [...shape], dtype, data: new arrayTypes[dtype](values) };
}

function foreignTensor(): string {
  return (
    `${inWords(runningOp())} met a tensor that does not belong to this recording; its values would be frozen in ` +
    'the graph: pass it in as an input, or make it inside the recorded function'
  );
}

function noValues(): string {
  return `${inWords(runningOp())} asked for values while recording; a recorded tensor has none until the graph runs`;
}
