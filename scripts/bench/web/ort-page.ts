// A peer in the page: plain onnxruntime-web, with the same model and threads, in its own worker. The first message loads the
// model; each later one, `{ ms }`, is answered with the images per second over that many milliseconds.
import type * as Ort from 'onnxruntime-web';

/** The first message: the model, its batch and threads, and the folder of onnxruntime-web's files. */
export interface PeerSettings {
  readonly model: string;
  readonly latent: number;
  readonly batch: number;
  readonly threads: number;
  readonly folder: string;
}

/** Runs one batch. */
let draw: () => Promise<unknown>;
let batch = 0;

async function load(settings: PeerSettings): Promise<void> {
  const ort = (await import(`${settings.folder}ort.wasm.min.mjs`)) as typeof Ort;
  ort.env.wasm.wasmPaths = settings.folder;
  ort.env.wasm.numThreads = settings.threads;
  const session = await ort.InferenceSession.create(settings.model, { executionProviders: ['wasm'] });
  batch = settings.batch;
  const values = Float32Array.from({ length: batch * settings.latent }, Math.random);
  const z = new ort.Tensor('float32', values, [batch, settings.latent]);
  draw = () => session.run({ z });
  await draw();
}

async function rateOver(ms: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < ms) {
    await draw();
    count += batch;
  }
  return (count * 1000) / (performance.now() - started);
}

globalThis.onmessage = async ({ data }: MessageEvent<PeerSettings | { readonly ms: number }>) => {
  if ('ms' in data) return globalThis.postMessage(await rateOver(data.ms));
  await load(data);
  globalThis.postMessage(0);
};
