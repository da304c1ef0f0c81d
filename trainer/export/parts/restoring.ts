// The restoring step as an ONNX file: generator, discriminator, gradient and Adam in one graph. `dcgan restore` repeats the step on
// an engine; a page repeats it with this file.
import { type Channels } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import { contextWeights } from '../../../runtime-web/format/restoring/context-weights.ts';
import { rateAt, termWeights } from '../../../runtime-web/format/restoring/task.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import {
  namedStep,
  restoringCarried,
  restoringInputs,
  restoringParameters,
  type RestoringShape,
} from '../../restoring/named-step.ts';
import { hasRelativeLogits, restoringDiscriminator } from '../../restoring/restoring-discriminator.ts';
import type { RestoringNetworks } from '../../restoring/restoring-step.ts';
import { refuseConditionalRun, refuseLabelDiscriminator, refuseWithout } from '../../run/trained-run.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { batchesOf } from '../gates/parity-gate.ts';
import { gateStep, type StepGateTarget } from '../gates/step-gate.ts';
import { encodeNetwork } from '../onnx-network.ts';
import { fromImages, sayCalibration, type Part } from './part.ts';

/** Number of images that are compared. */
const compared = 4;

/** Writes `restoring.onnx` and compares it with the step on the training engine. */
export const restoring: Part = {
  roles: ['restoring'],
  needs: 'discriminator',
  refuse(run, flag) {
    refuseWithout('restoring', run, flag);
    refuseLabelDiscriminator(run, flag);
    refuseConditionalRun(run, flag);
  },
  async write(context, { full }) {
    const { config, engine, generator, latents, name, signal, state, write, onProgress } = context;
    const { latentDistribution: distribution } = config;
    const inputs = fromImages(context, 'discriminator');
    const frozen = insideOf(config).freezeDiscriminator(config, state, inputs.statistics);
    const discriminator = restoringDiscriminator(frozen, config, inputs.calibration);
    if (hasRelativeLogits(config)) {
      sayCalibration(
        context,
        inputs,
        packageFiles.restoring.file,
        'with which its realism term may do nothing',
      );
    }
    const networks = { generator, discriminator, distribution };
    const file = await write(
      'restoring',
      encodeRestoring(networks, {
        name,
        latentDim: latents.latentDim,
        ...imageShape(config),
        metadata: { latent_distribution: distribution },
      }),
    );
    onProgress(`comparing ${packageFiles.restoring.file} with its step on ${engine.name}`);
    const z = batchesOf(latents.inputs, compared)[0]!['z']!;
    // The target of each latent is the image of the next one.
    const { images: all } = full.native;
    const length = all.data.length / all.shape[0]!;
    const images: HostTensor = {
      ...all,
      shape: [compared, ...all.shape.slice(1)],
      data: all.data.slice(length, (compared + 1) * length),
    };
    const figures = await gateRestoring({ file, engine, networks, z, images, signal });
    await engine.writeState(state);
    return { figures };
  },
};

/** Options of {@link encodeRestoring}. */
export interface RestoringFileOptions extends RestoringShape {
  /** Name of the graph in the file. */
  readonly name: string;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of `restoring.onnx`, with weights in half precision; inputs and outputs are those of {@link namedStep}. Throws Error if
 * the step cannot be recorded or lowered.
 */
export function encodeRestoring(networks: RestoringNetworks, options: RestoringFileOptions): Uint8Array {
  const { name, metadata = {} } = options;
  return encodeNetwork({
    name,
    parameters: restoringParameters(networks),
    inputsAt: (batch) => restoringInputs(batch, options),
    compute: (parameters, inputs) => namedStep(networks, parameters, inputs),
    isHalf: true,
    metadata,
  });
}

/** Number of updates that are compared. */
const updates = 5;

/** The two networks, the latents to start from, and the images to fit. */
interface RestoringGateRequest extends StepGateTarget {
  readonly networks: RestoringNetworks;
  /** [n, latentDim] */
  readonly z: HostTensor;
  /** [n, height, width, channels] in [-1, 1]; the gate cuts a hole into the middle of each. */
  readonly images: HostTensor;
}

/**
 * Compares the file with the step on the engine, with all terms of the loss switched on. Throws ExportError if they differ. Leaves
 * the engine with other parameters.
 */
export function gateRestoring(request: RestoringGateRequest): Promise<readonly ParityFigure[]> {
  const { networks, z, images } = request;
  const [count, height, width, channels] = images.shape as [number, number, number, Channels];
  return gateStep({
    ...request,
    role: 'restoring',
    parameters: restoringParameters(networks),
    step: (parameters, inputs) => namedStep(networks, parameters, inputs),
    inputs: restoringInputs(count, { latentDim: z.shape[1]!, width, height, channels }),
    runs: runsOf(request),
    carried: restoringCarried,
    tolerance: 1e-3,
    compared: ['images', 'loss'],
  });
}

/** The inputs of each update, except latents and moments, which each update after the first takes from the one before. */
function runsOf({ z, images }: Pick<RestoringGateRequest, 'z' | 'images'>): readonly NamedHostTensors[] {
  const [count, height, width] = images.shape as [number, number, number];
  const mask = Float32Array.from({ length: height * width }, (_, i) => {
    const isMiddle = (at: number, side: number): boolean => at >= side >> 2 && at < side - (side >> 2);
    return Number(isMiddle(i % width, width) && isMiddle(Math.floor(i / width), height));
  });
  const own = contextWeights(mask, { width, height });
  const weights = new Float32Array(count * height * width);
  for (let i = 0; i < count; i++) weights.set(own, i * own.length);
  const zeros: HostTensor = { ...z, data: new Float32Array(z.data.length) };
  const scalar = (value: number): HostTensor => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  });
  const terms = { ...termWeights('inpaint'), luminance: 0.5, realism: 0.1 };
  return Array.from({ length: updates }, (_, i) => ({
    ...(i === 0 && { z, first: zeros, second: zeros }),
    update: scalar(i + 1),
    rate: scalar(rateAt(i + 1, updates)),
    image: images,
    weights: { shape: [count, height, width, 1], dtype: 'float32', data: weights },
    ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, scalar(value)])),
  }));
}
