// Runs a generator's file on onnxruntime-node's CPU provider.
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { openSession, fromOrt, runtimeVersion, toOrt } from '../engine/onnx-session.ts';
import { identityLayout } from '../graph/lower/layout.ts';
import type { HostTensor } from '../graph/trace/graph.ts';

/** An opened generator; dispose of it. */
export interface NativeGenerator {
  /** `onnxruntime-node 1.30.0 cpu` */
  readonly runtime: string;
  /**
   * Latents [n · latentDim], and labels or codes [n · columns] if the generator takes them → images [n, size, size, channels] in
   * [-1, 1]. Throws RangeError if labels or codes are missing.
   */
  draw(z: Float32Array, condition?: Float32Array | null): Promise<HostTensor>;
  dispose(): Promise<void>;
}

/** Opens a generator from its file's bytes. Throws ONNX Runtime's Error for bytes it cannot run, and Error for unexpected inputs. */
export async function openNativeGenerator(
  model: Uint8Array,
  {
    latentDim,
    threads,
    conditioning = null,
  }: { readonly latentDim: number; readonly threads: number; readonly conditioning?: Conditioning },
): Promise<NativeGenerator> {
  const session = await openSession(model, { provider: 'cpu', threads });
  const expected = ['z', ...(conditioning === null ? [] : [conditionName(conditioning)])];
  if (session.inputNames.join() !== expected.join()) {
    const taken = session.inputNames.join(', ');
    await session.release();
    throw new Error(`the generator takes ${taken}, expected ${expected.join(', ')}`);
  }
  return {
    runtime: `onnxruntime-node ${runtimeVersion} cpu`,
    async draw(z, condition = null) {
      const count = z.length / latentDim;
      const rows = (data: Float32Array, columns: number) =>
        toOrt({ shape: [count, columns], dtype: 'float32', data }, identityLayout(2));
      const feeds = { z: rows(z, latentDim) };
      if (conditioning !== null) {
        const [name, columns] = [conditionName(conditioning), conditionColumns(conditioning)];
        if (condition === null) throw new RangeError(`${name}: got none, and the generator takes them`);
        Object.assign(feeds, { [name]: rows(condition, columns) });
      }
      const { images } = await session.run(feeds);
      if (images === undefined) throw new Error("the generator has no output 'images'");
      return fromOrt(images, images.dims, identityLayout(images.dims.length));
    },
    dispose: () => session.release(),
  };
}
