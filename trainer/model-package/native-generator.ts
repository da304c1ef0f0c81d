// Runs a generator's file on onnxruntime-node's CPU provider.
import type { InferenceSession } from 'onnxruntime-node';
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { openSession, fromOrt, runtimeVersion, toOrt } from '../engine/onnx-session.ts';
import { checkNetwork } from './check-network.ts';
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

/** The properties that a generator's file must have. */
interface GeneratorSetup {
  readonly latentDim: number;
  readonly threads: number;
  readonly conditioning?: Conditioning;
  /** [size, size, channels] of an image; not checked if missing. */
  readonly image?: readonly number[] | null;
}

/**
 * Opens a generator from its file's bytes. Throws Error for bytes that {@link checkNetwork} refuses or ONNX Runtime cannot run, and
 * for other inputs or another output than expected, before anything of that size is made.
 */
export async function openNativeGenerator(
  model: Uint8Array,
  { latentDim, threads, conditioning = null, image = null }: GeneratorSetup,
): Promise<NativeGenerator> {
  await checkNetwork(model);
  const session = await openSession(model, { provider: 'cpu', threads });
  try {
    const columns = conditioning && conditionColumns(conditioning);
    const expected = ['z', ...(conditioning === null ? [] : [conditionName(conditioning)])];
    const taken = session.inputNames.join(', ');
    if (taken !== expected.join(', ')) {
      throw new Error(`the generator takes ${taken}, expected ${expected.join(', ')}`);
    }
    checkValues(session.inputMetadata, 'z', [latentDim]);
    if (conditioning !== null) checkValues(session.inputMetadata, conditionName(conditioning), [columns!]);
    checkValues(session.outputMetadata, 'images', image);
  } catch (error) {
    await session.release();
    throw error;
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

/** Throws Error unless the value `name` is float32 of shape [n, …rest]; `rest` null leaves the shape open. */
function checkValues(
  values: readonly InferenceSession.ValueMetadata[],
  name: string,
  rest: readonly number[] | null,
): void {
  const value = values.find((candidate) => candidate.name === name);
  if (value === undefined) {
    const names = values.map((candidate) => candidate.name).join(', ');
    throw new Error(`the generator has no '${name}', expected it (it has: ${names})`);
  }
  const [type, shape] = value.isTensor ? [value.type, value.shape] : ['no tensor', []];
  const isShape =
    rest === null || (shape.length === 1 + rest.length && rest.every((size, i) => shape[i + 1] === size));
  if (type === 'float32' && isShape) return;
  const expected = rest === null ? '' : ` [n,${rest.join()}] by its model.json`;
  throw new Error(`'${name}' is ${type} [${shape.join()}], expected float32${expected}`);
}
