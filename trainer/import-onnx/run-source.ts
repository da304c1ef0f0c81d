// Runs the untouched files on onnxruntime-node, in their own types and batch size: the reference for everything that is made of them.
import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import { openSession, runtimeVersion } from '../engine/onnx-session.ts';
import { halfBits, halfValue } from '../graph/lower/half.ts';
import { elementType } from '../graph/lower/onnx-schema.ts';
import { sizeOf, type HostTensor } from '../graph/trace/graph.ts';
import type { NetworkFile, Port } from './network.ts';

/** A file's output of any type, as float32 numbers. */
export type Outputs = Readonly<Record<string, HostTensor>>;

/** An opened file; release it. */
export interface SourceSession {
  /** `onnxruntime-node 1.30.0 cpu` */
  readonly runtime: string;
  /** One run. The values of each input [n, …] are numbers of any type. */
  run(inputs: ReadonlyMap<Port, HostTensor>): Promise<Outputs>;
  release(): Promise<void>;
}

/** Opens a file. Throws Error, with the reason, for one that ONNX Runtime cannot run. */
export async function openSource({ bytes }: NetworkFile): Promise<SourceSession> {
  const session = await openSession(bytes, {
    provider: 'cpu',
    threads: availableParallelism(),
    isQuiet: true,
  }).catch((error: Error) => {
    throw new Error(`onnxruntime-node cannot open it: ${firstLine(error)}`);
  });
  return {
    runtime: `onnxruntime-node ${runtimeVersion} cpu`,
    async run(inputs) {
      const feeds = Object.fromEntries(
        [...inputs].map(([port, tensor]) => [port.name, tensorOf(port, tensor)]),
      );
      const found = await session.run(feeds).catch((error: Error) => {
        throw new Error(`onnxruntime-node cannot run it: ${firstLine(error)}`);
      });
      return Object.fromEntries(
        Object.entries(found).map(([name, tensor]) => [name, floatsOf(name, tensor)]),
      );
    },
    release: () => session.release(),
  };
}

/** The first line of an error of ONNX Runtime, without its own file names and conditions. */
export function firstLine({ message }: Error): string {
  const [line = ''] = message.split('\n');
  return line
    .replace(/^.*?\b(?:ErrorMessage|Status Message): /, '')
    .replace(/^\S+:\d+ .*? was false\. /, '')
    .replace(/^\S+:\d+ /, '')
    .replace(/^\S+ onnxruntime::[^)]*\) /, '')
    .slice(0, 300);
}

function tensorOf({ name, type }: Port, { data, shape }: HostTensor): ort.Tensor {
  switch (type) {
    case elementType.float32:
      return new ort.Tensor('float32', Float32Array.from(data), shape);
    case elementType.float16:
      return new ort.Tensor('float16', Uint16Array.from(data, halfBits), shape);
    case elementType.float64:
      return new ort.Tensor('float64', Float64Array.from(data), shape);
    case elementType.int32:
      return new ort.Tensor('int32', Int32Array.from(data), shape);
    case elementType.int64:
      return new ort.Tensor('int64', BigInt64Array.from(Array.from(data, BigInt)), shape);
    case elementType.bool:
      return new ort.Tensor('bool', Uint8Array.from(data), shape);
    default:
      throw new Error(`its input '${name}' has elements of type ${type}, which is not read`);
  }
}

function floatsOf(name: string, { data, dims, type }: ort.Tensor): HostTensor {
  if (typeof data[0] === 'string') throw new Error(`its output '${name}' is text`);
  // Half-precision numbers arrive as 16 bits where JavaScript has no type for them.
  const toNumber = type === 'float16' && data instanceof Uint16Array ? halfValue : Number;
  const values = Float32Array.from({ length: sizeOf(dims) }, (_, i) =>
    toNumber(data[i] as number | bigint as number),
  );
  return { shape: dims, dtype: 'float32', data: values };
}
