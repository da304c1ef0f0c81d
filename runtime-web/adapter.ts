// Finds the browser's GPU adapter and chooses the build of ONNX Runtime for it. A page fetches only one build, so this comes first.
import { DeviceUnavailableError } from './errors.ts';
import type { DeviceRequest, RuntimeBuild } from './protocol.ts';

/** A GPU, as the browser describes it. */
export interface Adapter {
  readonly description: string;
  /** Emulated on the processor, and slower than WebAssembly. */
  readonly isSoftware: boolean;
}

/** The build to fetch, and the GPU adapter; null without one. */
export interface BuildChoice {
  readonly build: RuntimeBuild;
  readonly adapter: Adapter | null;
}

/** The browser's GPU adapter, or null. */
export async function findAdapter(): Promise<Adapter | null> {
  let adapter: GPUAdapter | null | undefined;
  try {
    adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    // Refused.
  }
  if (adapter == null) return null;
  // Older browsers have no `info`.
  const info: Partial<GPUAdapterInfo> = adapter.info ?? {};
  const { vendor, architecture, device, description } = info;
  const words = [vendor, architecture, device, description].filter(Boolean).join(' ');
  const isSoftware =
    (info as { readonly isFallbackAdapter?: boolean }).isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(words);
  return { description: words === '' ? 'unnamed GPU' : words, isSoftware };
}

/** The smallest module with a vector instruction: `() => i8x16.popcnt(i8x16.splat(0))`. */
const simdModule = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];

/**
 * The build for a request. Throws DeviceUnavailableError where WebGPU was asked for and is missing, or where WebAssembly with SIMD,
 * which every build needs, is missing.
 */
export async function chooseBuild(device: DeviceRequest): Promise<BuildChoice> {
  const hasSimd = typeof WebAssembly === 'object' && WebAssembly.validate(Uint8Array.from(simdModule));
  if (!hasSimd) {
    throw new DeviceUnavailableError(
      'this browser has no WebAssembly with SIMD; take one from 2021 or later',
    );
  }
  if (device === 'wasm') return { build: 'wasm', adapter: null };
  const adapter = await findAdapter();
  if (device === 'webgpu' && adapter === null) {
    const why = 'gpu' in navigator ? 'the browser offers no GPU adapter' : 'this browser has no WebGPU';
    throw new DeviceUnavailableError(`device webgpu: ${why}; leave the device at auto, or choose wasm`);
  }
  if (adapter === null || (device === 'auto' && adapter.isSoftware)) return { build: 'wasm', adapter };
  return { build: 'Suspending' in WebAssembly ? 'jspi' : 'asyncify', adapter };
}
