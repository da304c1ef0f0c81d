// The thin layer over onnxruntime-node: opening a session on one provider, and tensors to and from the host.
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

/** How a session is opened. */
export interface SessionSettings {
  readonly provider: Provider;
  /** Threads within an operator. */
  readonly threads: number;
  /** Outputs that stay on the device, by name. */
  readonly onDevice?: readonly string[];
  /** Leave transposes as the lowering arranged them; ONNX Runtime would join two fast ones into a slow one. */
  readonly keepsTransposes?: boolean;
  /** Where to write ONNX Runtime's profile of every operator, when the session is told to end it. */
  readonly profilePrefix?: string;
}

/**
 * A worker that spins long between operators can end up on the core of the thread that computes, and a step then takes
 * 1.7 times as long; one that sleeps at once wakes late. Measured on two cores, with the DCGAN 64 step.
 */
export const spinSettings = { 'session.intra_op.spin_duration_us': '100' } as const;

const keepTransposes = { 'optimization.disable_specified_optimizers': 'TransposeOptimizer' } as const;

/** Opens a session for a model's bytes. */
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
    logSeverityLevel: 3,
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

/** An uninitialised tensor in host memory that lies in `layout`. */
export function emptyTensor(spec: TensorSpec, layout: Layout, block: number | null = null): ort.Tensor {
  const make = arrayTypes[spec.dtype];
  const size = sizeOf(spec.shape);
  return new ort.Tensor(spec.dtype, new make(size), physicalDims(spec.shape, layout, block) as number[]);
}

/** A host tensor as ONNX Runtime takes it; shares memory with `tensor` where the layout is tfjs's own. */
export function toOrt(tensor: HostTensor, layout: Layout, block: number | null = null): ort.Tensor {
  return new ort.Tensor(
    tensor.dtype,
    toLayout(tensor.data, tensor.shape, layout, block),
    physicalDims(tensor.shape, layout, block) as number[],
  );
}

/** A tensor of ONNX Runtime's, in host memory, as a host tensor of logical shape `shape`; a copy. */
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

/** onnxruntime-node's version. */
export const runtimeVersion = ort.env.versions.node ?? ort.env.versions.common;
