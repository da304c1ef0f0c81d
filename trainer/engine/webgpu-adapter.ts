// Finds a WebGPU adapter that ONNX Runtime can use and measures if it is a real GPU. The API does not describe the adapter, and a bad
// driver can crash the process, so a child process times one matrix product on the adapter and on the CPU.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { lower } from '../graph/lower/lower.ts';
import { record } from '../graph/trace/record.ts';

/** An adapter that works. */
export interface WebgpuAdapter {
  /** A description for people, with the measured rate. */
  readonly device: string;
  /** True if the adapter is slower than the CPU at a matrix product. */
  readonly isSoftware: boolean;
}

const size = 1024;
const timeoutMs = 60_000;

/** Runs in the child: times the model on stdin on each provider, and prints one JSON line. */
const probe = `
const ort = require(process.argv[1]);
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {
  const model = Buffer.concat(chunks);
  const size = Number(process.argv[2]);
  const matrix = () => new ort.Tensor('float32', new Float32Array(size * size).fill(0.01), [size, size]);
  const time = async (provider) => {
    const session = await ort.InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 4 });
    const feeds = { a: matrix(), b: matrix() };
    await session.run(feeds);
    const started = performance.now();
    await session.run(feeds);
    return performance.now() - started;
  };
  try {
    console.log(JSON.stringify({ webgpu: await time('webgpu'), cpu: await time('cpu') }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message) }));
  }
  process.exit(0);
});`;

/** Finds the adapter. Throws Error with the reason if none works. */
export async function findWebgpuAdapter(): Promise<WebgpuAdapter> {
  if (process.platform === 'linux' && !hasDeviceNode() && !namesDriver()) {
    throw new Error('no GPU device in /dev/dri or /dev/nvidia*');
  }
  const spec = { shape: [size, size], dtype: 'float32' } as const;
  const graph = record(({ a, b }) => ({ y: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D) }), {
    a: spec,
    b: spec,
  });
  const result = await runProbe(lower(graph, { name: 'probe' }));
  if ('error' in result) throw new Error(result.error);
  const rate = (2 * size ** 3) / result.webgpu / 1e6;
  const isSoftware = result.webgpu > result.cpu;
  const kind = isSoftware ? 'software WebGPU adapter' : 'WebGPU adapter';
  return { device: `${kind}, ${rate.toFixed(0)} GFLOP/s at ${size}x${size} matrices`, isSoftware };
}

function hasDeviceNode(): boolean {
  const hasRenderNode =
    existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  return hasRenderNode || existsSync('/dev/nvidia0') || existsSync('/dev/dxg');
}

/** True if the environment selects a Vulkan driver, e.g. a software driver, which needs no device. */
function namesDriver(): boolean {
  return process.env['VK_DRIVER_FILES'] !== undefined || process.env['VK_ICD_FILENAMES'] !== undefined;
}

type ProbeResult = { readonly webgpu: number; readonly cpu: number } | { readonly error: string };

function runProbe(model: Uint8Array): Promise<ProbeResult> {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', probe, runtime, String(size)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeoutMs,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(model);
    child.on('error', (error) => resolve({ error: error.message }));
    child.on('close', (code, signal) => {
      const line = output.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) resolve(JSON.parse(line) as ProbeResult);
      else resolve({ error: `the adapter's test run ended with ${signal ?? `exit code ${code}`}` });
    });
  });
}
