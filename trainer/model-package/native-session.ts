// Runs a model file on onnxruntime-node's CPU provider. wasm-session.ts does the same on onnxruntime-web.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { NamedHostTensors } from '../engine/engine.ts';
import { fromOrt, openSession, runtimeVersion, toOrt, type SessionSettings } from '../engine/onnx-session.ts';
import { readWhole } from '../external-data/embed-data.ts';
import { identityLayout } from '../graph/lower/layout.ts';
import { checkNetwork } from './check-network.ts';
import { ExportError } from './export-error.ts';
import type { WasmRequest, WasmRuns } from './wasm-session.ts';
import { held } from '../held.ts';

/** An opened model file; release it. */
export interface NativeSession {
  /** Runs the model once; returns all outputs by name. */
  run(inputs: NamedHostTensors): Promise<NamedHostTensors>;
  release(): Promise<void>;
}

/** Opens a model from its bytes. Throws Error for one that {@link checkNetwork} refuses, or that ONNX Runtime cannot run. */
export async function openNativeSession(
  bytes: Uint8Array,
  settings: Pick<SessionSettings, 'isQuiet'> = {},
): Promise<NativeSession> {
  await checkNetwork(bytes);
  const session = await openSession(bytes, { provider: 'cpu', threads: availableParallelism(), ...settings });
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(
        ([name, tensor]) => [name, toOrt(tensor, identityLayout(tensor.shape.length))] as const,
      );
      const found = Object.entries(await session.run(Object.fromEntries(feeds)));
      return Object.fromEntries(
        found.map(([name, tensor]) => [
          name,
          fromOrt(tensor, tensor.dims, identityLayout(tensor.dims.length)),
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** Runs a file once per set of inputs. Throws ExportError if it cannot; the signal's reason when aborted. */
export async function runOnNode({ file, runs, signal }: Omit<WasmRequest, 'runtime'>): Promise<WasmRuns> {
  try {
    await using session = held(await openNativeSession(await readWhole(file)));
    const outputs: NamedHostTensors[] = [];
    for (const inputs of runs) {
      signal.throwIfAborted();
      outputs.push(await session.run(inputs));
    }
    return { runtime: `onnxruntime-node ${runtimeVersion} cpu`, outputs };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExportError(`onnxruntime-node cannot run ${basename(file)}: ${reason}`);
  }
}
