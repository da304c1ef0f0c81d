// The package's files at an address that the page names, or on another origin. A chunk of its own, because few pages need it.
import type { RuntimeBuild, WorkerFiles } from './protocol.ts';
import { trustedUrl } from './trusted-url.ts';

/** The names of ONNX Runtime's files: its script, and the glue and WebAssembly of this stem. */
const builds: Readonly<Record<RuntimeBuild, { readonly script: string; readonly stem: string }>> = {
  wasm: { script: 'ort.wasm.min', stem: 'ort-wasm-simd-threaded' },
  jspi: { script: 'ort.jspi.min', stem: 'ort-wasm-simd-threaded.jspi' },
  asyncify: { script: 'ort.webgpu.min', stem: 'ort-wasm-simd-threaded.asyncify' },
};

/** The files of a build in a folder that is laid out as the package's `dist`. */
export function servedFiles(build: RuntimeBuild, folder: URL): WorkerFiles {
  const at = (path: string): string => new URL(path, folder).href;
  const { script, stem } = builds[build];
  return {
    later: at('worker-later.js'),
    script: at(`onnx/${script}.mjs`),
    glue: at(`onnx/${stem}.mjs`),
    wasm: at(`onnx/${stem}.wasm`),
  };
}

/**
 * Starts a worker of another origin. Browsers refuse its address, so it is imported by a script of the page's own: its server must allow
 * the page to read it (CORS), and a content security policy must allow `worker-src blob:`. In a sandboxed frame Chromium refuses a module
 * of the page's own too, but not a script that imports one. Throws what the browser throws.
 */
export function startForeignWorker(url: URL): Worker {
  const isSandboxed = self.origin === 'null';
  const name = JSON.stringify(url.href);
  // A failed import in a script of the old kind is no error of the worker's; thrown later, it is.
  const code = isSandboxed
    ? `import(${name}).catch((e) => setTimeout(() => { throw e; }))`
    : `import ${name};`;
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(trustedUrl(address), { type: isSandboxed ? 'classic' : 'module' });
  // The address must last until the worker has read it; its first message or error comes later than that.
  for (const type of ['message', 'error'] as const) {
    worker.addEventListener(type, () => URL.revokeObjectURL(address), { once: true });
  }
  return worker;
}
