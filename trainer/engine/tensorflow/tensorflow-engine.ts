// Runs the recorded graph on TensorFlow as a flat list of ops (program.ts). The state is kept in tensors on TensorFlow's device. A run
// creates new ones and frees the old ones; nothing is copied to the host before it is requested.
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, TensorSpec } from '../../graph/trace/graph.ts';
import type { CompiledFunction, Engine, EngineName, NamedHostTensors, StateFunction } from '../engine.ts';
import { DeviceMemoryError } from '../engine.ts';
import { checkInput, checkShapes } from '../state-checks.ts';
import { inputName, nextName, outputName, recordStateFunction } from '../state-function.ts';
import { upload, type NativeBinding, type NativeId, type TensorflowBackend } from './binding.ts';
import { compileProgram, type Program } from './program.ts';

interface Entry {
  readonly spec: TensorSpec;
  id: NativeId;
}

/** Options of {@link TensorflowEngine}. */
export interface TensorflowEngineOptions {
  readonly name: Extract<EngineName, 'tensorflow-cuda' | 'tensorflow-cpu'>;
  readonly device: string;
  readonly fingerprint: Readonly<Record<string, string | number>>;
  readonly backend: TensorflowBackend;
}

/** The engine on TensorFlow, on the device that the backend was loaded for. */
export class TensorflowEngine implements Engine {
  readonly name: EngineName;
  readonly isOnGpu: boolean;
  readonly device: string;
  readonly fingerprint: Readonly<Record<string, string | number>>;
  private readonly backend: TensorflowBackend;
  private readonly state = new Map<string, Entry>();
  private readonly programs = new Set<Program>();

  constructor({ name, device, fingerprint, backend }: TensorflowEngineOptions) {
    this.name = name;
    this.isOnGpu = name === 'tensorflow-cuda';
    this.device = device;
    this.fingerprint = fingerprint;
    this.backend = backend;
  }

  private get binding(): NativeBinding {
    return this.backend.binding;
  }

  async compile(fn: StateFunction, inputs: Readonly<Record<string, TensorSpec>>): Promise<CompiledFunction> {
    const started = performance.now();
    const specs = Object.fromEntries([...this.state].map(([name, entry]) => [name, entry.spec]));
    const recorded = recordStateFunction(fn, specs, inputs);
    const { graph, reads, writes } = recorded;
    const program = this.guard(() => this.onBackend(() => compileProgram(graph, this.backend)));
    this.programs.add(program);
    const compileMs = performance.now() - started;

    const run: CompiledFunction['run'] = (given, { fetch = recorded.outputs } = {}) => {
      const { binding } = this;
      const feeds: Record<string, NativeId> = {};
      for (const name of reads) feeds[name] = this.state.get(name)!.id;
      const tensors = recorded.inputs.map(
        (name) => [name, checkInput(name, given[name], inputs[name]!)] as const,
      );
      const uploaded: NativeId[] = [];
      let results: Record<string, NativeId>;
      try {
        results = this.guard(() => {
          for (const [name, tensor] of tensors)
            uploaded.push((feeds[inputName(name)] = upload(binding, tensor)));
          return program.run(feeds);
        });
      } finally {
        for (const id of uploaded) binding.deleteTensor(id);
      }
      for (const name of writes) {
        const entry = this.state.get(name)!;
        binding.deleteTensor(entry.id);
        entry.id = results[nextName(name)]!;
      }
      const outputs: Record<string, HostTensor> = {};
      try {
        for (const name of recorded.outputs.filter((output) => fetch.includes(output))) {
          const { shape, dtype } = graph.values[graph.outputs[outputName(name)]!]!;
          const id = results[outputName(name)]!;
          outputs[name] = { shape, dtype, data: this.guard(() => binding.tensorDataSync(id)) };
        }
      } finally {
        for (const name of recorded.outputs) binding.deleteTensor(results[outputName(name)]!);
      }
      return Promise.resolve(outputs);
    };
    return Promise.resolve({
      nodeCount: graph.nodes.length,
      compileMs,
      // async, so that errors are rejections, as in the other engines.
      run: async (given, options) => run(given, options),
      dispose: () => {
        if (this.programs.delete(program)) program.dispose();
        return Promise.resolve();
      },
    });
  }

  async readState(names: readonly string[] = [...this.state.keys()]): Promise<NamedHostTensors> {
    const entries = names.map((name) => {
      const entry = this.state.get(name);
      if (entry === undefined) throw new RangeError(`state entry '${name}' does not exist`);
      return [name, entry] as const;
    });
    return Promise.resolve(
      Object.fromEntries(
        entries.map(([name, { spec, id }]) => [
          name,
          { ...spec, data: this.binding.tensorDataSync(id).slice() },
        ]),
      ),
    );
  }

  async writeState(entries: NamedHostTensors): Promise<void> {
    checkShapes(entries, (name) => this.state.get(name)?.spec);
    const uploaded: (readonly [string, HostTensor, NativeId])[] = [];
    try {
      for (const [name, tensor] of Object.entries(entries))
        uploaded.push([name, tensor, this.guard(() => upload(this.binding, tensor))]);
    } catch (error) {
      for (const [, , id] of uploaded) this.binding.deleteTensor(id);
      throw error;
    }
    for (const [name, { shape, dtype }, id] of uploaded) {
      const previous = this.state.get(name);
      if (previous !== undefined) this.binding.deleteTensor(previous.id);
      this.state.set(name, { spec: { shape: [...shape], dtype }, id });
    }
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    for (const { id } of this.state.values()) this.binding.deleteTensor(id);
    this.state.clear();
    for (const program of this.programs) program.dispose();
    this.programs.clear();
    return Promise.resolve();
  }

  /** Runs `work` with TensorFlow as tfjs's backend, then restores the previous backend. */
  private onBackend<T>(work: () => T): T {
    const previous = tf.engine().backendName as string | null | undefined;
    tf.setBackend('tensorflow');
    try {
      return work();
    } finally {
      if (previous != null) tf.setBackend(previous);
    }
  }

  /** Runs `work`; turns errors about full memory into DeviceMemoryError. */
  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (/\bOOM\b|RESOURCE_EXHAUSTED|Resource exhausted|out of memory/i.test(message)) {
        throw new DeviceMemoryError(this.device, { cause: error });
      }
      throw error;
    }
  }
}
