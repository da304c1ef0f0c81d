// A file that is a whole generator.
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { findImage, toContract } from './find-image.ts';
import { describe, findInputs } from './find-inputs.ts';
import type { NetworkFile } from './network.ts';
import {
  asRenamed,
  conditioningOf,
  inputBridges,
  portNamed,
  prepared,
  runUntouched,
  sourceInputs,
  tolerancesOf,
  type Answers,
  type SourceGenerator,
} from './source.ts';
import { withFreeBatch } from './trial-run.ts';
import { imagesBridge, wrap } from './wrap.ts';

/** Reads one file that is a whole generator. Throws Error, with the reason, for one that cannot be imported. */
export async function readGenerator(
  file: NetworkFile,
  answers: Answers,
  seeds: readonly number[],
  signal: AbortSignal,
): Promise<SourceGenerator> {
  const found = findInputs(file.network, answers);
  const { latent, classes, batch } = found;
  const conditioning = conditioningOf(found, answers.classNames);
  const model = { latent: { dim: latent.dim, distribution: answers.distribution }, conditioning };
  const inputs = seedInputs(model, seeds);
  const given = sourceInputs(file, found, inputs, answers);
  const network = prepared(file, answers, '');
  const { outputs, runtime } = await runUntouched(file, given, seeds.length, batch, signal);
  const image = findImage(network, asRenamed(outputs, network.rename), {
    ...answers,
    imageOutput: answers.imageOutput && network.rename(answers.imageOutput),
  });
  const images = toContract(asRenamed(outputs, network.rename)[image.name]!, image);
  const port = portNamed(network.outputs, image.name);
  const tolerances = tolerancesOf([file], port);
  const wrapped = wrap(network, inputBridges(found, network), [imagesBridge(image, port.type, image.name)]);
  const generator = await withFreeBatch(wrapped, batch, {
    ...{ inputs, output: 'images', values: images, tolerance: tolerances.float32, isRelative: false },
  });
  return {
    ...{ generator, latentDim: latent.dim, conditioning, image, inputs, images, runtime, tolerances },
    halves: null,
    found: {
      opset: file.network.opset,
      latent: describe(latent.port),
      ...(classes !== null && { classes: describe(classes.port) }),
      image: describe(file.network.outputs[network.outputs.findIndex(({ name }) => name === image.name)]!),
      layout: image.layout,
      range: image.range,
    },
  };
}
