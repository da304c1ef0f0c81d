// What every engine is: a holder of one state (name → tensor, on its device) that compiles pure functions
// over it. A function is recorded once per signature; a run takes inputs, moves the state on and gives outputs.
// The state is read only when asked for, so that between two reports nothing leaves the device.
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
 * A pure function over the state. It gets the whole state and the inputs and returns the entries of the state
 * that change (same shapes; others stay) and the outputs. It may use tfjs ops only; no randomness, no reading.
 */
export type StateFunction = (
  state: NamedTensors,
  inputs: NamedTensors,
) => { readonly state?: NamedTensors; readonly outputs?: NamedTensors };

/** A compiled {@link StateFunction}. */
export interface CompiledFunction {
  /** Kernels in the recorded graph. */
  readonly nodeCount: number;
  /** Milliseconds that recording and opening took. */
  readonly compileMs: number;
  /**
   * Runs once: state moves on, and the outputs named in `fetch` (default: all) come back.
   * A run that fails leaves the state as it was.
   */
  run(inputs: NamedHostTensors, options?: { readonly fetch?: readonly string[] }): Promise<NamedHostTensors>;
  dispose(): Promise<void>;
}

/** One engine on one device. Calls must not overlap: each `run` is awaited before the next. */
export interface Engine {
  readonly name: EngineName;
  /** Whether it computes on a GPU, so that this thread is better spent on giving it work than on preparing batches. */
  readonly isOnGpu: boolean;
  /** In words: `AMD EPYC, 2 threads`. */
  readonly device: string;
  /** What, besides the inputs, decides the bits of a run: engine, version, threads, processor kind. */
  readonly fingerprint: Readonly<Record<string, string | number>>;
  /** Compiles `fn` for the state held now and inputs of the given shapes. */
  compile(fn: StateFunction, inputs: Readonly<Record<string, TensorSpec>>): Promise<CompiledFunction>;
  /** Copies of the named entries (default: all) as they are now. */
  readState(names?: readonly string[]): Promise<NamedHostTensors>;
  /** Sets entries, adding those that are new. Throws RangeError when a shape differs from the held entry's. */
  writeState(entries: NamedHostTensors): Promise<void>;
  dispose(): Promise<void>;
}

/** Why engines could not start: one reason a name. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
  readonly reasons: Readonly<Partial<Record<EngineName, string>>>;
  constructor(reasons: Readonly<Partial<Record<EngineName, string>>>) {
    const list = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`);
    super(`no engine could start\n  ${list.join('\n  ')}`);
    this.reasons = reasons;
  }
}

/** The device's memory is full. The state is what it was before the run. */
export class DeviceMemoryError extends Error {
  override readonly name = 'DeviceMemoryError';
  constructor(device: string, options?: ErrorOptions) {
    super(`${device}: out of memory`, options);
  }
}
