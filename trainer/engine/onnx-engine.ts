// Runs the recorded graph, lowered to ONNX, in onnxruntime-node. On the CPU every state entry has 2 buffers that are swapped after
// each run, so a step copies nothing. On WebGPU the state stays in GPU buffers.
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import type * as ort from 'onnxruntime-node';
import { identityLayout, type Layout } from '../graph/lower/layout.ts';
import { lower } from '../graph/lower/lower.ts';
import { record } from '../graph/trace/record.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import type { CompiledFunction, Engine, EngineName, NamedHostTensors, StateFunction } from './engine.ts';
import { emptyTensor, fromOrt, openSession, runtimeVersion, toOrt, type Provider } from './onnx-session.ts';
import { inputName, nextName, outputName, recordStateFunction } from './state-function.ts';
import { checkInput, checkShapes } from './state-checks.ts';
import { stateLayout, stateLayouts } from './state-layout.ts';
import { held } from '../held.ts';

interface Entry {
  readonly spec: TensorSpec;
  readonly layout: Layout;
  current: ort.Tensor;
  /** The second buffer on the CPU, allocated when a run first writes the entry; null on WebGPU. */
  spare: ort.Tensor | null;
}

/** Options of {@link OnnxEngine}. */
export interface OnnxEngineOptions {
  readonly name: Extract<EngineName, 'onnx-cpu' | 'onnx-webgpu'>;
  readonly provider: Provider;
  readonly threads: number;
  readonly device: string;
  /** Channels per block of the blocked convolutions (see findBlockSize); null without them. */
  readonly block: number | null;
}

/** An engine on one of ONNX Runtime's execution providers. */
export class OnnxEngine implements Engine {
  readonly name: EngineName;
  readonly isOnGpu: boolean;
  readonly device: string;
  readonly fingerprint: Readonly<Record<string, string | number>>;
  private readonly provider: Provider;
  private readonly threads: number;
  private readonly block: number | null;
  private readonly state = new Map<string, Entry>();
  private readonly sessions = new Set<ort.InferenceSession>();

  constructor({ name, provider, threads, device, block }: OnnxEngineOptions) {
    this.name = name;
    this.isOnGpu = provider !== 'cpu';
    this.provider = provider;
    this.threads = threads;
    this.block = block;
    this.device = device;
    this.fingerprint = {
      engine: name,
      version: `onnxruntime-node ${runtimeVersion}`,
      threads,
      blocks: block ?? 'none',
      processor: cpus()[0]?.model.trim() ?? process.arch,
    };
  }

  async compile(fn: StateFunction, inputs: Readonly<Record<string, TensorSpec>>): Promise<CompiledFunction> {
    const started = performance.now();
    const specs = Object.fromEntries([...this.state].map(([name, entry]) => [name, entry.spec]));
    const recorded = recordStateFunction(fn, specs, inputs);
    const { graph, reads, writes } = recorded;
    const layouts = stateLayouts(graph, [...this.state.keys()], this.block);
    const model = lower(graph, { layouts, block: this.block, name: 'step' });
    const session = await this.open(model, writes.map(nextName));
    const compileMs = performance.now() - started;

    const outputSpecs = Object.fromEntries(
      recorded.outputs.map((name) => [name, graph.values[graph.outputs[outputName(name)]!]!]),
    );
    return {
      nodeCount: graph.nodes.length,
      compileMs,
      run: async (given, { fetch = recorded.outputs } = {}) => {
        const feeds: Record<string, ort.Tensor> = {};
        for (const name of reads) feeds[name] = this.state.get(name)!.current;
        for (const name of recorded.inputs) {
          const tensor = checkInput(name, given[name], inputs[name]!);
          feeds[inputName(name)] = toOrt(tensor, identityLayout(tensor.shape.length));
        }
        const fetches: Record<string, ort.Tensor | null> = {};
        for (const name of writes) fetches[nextName(name)] = this.target(this.state.get(name)!);
        for (const name of fetch) fetches[outputName(name)] = null;
        const results = await session.run(feeds, fetches);
        for (const name of writes) this.advance(this.state.get(name)!, results[nextName(name)]!);
        return Object.fromEntries(
          fetch.map((name) => {
            const { shape } = outputSpecs[name]!;
            return [name, fromOrt(results[outputName(name)]!, shape, identityLayout(shape.length))];
          }),
        );
      },
      dispose: () => this.close(session),
    };
  }

  async readState(names: readonly string[] = [...this.state.keys()]): Promise<NamedHostTensors> {
    const entries = names.map((name) => [name, this.entry(name)] as const);
    const onHost = await this.toHost(entries);
    return Object.fromEntries(
      entries.map(([name, { spec, layout }]) => [
        name,
        fromOrt(onHost[name]!, spec.shape, layout, this.block),
      ]),
    );
  }

  async writeState(entries: NamedHostTensors): Promise<void> {
    checkShapes(entries, (name) => this.state.get(name)?.spec);
    for (const [name, tensor] of Object.entries(entries)) {
      const layout = stateLayout(tensor.shape, this.block);
      this.state.get(name)?.current.dispose();
      const spec = { shape: [...tensor.shape], dtype: tensor.dtype };
      const current = toOrt({ ...tensor, data: tensor.data.slice() }, layout, this.block);
      this.state.set(name, { spec, layout, current, spare: null });
    }
  }

  async dispose(): Promise<void> {
    // Tensors first: a GPU buffer that outlives the last session crashes the process.
    for (const { current } of this.state.values()) current.dispose();
    this.state.clear();
    for (const session of this.sessions) await session.release();
    this.sessions.clear();
  }

  private async open(model: Uint8Array, onDevice: readonly string[]): Promise<ort.InferenceSession> {
    const { provider, threads, block } = this;
    const session = await openSession(model, {
      provider,
      threads,
      onDevice,
      keepsTransposes: block !== null,
    });
    this.sessions.add(session);
    return session;
  }

  /** Releases a session; on a GPU it waits for {@link OnnxEngine.dispose}, because the state may lie in its buffers. */
  private async close(session: ort.InferenceSession): Promise<void> {
    if (this.provider === 'cpu' && this.sessions.delete(session)) await session.release();
  }

  private entry(name: string): Entry {
    const entry = this.state.get(name);
    if (entry === undefined) throw new RangeError(`state entry '${name}' does not exist`);
    return entry;
  }

  /** The buffer for the entry's next value: the spare one on the CPU; null on WebGPU, where ONNX Runtime allocates it. */
  private target(entry: Entry): ort.Tensor | null {
    if (this.provider !== 'cpu') return null;
    entry.spare ??= emptyTensor(entry.spec, entry.layout, this.block);
    return entry.spare;
  }

  private advance(entry: Entry, next: ort.Tensor): void {
    if (this.provider === 'cpu') {
      entry.spare = entry.current;
      entry.current = next;
    } else {
      entry.current.dispose();
      entry.current = next;
    }
  }

  /** Entries in host memory. Reading the data of a GPU tensor aborts the process, so a session with identity outputs copies them. */
  private async toHost(entries: readonly (readonly [string, Entry])[]): Promise<Record<string, ort.Tensor>> {
    const onDevice = entries.filter(([, { current }]) => current.location !== 'cpu');
    const result = Object.fromEntries(entries.map(([name, { current }]) => [name, current]));
    if (onDevice.length === 0) return result;
    const specs = Object.fromEntries(onDevice.map(([name, { spec }]) => [name, spec]));
    const layouts: Record<string, Layout> = {};
    for (const [name, { layout }] of onDevice) {
      layouts[name] = layout;
      layouts[outputName(name)] = layout;
    }
    const graph = record(
      (tensors) => Object.fromEntries(onDevice.map(([name]) => [outputName(name), tensors[name]!])),
      specs,
    );
    const model = lower(graph, { layouts, name: 'read' });
    await using session = held(await openSession(model, { provider: this.provider, threads: this.threads }));
    const feeds = Object.fromEntries(onDevice.map(([name, { current }]) => [name, current]));
    const copies = await session.run(feeds);
    for (const [name] of onDevice) result[name] = copies[outputName(name)]!;
    return result;
  }
}
