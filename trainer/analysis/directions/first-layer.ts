// A generator's first layer, read from its ONNX file: the weights of the projection of z (with batch norm folded in), and the
// outputs after its activation.
import { openSession, toOrt } from '../../engine/onnx-session.ts';
import { UserError } from '../../errors.ts';
import { identityLayout } from '../../graph/lower/layout.ts';
import { cutAt, readModel, weightOf, type ReadModel, type ReadNode } from '../../graph/lower/read-model.ts';
import { held } from '../../held.ts';
import { layerOfZ, type LayerOfZ } from './layer-of-z.ts';

/** The first layer. */
export interface FirstLayer {
  /** [latentDim, outputs], in the file's order. */
  readonly weights: Float32Array;
  readonly outputs: number;
  /** An ONNX file from z [n, latentDim] to the layer's activation. */
  readonly file: Uint8Array;
  /** Name of its output. */
  readonly output: string;
}

const kernelName = 'generator/project/kernel';
/** Operators that are skipped between the projection and the activation. */
const skippedOperators = ['Reshape', 'Add', 'Mul', 'Transpose', 'BatchNormalization'];
const activationOperators = ['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Softplus', 'Sigmoid', 'Tanh'];

/**
 * Reads the first layer of `generator.onnx`. Throws UserError for a file in which z does not go into a layer with float32 weights;
 * `place` is the file's name in the message.
 */
export function readFirstLayer(bytes: Uint8Array, latentDim: number, place: string): FirstLayer {
  const model = readModel(bytes);
  const { node, weights } = projectionOf(model, latentDim, place);
  const output = activationOf(model, node);
  const file = cutAt(bytes, output);
  return { weights, outputs: weights.length / latentDim, file, output };
}

/** The projection of z by its name in this project's files, or the layer that z goes into. */
function projectionOf(model: ReadModel, latentDim: number, place: string): LayerOfZ {
  const kernel = weightOf(model, kernelName);
  if (kernel === null) {
    try {
      return layerOfZ(model, latentDim);
    } catch (error) {
      throw new UserError(
        `${place}: its first layer cannot be analysed: ${(error as Error).message}; use --method attributes`,
      );
    }
  }
  // Dense weights are [latent, 4·4·width]; the filter of a transposed convolution is [latent, width, 4, 4] in ONNX.
  if (kernel.shape[0] !== latentDim) {
    throw new UserError(
      `${place}: ${kernelName} is [${kernel.shape}], expected ${latentDim} rows, one for each number of z`,
    );
  }
  const node = model.graph.node.find(({ input }) => input.includes(kernelName))!;
  return { node, weights: kernel.data };
}

/** The output of the activation after the projection, or the last value before the graph branches. */
function activationOf({ graph }: ReadModel, projection: ReadNode): string {
  let value = projection.output[0]!;
  for (;;) {
    const readers = graph.node.filter(({ input }) => input.includes(value));
    const next = readers[0];
    if (readers.length !== 1 || next === undefined) return value;
    if (activationOperators.includes(next.op_type)) return next.output[0]!;
    if (!skippedOperators.includes(next.op_type)) return value;
    value = next.output[0]!;
  }
}

const batch = 64;

/**
 * The layer's outputs for latents [count, latentDim]: [count, outputs]. Throws the signal's reason when aborted.
 */
export async function firstActivations(
  { file, output, outputs }: FirstLayer,
  latents: Float32Array,
  latentDim: number,
  { threads, signal }: { readonly threads: number; readonly signal: AbortSignal },
): Promise<Float32Array> {
  const count = latents.length / latentDim;
  const found = new Float32Array(count * outputs);
  await using session = held(await openSession(file, { provider: 'cpu', threads }));
  for (let first = 0; first < count; first += batch) {
    signal.throwIfAborted();
    const size = Math.min(batch, count - first);
    const data = latents.slice(first * latentDim, (first + size) * latentDim);
    const z = toOrt({ shape: [size, latentDim], dtype: 'float32', data }, identityLayout(2));
    const result = await session.run({ z });
    found.set(result[output]!.data as Float32Array, first * outputs);
  }
  return found;
}
