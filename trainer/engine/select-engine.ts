// Starts the engine with the requested name, or for `auto` the first that works here. The reason names every engine passed over.
import { availableParallelism, cpus } from 'node:os';
import { EngineUnavailableError, engineNames, type Engine, type EngineName } from './engine.ts';
import { findBlockSize } from './block-size.ts';
import { OnnxEngine } from './onnx-engine.ts';
import { findCudaDevice } from './tensorflow/cuda-device.ts';
import { loadTensorflow, type LoadRequest } from './tensorflow/load.ts';
import { TensorflowEngine } from './tensorflow/tensorflow-engine.ts';
import { findWebgpuAdapter } from './webgpu-adapter.ts';

/** Options of {@link selectEngine}. */
export interface EngineRequest {
  readonly engine: 'auto' | EngineName;
  /** CPU threads; null for one per processor. */
  readonly threads: number | null;
  /** Allow TensorFloat-32 in matrix products on GPUs that support it. Default false. */
  readonly tf32?: boolean;
  /** Show the engine's own messages. Default false. */
  readonly isVerbose?: boolean;
}

/** The engine, and the reason for the choice. */
export interface EngineChoice {
  readonly engine: Engine;
  readonly reason: string;
}

/** Starts one engine. Throws Error with the reason if it cannot. */
type Starter = (request: StartRequest) => Promise<EngineChoice>;

interface StartRequest {
  readonly threads: number;
  /** True if the engine was requested by name, false for `auto`. */
  readonly isNamed: boolean;
  readonly tf32: boolean;
  readonly isVerbose: boolean;
}

/** Description of the processor and the number of threads. */
function processor(threads: number): string {
  return `${cpus()[0]?.model.trim() ?? process.arch}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** Starts the TensorFlow engine on the device of `request`; `device` is its description. */
function startTensorflow(device: string, request: LoadRequest): EngineChoice {
  const { backend, installation } = loadTensorflow(request);
  const isOnGpu = request.device === 'cuda';
  const engine = new TensorflowEngine({
    name: isOnGpu ? 'tensorflow-cuda' : 'tensorflow-cpu',
    device,
    fingerprint: {
      engine: isOnGpu ? 'tensorflow-cuda' : 'tensorflow-cpu',
      version: `tensorflow ${installation.tensorflow} (${installation.build} build)`,
      ...(isOnGpu ? { tf32: request.tf32 ? 'on' : 'off' } : { threads: request.threads }),
      processor: isOnGpu ? device : (cpus()[0]?.model.trim() ?? process.arch),
    },
    backend,
  });
  return { engine, reason: device };
}

const starters: Readonly<Record<EngineName, Starter>> = {
  'tensorflow-cuda': async ({ threads, tf32, isVerbose }) =>
    startTensorflow(await findCudaDevice(), { device: 'cuda', threads, tf32, isVerbose }),
  'onnx-webgpu': async ({ threads, isNamed }) => {
    const adapter = await findWebgpuAdapter();
    // A software adapter is slower than onnx-cpu, so only a request by name starts it (for tests).
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
  'onnx-cpu': async ({ threads }) => {
    const device = processor(threads);
    const block = await findBlockSize();
    const engine = new OnnxEngine({ name: 'onnx-cpu', provider: 'cpu', threads, device, block });
    return { engine, reason: device };
  },
  'tensorflow-cpu': async ({ threads, isVerbose }) =>
    Promise.resolve(startTensorflow(processor(threads), { device: 'cpu', threads, tf32: false, isVerbose })),
};

/**
 * Starts the requested engine. Throws EngineUnavailableError with the reason of each engine that was tried: the named one, or for
 * `auto` all.
 */
export async function selectEngine(request: EngineRequest): Promise<EngineChoice> {
  const { engine, threads, tf32 = false, isVerbose = false } = request;
  const reasons: Partial<Record<EngineName, string>> = {};
  for (const name of engine === 'auto' ? engineNames : [engine]) {
    try {
      const isNamed = engine !== 'auto';
      const choice = await starters[name]({
        threads: threads ?? availableParallelism(),
        isNamed,
        tf32,
        isVerbose,
      });
      const others = Object.entries(reasons).map(([other, reason]) => `${other}: ${reason}`);
      return { ...choice, reason: [choice.reason, ...others].join('; ') };
    } catch (error) {
      reasons[name] = error instanceof Error ? error.message : String(error);
    }
  }
  throw new EngineUnavailableError(reasons);
}
