// Which engine runs: the one that was named, or for `auto` the best that works here. Nothing falls back silently.
import { availableParallelism, cpus } from 'node:os';
import { EngineUnavailableError, engineNames, type Engine, type EngineName } from './engine.ts';
import { findBlockSize } from './block-size.ts';
import { OnnxEngine } from './onnx-engine.ts';
import { findWebgpuAdapter } from './webgpu-adapter.ts';

/** What is asked for: an engine's name or `auto`, and the CPU threads (null: one for each processor). */
export interface EngineRequest {
  readonly engine: 'auto' | EngineName;
  readonly threads: number | null;
}

/** The engine, and why it was taken. */
export interface EngineChoice {
  readonly engine: Engine;
  readonly reason: string;
}

/** Starts one engine by name, or throws Error with the reason. */
type Starter = (threads: number, isNamed: boolean) => Promise<EngineChoice>;

const starters: Readonly<Record<EngineName, Starter>> = {
  'tensorflow-cuda': () => Promise.reject(new Error('not part of this version')),
  'onnx-webgpu': async (threads, isNamed) => {
    const adapter = await findWebgpuAdapter();
    // A software adapter is slower than onnx-cpu; it is taken only by name, for tests.
    if (adapter.isSoftware && !isNamed) throw new Error(`${adapter.device} is not a GPU`);
    const engine = new OnnxEngine({
      name: 'onnx-webgpu',
      provider: 'webgpu',
      threads,
      device: adapter.device,
      block: null,
    });
    return { engine, reason: adapter.device };
  },
  'onnx-cpu': async (threads) => {
    const device = `${cpus()[0]?.model.trim() ?? process.arch}, ${threads} thread${threads === 1 ? '' : 's'}`;
    const block = await findBlockSize();
    const engine = new OnnxEngine({ name: 'onnx-cpu', provider: 'cpu', threads, device, block });
    return { engine, reason: device };
  },
  'tensorflow-cpu': () => Promise.reject(new Error('not part of this version')),
};

/**
 * Starts the engine asked for. Throws EngineUnavailableError with the reason for each engine that was tried:
 * the named one alone, or for `auto` all.
 */
export async function selectEngine({ engine, threads }: EngineRequest): Promise<EngineChoice> {
  const reasons: Partial<Record<EngineName, string>> = {};
  for (const name of engine === 'auto' ? engineNames : [engine]) {
    try {
      const choice = await starters[name](threads ?? availableParallelism(), engine !== 'auto');
      const others = Object.entries(reasons).map(([other, reason]) => `${other}: ${reason}`);
      return { ...choice, reason: [choice.reason, ...others].join('; ') };
    } catch (error) {
      reasons[name] = error instanceof Error ? error.message : String(error);
    }
  }
  throw new EngineUnavailableError(reasons);
}
