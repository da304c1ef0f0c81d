// Registers every tfjs kernel under the recording backend's name: kernels of the table are recorded, a few
// without inputs become literals, and the rest throw with their name. tfjs's kernel table is global to the process.
import * as tf from '@tensorflow/tfjs-core';
import { backendName, type RecordingBackend } from './backend.ts';
import type { AttributeRecord } from './graph.ts';
import { valueType } from './kernels/kernel.ts';
import { kernelTable } from './kernels/table.ts';
import { inWords, runningOp } from './running-op.ts';

type Record = (
  backend: RecordingBackend,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
) => tf.TensorInfo | tf.TensorInfo[];

/** Registers the kernels; does nothing if they are registered. */
export function registerRecordingKernels(): void {
  if (isRegistered('Identity')) return;
  for (const kernel of Object.keys(kernelTable)) {
    const isList = kernel === 'Unpack' || kernel === 'SplitV';
    register(kernel, (backend, inputs, attrs) => {
      const outputs = backend.recordCall(kernel, inputs, attrs as AttributeRecord);
      return isList ? outputs : outputs[0]!;
    });
  }
  register('Identity', (backend, inputs) => {
    const { dataId, shape, dtype } = inputs['x']!;
    backend.incRef(dataId);
    return { dataId, shape, dtype };
  });
  register('Fill', (backend, _, attrs) => {
    const { shape, value, dtype } = attrs as unknown as tf.FillAttrs & { readonly value: number };
    return backend.recordFill({ shape, dtype: valueType(dtype) }, Number(value));
  });
  register('Range', (backend, _, attrs) => {
    const { start, stop, step, dtype } = attrs as unknown as tf.RangeAttrs;
    return stepped(backend, dtype, start, rangeStep(start, stop, step), rangeSize(start, stop, step));
  });
  register('LinSpace', (backend, _, attrs) => {
    const { start, stop, num } = attrs as unknown as tf.LinSpaceAttrs;
    return stepped(backend, 'float32', start, (stop - start) / (num - 1), num);
  });
  for (const kernel of knownKernels().filter((name) => !isRegistered(name))) {
    register(kernel, () => {
      throw new Error(`kernel '${kernel}' (asked for by ${inWords(runningOp())}) cannot be recorded`);
    });
  }
}

function isRegistered(kernelName: string): boolean {
  return (tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined) !== undefined;
}

function register(kernelName: string, record: Record): void {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => record(backend as RecordingBackend, inputs, attrs ?? {}),
  });
}

/** tfjs exports each kernel's name as a constant of the same name, except for a leading underscore. */
function knownKernels(): string[] {
  return Object.entries(tf)
    .filter(([key, value]) => typeof value === 'string' && value.replace(/^_/, '') === key.replace(/^_/, ''))
    .map(([, value]) => value as string);
}

/** A literal of numbers at equal steps, accumulated in its own precision like tfjs's. */
function stepped(
  backend: RecordingBackend,
  dtype: 'float32' | 'int32',
  start: number,
  step: number,
  size: number,
): tf.TensorInfo {
  const data = dtype === 'float32' ? new Float32Array(size) : new Int32Array(size);
  for (let i = 0; i < size; i++) data[i] = i === 0 ? start : data[i - 1]! + step;
  return backend.recordLiteral({ shape: [size], dtype, data });
}

/** tfjs counts down by itself if no step, or a step of 1, was given. */
function rangeStep(start: number, stop: number, step: number): number {
  return stop < start && step === 1 ? -1 : step;
}

function rangeSize(start: number, stop: number, step: number): number {
  const leadsAway = (start < stop && step < 0) || (stop < start && step > 1);
  return leadsAway ? 0 : Math.abs(Math.ceil((stop - start) / step));
}
