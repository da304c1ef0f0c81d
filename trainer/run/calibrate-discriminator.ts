// Calibrates a discriminator: in a set of as many real as generated images, sigmoid(logit) becomes the probability that an image is
// real. Relativistic pairing and Wasserstein's objective train differences of logits only, so the zero of theirs means nothing.
import { labelsName } from '../../runtime-web/format/condition.ts';
import type { Calibration, Conditioning } from '../../runtime-web/format/model.ts';
import { labelUseOf } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import { openHeldOut } from '../data/held-out.ts';
import { noCondition } from '../data/labels/use-columns.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import type { Engine, NamedHostTensors, NamedTensors, StateFunction } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../frozen/frozen-networks.ts';
import { fitPlattScaling } from '../frozen/platt-scaling.ts';
import { readLabelled } from '../frozen/read-labelled.ts';
import { halfStored } from '../graph/lower/half.ts';
import { held } from '../held.ts';
import { dataOfConfig } from './run-data.ts';
import { joinCondition, shownLabels } from '../training/conditioning.ts';
import { modelOf } from '../training/plan.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';

/** Limit of the real images, and of the generated ones. */
const maxImages = 1000;
/** Images a run of the networks. */
const batch = 20;
/** The seed of the first generated image: far from those that grids, links and the demo's quiz use. */
const firstSeed = 3_000_000_000;
/** The number of avatars after the training images that are left to measure discriminators on. */
const avatarGap = 10_000;

/** The frozen networks of a run. */
export interface RunNetworks {
  readonly config: TrainConfig;
  readonly conditioning: Conditioning;
  readonly generator: FrozenGenerator;
  readonly discriminator: FrozenDiscriminator;
}

/** A calibration; without one, `complaint` is the reason. */
export interface CalibrationResult {
  readonly calibration: Calibration | null;
  readonly complaint: string | null;
}

/** Options of {@link calibrateDiscriminator}. */
export interface CalibrateOptions {
  /** Afterwards it holds the networks. */
  readonly engine: Engine;
  readonly networks: RunNetworks;
  /** The training images. */
  readonly dataset: Dataset;
  /** Their path, or `avatars`. */
  readonly data: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Fits the scaling to D's logits of up to 1,000 real images, those of the data's test part if there is one, and of as many generated
 * images. There is none if real images do not have the higher logits. Throws the signal's reason when aborted.
 */
export async function calibrateDiscriminator(options: CalibrateOptions): Promise<CalibrationResult> {
  const { engine, networks, dataset, signal, onProgress } = options;
  const { discriminator } = networks;
  await using heldOut = await heldOutOf(options);
  const real: Dataset = heldOut ?? dataset;
  const images = Math.min(maxImages, real.count);
  const order = new Permutation(real.count, [0, 1]);
  await writeNetworks(engine, networks);
  const ofReal = await logitsOf({
    ...{ engine, images, signal },
    compute: (state, { images: x, ...given }) =>
      discriminator.layers(state, x!, { labels: shownLabels(networks.conditioning, given) }),
    inputsAt: (first) => {
      const indices = Array.from({ length: batch }, (_, i) => order.at((first + i) % images));
      return readLabelled(real, indices, networks);
    },
    onProgress: (done) => onProgress(done, 2 * images),
  });
  const ofGenerated = await logitsOf({
    ...{ engine, images, signal },
    compute: (state, inputs) =>
      discriminator.layers(state, generate(networks, state, inputs), {
        labels: shownLabels(networks.conditioning, inputs),
      }),
    inputsAt: (first) => Promise.resolve(latentsFrom(networks, firstSeed + first, batch)),
    onProgress: (done) => onProgress(images + done, 2 * images),
  });
  const fit = fitPlattScaling(ofReal, ofGenerated);
  // Six digits, so that model.json and the file's float32 state the same numbers.
  const [scale, offset] = [Number(fit.scale.toPrecision(6)), Number(fit.offset.toPrecision(6))];
  if (!(scale > 0)) {
    return {
      calibration: null,
      complaint: `the logits of ${images} real images of ${real.name} are not above those of as many generated ones`,
    };
  }
  const part = heldOut === null ? 'training' : 'held-out';
  const protocol = { images, dataset: real.name, part, firstSeed };
  return { calibration: { scale, offset, protocol }, complaint: null };
}

/** Generated images and their labels in the place of real ones, as {@link readLabelled} returns these. The engine's state is lost. */
export async function generatedImages(
  engine: Engine,
  networks: RunNetworks,
  count: number,
): Promise<NamedHostTensors> {
  await writeNetworks(engine, networks);
  const inputs = latentsFrom(networks, firstSeed, count);
  const compute: StateFunction = (state, given) => ({
    outputs: { images: generate(networks, state, given) },
  });
  await using compiled = held(await engine.compile(compute, inputs));
  const { images } = await compiled.run(inputs);
  const name = labelsName(networks.conditioning);
  return { images: images!, ...(name !== null && { [name]: inputs[name]! }) };
}

/** Images that the run was not trained on; null if there are none, or they cannot be used. */
async function heldOutOf({
  networks,
  dataset,
  data,
  signal,
}: CalibrateOptions): Promise<(Dataset & AsyncDisposable) | null> {
  const { config, conditioning } = networks;
  const labelUse = labelsName(conditioning) === null ? noCondition : labelUseOf(config);
  const own = dataOfConfig({ ...config, data });
  // The labels of the data's test part are among its own images.
  const labels = own.holdOut === null ? null : own.labels;
  const source = { ...own, labels, labelUse, signal };
  const range = { first: dataset.count + avatarGap, count: maxImages };
  const absent = (error: unknown): null => {
    if (error instanceof UserError) return null;
    throw error;
  };
  const found = await openHeldOut(source, range).catch(absent);
  if (found === null) return null;
  // They must have the labels that the discriminator receives.
  if ((await readLabelled(found, [0], networks).catch(absent)) !== null) return held(found);
  await found.close();
  return null;
}

/** Writes the networks to the engine, D's weights rounded as in its file. */
async function writeNetworks(engine: Engine, { generator, discriminator }: RunNetworks): Promise<void> {
  const rounded = Object.entries(discriminator.parameters).map(([name, tensor]) => [
    name,
    { ...tensor, data: halfStored(tensor.data as Float32Array) },
  ]);
  await engine.writeState({ ...generator.parameters, ...(Object.fromEntries(rounded) as NamedHostTensors) });
}

/** The generator's inputs for the seeds from `first` on. */
function latentsFrom({ config, conditioning }: RunNetworks, first: number, count: number): NamedHostTensors {
  return seedInputs(
    modelOf(config, conditioning),
    Array.from({ length: count }, (_, i) => first + i),
  );
}

/** The images of {@link latentsFrom}. */
function generate({ generator }: RunNetworks, state: NamedTensors, { z, ...condition }: NamedTensors) {
  return generator.generate(state, joinCondition(z!, Object.values(condition)[0] ?? null));
}

/** Options of {@link logitsOf}. */
interface LogitsRequest {
  readonly engine: Engine;
  /** Number of images. */
  readonly images: number;
  /** D's outputs for a batch. */
  readonly compute: (state: NamedTensors, inputs: NamedTensors) => NamedTensors;
  /** The inputs of the batch that begins with image `first`; those after the last image are ignored. */
  readonly inputsAt: (first: number) => Promise<NamedHostTensors>;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

async function logitsOf(request: LogitsRequest): Promise<Float32Array> {
  const { engine, images, compute, inputsAt, signal, onProgress } = request;
  let inputs = await inputsAt(0);
  await using compiled = held(
    await engine.compile(
      (state, given) => ({ outputs: { logits: compute(state, given)['logits']! } }),
      inputs,
    ),
  );
  const logits = new Float32Array(images);
  for (let first = 0; first < images; first += batch) {
    signal.throwIfAborted();
    if (first > 0) inputs = await inputsAt(first);
    const { data } = (await compiled.run(inputs))['logits']!;
    logits.set((data as Float32Array).subarray(0, images - first), first);
    onProgress(Math.min(first + batch, images));
  }
  return logits;
}
