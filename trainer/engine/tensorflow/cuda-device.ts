// Finds the GPU that TensorFlow uses. A bad driver can crash the process, and TensorFlow reports problems on stderr only, so a child
// process tests it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { bindingFile, bindingFolder, findInstallation, setupWith } from './installation.ts';
import { loadEnvironment } from './load.ts';
import { join } from 'node:path';

const timeoutMs = 120_000;

/** Runs in the child: makes the binding's context, which lists the devices on stderr, and multiplies two matrices. */
const probe = `
const binding = require(process.argv[1]);
if (!binding.isUsingGpuDevice()) process.exit(3);
const type = (value) => ({ name: 'T', type: binding.TF_ATTR_TYPE, value });
const flag = (name) => ({ name, type: binding.TF_ATTR_BOOL, value: false });
const ones = binding.createTensor([64, 64], binding.TF_FLOAT, new Float32Array(4096).fill(1));
const attributes = [flag('transpose_a'), flag('transpose_b'), type(binding.TF_FLOAT)];
const [product] = binding.executeOp('MatMul', attributes, [ones, ones], 1);
process.exit(binding.tensorDataSync(product.id)[0] === 64 ? 0 : 4);`;

/** Description of the GPU: model and compute capability. Throws Error with TensorFlow's messages if none works. */
export async function findCudaDevice(): Promise<string> {
  const { build, tensorflow } = findInstallation();
  if (build !== 'gpu') {
    throw new Error(`TensorFlow ${tensorflow} is set up without CUDA; ${setupWith('--gpu')}`);
  }
  if (!hasDriver()) throw new Error('no NVIDIA driver (neither /proc/driver/nvidia nor /dev/dxg is there)');
  const { code, signal, stderr } = await runProbe();
  const device = /name: ([^,]+),.*?compute capability: ([\d.]+)/.exec(stderr);
  if (code === 0) {
    return device === null ? 'GPU' : `${device[1]}, compute capability ${device[2]}`;
  }
  if (signal !== null) throw new Error(`the GPU's test run ended with ${signal}`);
  throw new Error(complaint(stderr) ?? `the GPU's test run ended with exit code ${code}`);
}

/** True if an NVIDIA driver is loaded, on Linux itself or in Windows's subsystem for Linux (/dev/dxg). */
export function hasDriver(): boolean {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
}

/** The first 2 different error or warning lines about the GPU in TensorFlow's output, without dates and files; null without any. */
export function complaint(stderr: string): string | null {
  const lines = stderr
    .split('\n')
    .filter((line) => /\b[EW]\b.*\]/.test(line) && /cuda|cudnn|gpu|driver|libcu|compute capab/i.test(line))
    .filter((line) => !/unable to register/i.test(line))
    .map((line) => line.replace(/^.*?\] /, '').trim());
  return lines.length === 0 ? null : [...new Set(lines)].slice(0, 2).join('; ');
}

function runProbe(): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const environment = loadEnvironment({ device: 'cuda', threads: 1, tf32: false, isVerbose: true });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', probe, join(bindingFolder(), bindingFile)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
      timeout: timeoutMs,
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', (error) => resolve({ code: null, signal: error.message, stderr }));
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}
