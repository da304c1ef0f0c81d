// Loads TensorFlow into the process, once and for one device. Its settings are environment variables, set before it is loaded.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { NativeBinding, TensorflowBackend } from './binding.ts';
import type { Installation } from './installation.ts';
import {
  bindingFile,
  bindingFolder,
  findInstallation,
  installCommand,
  setupCommand,
} from './installation.ts';
import { withStderrSilenced } from './quiet.ts';

/** Options of {@link loadTensorflow}. */
export interface LoadRequest {
  readonly device: 'cuda' | 'cpu';
  readonly threads: number;
  /** Let matrix products round their operands to TensorFloat-32 on GPUs that support it. */
  readonly tf32: boolean;
  /** Show TensorFlow's own messages. */
  readonly isVerbose: boolean;
}

/** The loaded TensorFlow. */
export interface LoadedTensorflow {
  readonly backend: TensorflowBackend;
  readonly installation: Installation;
}

let loaded: (LoadedTensorflow & { readonly request: string }) | null = null;

/** The environment variables that TensorFlow and CUDA read. */
export function loadEnvironment({ device, threads, tf32, isVerbose }: LoadRequest): Record<string, string> {
  return {
    TF_CPP_MIN_LOG_LEVEL: isVerbose ? '0' : '3',
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    // Deterministic ops: the same inputs give the same bits.
    TF_DETERMINISTIC_OPS: '1',
    // Allocates GPU memory as needed instead of all at once.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(!tf32 && { NVIDIA_TF32_OVERRIDE: '0' }),
    ...(device === 'cpu' && { CUDA_VISIBLE_DEVICES: '-1' }),
  };
}

/** Loads TensorFlow. Throws Error with the reason if it fails, or if TensorFlow is loaded already with other settings. */
export function loadTensorflow(request: LoadRequest): LoadedTensorflow {
  const key = JSON.stringify({ ...request, isVerbose: null });
  if (loaded !== null) {
    if (loaded.request === key) return loaded;
    throw new Error(`TensorFlow is loaded already, with other settings; a process can load it only once`);
  }
  const installation = findInstallation();
  Object.assign(process.env, loadEnvironment(request));
  const load = (): TensorflowBackend => requireBackend(installation);
  const backend = request.isVerbose ? load() : withStderrSilenced(load);
  if (request.device === 'cuda' && !backend.binding.isUsingGpuDevice()) {
    throw new Error('TensorFlow found no GPU');
  }
  loaded = { backend, installation, request: key };
  return loaded;
}

function requireBackend(installation: Installation): TensorflowBackend {
  const require = createRequire(import.meta.url);
  // tfjs-node-gpu 4.22 calls util.isNullOrUndefined, which Node 23 has removed.
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const previous = tf.engine().backendName as string | null | undefined;
  try {
    require('@tensorflow/tfjs-node-gpu');
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw new Error(`${join(bindingFolder(), bindingFile)} cannot be loaded (${message}); ${setupCommand}`, {
      cause: error,
    });
  }
  const backend = tf.findBackend('tensorflow') as unknown as TensorflowBackend | null;
  // With two copies of tfjs-core, kernels and gradients would be registered in the other copy.
  if (backend === null)
    throw new Error(`tfjs-node-gpu uses a second copy of tfjs-core; run ${installCommand}`);
  if (previous != null) tf.setBackend(previous);
  const { TF_Version: version } = backend.binding satisfies NativeBinding;
  if (version !== installation.tensorflow) {
    throw new Error(
      `the binding was compiled for TensorFlow ${installation.tensorflow} and found ${version}; ${setupCommand}`,
    );
  }
  return backend;
}
