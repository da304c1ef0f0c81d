// The other peer in the page: plain onnxruntime-web, with the same model and threads, in a worker of its own. The first message
// loads the model; each later one asks for images a second over so many milliseconds.
let draw;
let batch;
globalThis.onmessage = async ({ data }) => {
  if (data.model !== undefined) {
    const ort = await import(`${data.folder}ort.wasm.min.mjs`);
    ort.env.wasm.wasmPaths = data.folder;
    ort.env.wasm.numThreads = data.threads;
    const session = await ort.InferenceSession.create(data.model, { executionProviders: ['wasm'] });
    const values = Float32Array.from({ length: data.batch * data.latent }, Math.random);
    const z = new ort.Tensor('float32', values, [data.batch, data.latent]);
    batch = data.batch;
    draw = () => session.run({ z });
    await draw();
    globalThis.postMessage(0);
    return;
  }
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < data.ms) {
    await draw();
    count += batch;
  }
  globalThis.postMessage((count * 1000) / (performance.now() - started));
};
