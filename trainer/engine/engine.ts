// The interface of all engines. An engine holds a state (name → tensor, on its device) and compiles pure functions over it. A run of
// a compiled function takes inputs, updates the state and returns outputs. The state is copied to the host only on request, so
// nothing leaves the device between two reports.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostTensor, TensorSpec } from '../graph/trace/graph.ts';

/** The engines' names, in the order in which `auto` prefers them. */
export const engineNames = ['tensorflow-cuda', 'onnx-webgpu', 'onnx-cpu', 'tensorflow-cpu'] as const;
/** An engine's name. */
export type EngineName = (typeof engineNames)[number];

/** Tensors by path-like names (`generator/block2/kernel`). */
export type NamedTensors = Readonly<Record<string, Tensor>>;
/** Host tensors by the same names. */
export type NamedHostTensors = Readonly<Record<string, HostTensor>>;

/**
 * A pure function over the state. It receives the whole state and the inputs, and returns the changed entries of the state (with the
 * same shapes) and the outputs. It may only use tfjs ops, no randomness, and must not read values of tensors.
 */
export type StateFunction = (
  state: NamedTensors,
  inputs: NamedTensors,
) => { readonly state?: NamedTensors; readonly outputs?: NamedTensors };

/** A compiled {@link StateFunction}. */
export interface CompiledFunction {
  /** Number of kernels in the recorded graph. */
  readonly nodeCount: number;
  /** Time for recording and opening, in ms. */
  readonly compileMs: number;
  /**
   * Runs once: updates the state and resolves to the outputs named in `fetch` (default: all). A failed run leaves the state
   * unchanged.
   */
  run(inputs: NamedHostTensors, options?: { readonly fetch?: readonly string[] }): Promise<NamedHostTensors>;
  dispose(): Promise<void>;
}

/** One engine on one device. Calls must not overlap: each `run` is awaited before the next. */
export interface Engine {
  readonly name: EngineName;
  /** True if the engine computes on a GPU. Batches are then prepared in another thread, to keep the GPU busy. */
  readonly isOnGpu: boolean;
  /** A description for people: `AMD EPYC, 2 threads`. */
  readonly device: string;
  /** Everything besides the inputs that can change the bits of a run: engine, version, threads, processor model. */
  readonly fingerprint: Readonly<Record<string, string | number>>;
  /** Compiles `fn` for the present state's shapes and inputs of the given shapes. */
  compile(fn: StateFunction, inputs: Readonly<Record<string, TensorSpec>>): Promise<CompiledFunction>;
  /** Copies of the named entries (default: all). Throws RangeError for an unknown name. */
  readState(names?: readonly string[]): Promise<NamedHostTensors>;
  /** Sets entries and adds new ones. Throws RangeError if a shape differs from the existing entry's. */
  writeState(entries: NamedHostTensors): Promise<void>;
  dispose(): Promise<void>;
}

/** Thrown if no engine could start, with one reason per engine. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
  readonly reasons: Readonly<Partial<Record<EngineName, string>>>;
  constructor(reasons: Readonly<Partial<Record<EngineName, string>>>) {
    const list = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`);
    super(`no engine could start\n  ${list.join('\n  ')}`);
    this.reasons = reasons;
  }
}

/** Thrown if the device's memory is full. The state is unchanged. */
export class DeviceMemoryError extends Error {
  override readonly name = 'DeviceMemoryError';
  constructor(device: string, options?: ErrorOptions) {
    super(`${device}: out of memory`, options);
  }
}
