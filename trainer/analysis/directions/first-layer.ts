// A generator's first layer, from its file alone: the weights of the projection of z (batch norm is folded into them), and what the
// layer gives behind its activation.
import { openSession, toOrt } from '../../engine/onnx-session.ts';
import { UserError } from '../../errors.ts';
import { identityLayout } from '../../graph/lower/layout.ts';
import { cutAt, readModel, weightOf, type ReadModel } from '../../graph/lower/read-model.ts';

/** The layer. */
export interface FirstLayer {
  /** [latentDim, outputs], whatever the head: 4·4·width outputs, in the file's order. */
  readonly weights: Float32Array;
  readonly outputs: number;
  /** A file that takes z [n, latentDim] and ends behind the layer's activation. */
  readonly file: Uint8Array;
  /** The name of that output. */
  readonly output: string;
}

const kernelName = 'generator/project/kernel';
/** What moves, scales or shifts the projection's numbers on their way to the activation. */
const passed = ['Reshape', 'Add', 'Mul', 'Transpose', 'BatchNormalization'];
const activations = ['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Softplus', 'Sigmoid', 'Tanh'];

/**
 * The first layer of `generator.onnx`. Throws UserError for a file without a projection of z under the name that this
 * project gives it; `place` is the file, for the message.
 */
export function readFirstLayer(bytes: Uint8Array, latentDim: number, place: string): FirstLayer {
  const model = readModel(bytes);
  const kernel = weightOf(model, kernelName);
  if (kernel === null) {
    throw new UserError(
      `${place}: has no float32 weights named ${kernelName}, so its first layer cannot be looked at; ` +
        'export the model with this program, or use --method attributes',
    );
  }
  // Dense: [latent, 4·4·width]. Transposed convolution, as ONNX has its filter: [latent, width, 4, 4].
  if (kernel.shape[0] !== latentDim) {
    throw new UserError(
      `${place}: ${kernelName} is [${kernel.shape}], expected ${latentDim} rows, one for each number of z`,
    );
  }
  const output = activationOf(model);
  const file = cutAt(bytes, output);
  return { weights: kernel.data, outputs: kernel.data.length / latentDim, file, output };
}

/** The value behind the activation that the projection leads to, or the last before its way divides. */
function activationOf({ graph }: ReadModel): string {
  let value = graph.node.find(({ input }) => input.includes(kernelName))!.output[0]!;
  for (;;) {
    const readers = graph.node.filter(({ input }) => input.includes(value));
    const next = readers[0];
    if (readers.length !== 1 || next === undefined) return value;
    if (activations.includes(next.op_type)) return next.output[0]!;
    if (!passed.includes(next.op_type)) return value;
    value = next.output[0]!;
  }
}

const drawnAtOnce = 64;

/** What the layer gives for latents [count, latentDim]: [count, outputs]. Throws the signal's reason when aborted. */
export async function firstActivations(
  { file, output, outputs }: FirstLayer,
  latents: Float32Array,
  latentDim: number,
  { threads, signal }: { readonly threads: number; readonly signal: AbortSignal },
): Promise<Float32Array> {
  const count = latents.length / latentDim;
  const found = new Float32Array(count * outputs);
  const session = await openSession(file, { provider: 'cpu', threads });
  try {
    for (let first = 0; first < count; first += drawnAtOnce) {
      signal.throwIfAborted();
      const size = Math.min(drawnAtOnce, count - first);
      const data = latents.slice(first * latentDim, (first + size) * latentDim);
      const z = toOrt({ shape: [size, latentDim], dtype: 'float32', data }, identityLayout(2));
      const result = await session.run({ z });
      found.set(result[output]!.data as Float32Array, first * outputs);
    }
  } finally {
    await session.release();
  }
  return found;
}
