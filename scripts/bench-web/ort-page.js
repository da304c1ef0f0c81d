// The other peer in the page: plain onnxruntime-web, with the same model and threads, in a worker of its own.
globalThis.onmessage = async ({ data: { model, latent, batch, ms, threads, folder } }) => {
  const ort = await import(`${folder}ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = folder;
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const z = new ort.Tensor('float32', Float32Array.from({ length: batch * latent }, Math.random), [
    batch,
    latent,
  ]);
  await session.run({ z });
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < ms) {
    await session.run({ z });
    count += batch;
  }
  globalThis.postMessage((count * 1000) / (performance.now() - started));
};
