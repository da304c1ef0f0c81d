// A generator's file on onnxruntime-node's CPU provider.
import { openSession, fromOrt, runtimeVersion, toOrt } from '../engine/onnx-session.ts';
import { identityLayout } from '../lower/layout.ts';
import type { HostTensor } from '../trace/graph.ts';

/** An opened generator; dispose of it. */
export interface NativeGenerator {
  /** `onnxruntime-node 1.30.0 cpu` */
  readonly runtime: string;
  /** Latents [n · latentDim] → images [n, size, size, channels] in [-1, 1]. */
  draw(z: Float32Array): Promise<HostTensor>;
  dispose(): Promise<void>;
}

/** Opens a generator from its file's bytes. Throws ONNX Runtime's Error for bytes it cannot run. */
export async function openNativeGenerator(
  model: Uint8Array,
  { latentDim, threads }: { readonly latentDim: number; readonly threads: number },
): Promise<NativeGenerator> {
  const session = await openSession(model, { provider: 'cpu', threads });
  return {
    runtime: `onnxruntime-node ${runtimeVersion} cpu`,
    async draw(z) {
      const shape = [z.length / latentDim, latentDim];
      const feeds = { z: toOrt({ shape, dtype: 'float32', data: z }, identityLayout(2)) };
      const { images } = await session.run(feeds);
      if (images === undefined) throw new Error("the generator has no output 'images'");
      return fromOrt(images, images.dims, identityLayout(images.dims.length));
    },
    dispose: () => session.release(),
  };
}
