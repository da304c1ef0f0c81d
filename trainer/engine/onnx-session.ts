// A thin layer over onnxruntime-node: opens sessions and converts tensors.
import * as ort from 'onnxruntime-node';
import {
  arrayTypes,
  sizeOf,
  type HostTensor,
  type TensorSpec,
  type ValueType,
} from '../graph/trace/graph.ts';
import { physicalDims, type Layout } from '../graph/lower/layout.ts';
import { fromLayout, toLayout } from '../graph/lower/context.ts';

/** The providers of onnxruntime-node that the engines use. */
export type Provider = 'cpu' | 'webgpu';

/** Options of {@link openSession}. */
export interface SessionSettings {
  readonly provider: Provider;
  /** Threads within an operator. */
  readonly threads: number;
  /** Names of outputs that stay on the device. */
  readonly onDevice?: readonly string[];
  /** Keep the lowering's transposes; ONNX Runtime would merge two fast ones into a slow one. */
  readonly keepsTransposes?: boolean;
  /** Print nothing to stderr when a run fails; the error has the reason. Default false. */
  readonly isQuiet?: boolean;
  /** Path prefix of ONNX Runtime's operator profile, written by `session.endProfiling()`. */
  readonly profilePrefix?: string;
}

/**
 * Worker threads spin 100 µs between operators. A thread that spins longer can occupy the core of the computing thread, which makes
 * a step take 1.7 times as long; one that sleeps at once wakes late. Measured on 2 cores with the DCGAN step at 64x64.
 */
export const spinSettings = { 'session.intra_op.spin_duration_us': '100' } as const;

const keepTransposes = { 'optimization.disable_specified_optimizers': 'TransposeOptimizer' } as const;

/** Opens a session for the bytes of an ONNX model. */
export async function openSession(
  model: Uint8Array,
  settings: SessionSettings,
): Promise<ort.InferenceSession> {
  const onDevice = settings.provider === 'cpu' ? [] : (settings.onDevice ?? []);
  return ort.InferenceSession.create(model, {
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: settings.isQuiet === true ? 4 : 3,
    extra: { ...spinSettings, ...(settings.keepsTransposes === true && keepTransposes) },
    ...(settings.profilePrefix !== undefined && {
      enableProfiling: true,
      profileFilePrefix: settings.profilePrefix,
    }),
    ...(onDevice.length > 0 && {
      preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const])),
    }),
  });
}

/** A tensor of zeros in host memory, in `layout`. */
export function emptyTensor(spec: TensorSpec, layout: Layout, block: number | null = null): ort.Tensor {
  const make = arrayTypes[spec.dtype];
  const size = sizeOf(spec.shape);
  return new ort.Tensor(spec.dtype, new make(size), physicalDims(spec.shape, layout, block) as number[]);
}

/** Converts a host tensor to ONNX Runtime's type and `layout`; shares its memory if the layout is the identity. */
export function toOrt(tensor: HostTensor, layout: Layout, block: number | null = null): ort.Tensor {
  return new ort.Tensor(
    tensor.dtype,
    toLayout(tensor.data, tensor.shape, layout, block),
    physicalDims(tensor.shape, layout, block) as number[],
  );
}

/** Copies an ONNX Runtime tensor in host memory to a host tensor of logical shape `shape`. */
export function fromOrt(
  tensor: ort.Tensor,
  shape: readonly number[],
  layout: Layout,
  block: number | null = null,
): HostTensor {
  const data = tensor.data as HostTensor['data'];
  const back = fromLayout(data, shape, layout, block);
  return { shape, dtype: tensor.type as ValueType, data: back === data ? data.slice() : back };
}

/** The version of onnxruntime-node. */
export const runtimeVersion = ort.env.versions.node ?? ort.env.versions.common;
