// Files of a package for pages that look inside: the discriminator, and the generator with masks that switch its filters
// off. Each is compared with the unfolded network on the training engine before it counts.
import { rm } from 'node:fs/promises';
import type * as tf from '@tensorflow/tfjs-core';
import type { Conditioning, ParityFigure } from '../../../runtime-web/format/model.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import { joinCondition, networkOptions } from '../../training/conditioning.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../../engine/engine.ts';
import { normaliseWith } from '../../networks/batch-norm.ts';
import { discriminate } from '../../networks/discriminator.ts';
import { generate } from '../../networks/generator.ts';
import { writeAtomically, writeFully } from '../../files/atomic-file.ts';
import { below, named, sampledPrefix } from '../../training/state.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { discriminatorNormalise, normalisedLayers, statisticNames } from '../../training/architectures/dcgan.ts';
import { foldDiscriminator } from '../../frozen/fold.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import { gateNetwork, type NetworkGateRequest } from '../gates/network-gate.ts';
import { encodeDiscriminator } from './discriminator.ts';
import { encodeGenerator, maskName, multiplied } from '../onnx-generator.ts';

/** What both files need. */
export interface ExtraFileOptions {
  readonly config: TrainConfig;
  /** What the generator takes beside z. Default null: nothing. */
  readonly conditioning?: Conditioning;
  /** Holds `state`, and computes what the files must give. */
  readonly engine: Engine;
  readonly state: NamedHostTensors;
  /** The graph's name in the file. */
  readonly name: string;
  /** Where the file goes. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What a discriminator's file is made with besides. */
export interface DiscriminatorExtras {
  /** Of its normalised layers, from real images: `LAYER/mean` and `LAYER/variance` [channels]. */
  readonly statistics: NamedHostTensors;
  /** Real images [n · size · size · channels] in [-1, 1] to compare on. */
  readonly images: Float32Array;
}

/** Shares of an output's largest magnitude: of the file before its weights are halved, and of the file. */
const tolerances = { float32: 1e-4, float16: 1e-2 } as const;
/** In [-1, 1], as for the generator's own half-precision file. */
const imageTolerance = 2 / 255;

/**
 * Writes `discriminator.onnx` and compares it with the unfolded discriminator, first with its weights in full precision.
 * Throws ExportError where they differ.
 */
export async function writeDiscriminator(
  options: ExtraFileOptions,
  { statistics, images: pixels }: DiscriminatorExtras,
): Promise<readonly ParityFigure[]> {
  const { config, engine, state, name, path, metadata, signal } = options;
  const { imageSize, channels } = config;
  const count = pixels.length / (imageSize * imageSize * channels);
  const images: HostTensor = {
    shape: [count, imageSize, imageSize, channels],
    dtype: 'float32',
    data: pixels,
  };
  const unfolded: StateFunction = (held, { images: x, ...given }) => {
    const outputs: Record<string, tf.Tensor> = {};
    const byStatistics = (layer: string, y: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor =>
      normaliseWith(y, given[`${layer}/mean`]!, given[`${layer}/variance`]!, scale, offset);
    const observe = (layer: string, activation: tf.Tensor): void => void (outputs[layer] = activation);
    const D = named(held, 'discriminator/');
    const normalise = config.discriminatorNorm === 'batch' ? byStatistics : discriminatorNormalise(config);
    outputs['logits'] = discriminate(config, D, x!, normalise, { observe });
    return { outputs };
  };
  const reference = await runOnce(engine, unfolded, { images, ...statistics });
  const folded = foldDiscriminator(config, state, statistics);
  const gate = { role: 'discriminator', inputs: { images }, reference, isRelative: true } as const;
  const file = { name, imageSize, channels, metadata };

  const fullPath = `${path}.full`;
  await write(fullPath, encodeDiscriminator(folded, { ...file, isHalf: false }));
  await passing({ ...gate, file: fullPath, tolerance: tolerances.float32, signal }, engine);
  await rm(fullPath);
  await write(path, encodeDiscriminator(folded, { ...file, isHalf: true }));
  return passing({ ...gate, file: path, tolerance: tolerances.float16, signal }, engine);
}

/**
 * Writes `masked.onnx` and compares it with the unfolded generator, on some images as they are and some with filters
 * switched off in every layer. Throws ExportError where they differ.
 */
export async function writeMasked(
  options: ExtraFileOptions,
  generator: FrozenGenerator,
  given: NamedHostTensors,
): Promise<readonly ParityFigure[]> {
  const { config, conditioning = null, engine, name, path, metadata, signal } = options;
  const layers = normalisedLayers(config);
  const count = given['z']!.shape[0]!;
  const random = new Random(1);
  const masks = Object.fromEntries(
    layers.map(({ name: layer, channels }) => {
      const data = Float32Array.from({ length: count * channels }, (_, i) =>
        i < (count / 2) * channels ? 1 : Number(random.uniform() < 0.8),
      );
      return [maskName(layer), { shape: [count, channels], dtype: 'float32', data } satisfies HostTensor];
    }),
  );
  const networks = networkOptions(config, conditioning);
  const unfolded: StateFunction = (held, { z, labels, codes, ...filters }) => ({
    outputs: {
      images: generate(
        networks.generator,
        below(held, sampledPrefix(config), 'generator/'),
        joinCondition(z!, labels ?? codes ?? null),
        (layer, x, scale, offset) => {
          const [mean, variance] = [statisticNames.mean(layer), statisticNames.variance(layer)];
          return normaliseWith(x, held[mean]!, held[variance]!, scale, offset);
        },
        undefined,
        (layer, activation) => multiplied(activation, filters[maskName(layer)]!),
      ),
    },
  });
  const inputs = { ...given, ...masks };
  const reference = await runOnce(engine, unfolded, inputs);
  const masked = Object.fromEntries(layers.map(({ name: layer, channels }) => [layer, channels]));
  const latentDim = config.latent;
  const bytes = encodeGenerator(generator, {
    name,
    latentDim,
    conditioning,
    isHalf: true,
    withLayers: true,
    masked,
    metadata,
  });
  await write(path, bytes);
  return passing(
    { role: 'masked', file: path, inputs, reference, isRelative: false, tolerance: imageTolerance, signal },
    engine,
  );
}

function passing(
  request: Omit<NetworkGateRequest, 'against'>,
  engine: Engine,
): Promise<readonly ParityFigure[]> {
  return gateNetwork({ ...request, against: `checkpoint on ${engine.name}` });
}

/** What a function of the engine's state gives for these inputs. */
async function runOnce(
  engine: Engine,
  compute: StateFunction,
  inputs: NamedHostTensors,
): Promise<NamedHostTensors> {
  const compiled = await engine.compile(compute, inputs);
  try {
    return await compiled.run(inputs);
  } finally {
    await compiled.dispose();
  }
}

function write(path: string, bytes: Uint8Array): Promise<void> {
  return writeAtomically(path, (file) => writeFully(file, bytes));
}
