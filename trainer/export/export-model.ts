// From a trained state to a model package: fold, write, draw by every runtime that ships, compare, and only then
// move the finished folder into its place.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  formatVersion,
  parseModel,
  type Conditioning,
  type FileRole,
  type Model,
  type ModelFile,
  type ParityFigure,
  type TrainingRecord,
} from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Engine, NamedHostTensors } from '../engine/engine.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { layGrid, writeGrid } from '../pictures/grid.ts';
import type { SteeringNetworks } from '../steering/steering-step.ts';
import { seedInputs } from '../training/seed-inputs.ts';
import { modelOf, type TrainingPlan } from '../training/plan.ts';
import { ExportError } from '../model-package/export-error.ts';
import { writeDiscriminator, writeMasked, type DiscriminatorExtras } from './parts/masked.ts';
import { foldDiscriminator } from '../frozen/fold.ts';
import { freezeGenerator } from '../frozen/freeze.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../frozen/frozen-networks.ts';
import { encodeGenerator } from './onnx-generator.ts';
import { encodeRestoring } from './parts/restoring.ts';
import { encodeSteering, gateSteering } from './parts/steering.ts';
import { buildPackage, modelFileName } from '../model-package/package-folder.ts';
import { gateRestoring } from './restoring-gate.ts';
import { writeStyles } from './parts/styles.ts';
import {
  batchesOf,
  gateGenerator,
  gateHalf,
  tolerancesFor,
  type Drawing,
  type Latents,
  type Passed,
} from './gates/parity-gate.ts';

/** What a package is made of. */
export interface ExportOptions {
  readonly config: TrainConfig;
  readonly plan: TrainingPlan;
  /** The engine that draws the reference; left holding `state`. */
  readonly engine: Engine;
  /** A checkpoint's state, batch-norm statistics included. */
  readonly state: NamedHostTensors;
  readonly name: string;
  readonly training: TrainingRecord;
  /** The package's folder; a package that stands there is replaced. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Hears what is being done, in words. */
  readonly onProgress?: (message: string) => void;
  /** Whether to add a file that gives what each layer does as well, for pages that show it. Default false. */
  readonly withActivations?: boolean;
  /** Whether to add the generator with masks that switch its filters off. Default false. */
  readonly withMasks?: boolean;
  /** Whether to add the discriminator. Default false. */
  readonly withDiscriminator?: boolean;
  /** Whether to add a file that restores pictures by generator and discriminator. Default false. */
  readonly withRestoring?: boolean;
  /** What is to give pictures attributes: adds a file that steers latents. Default null: none. */
  readonly steering?: SteeringNetworks['classifier'] | null;
  /** What the discriminator is frozen with, and compared on; needed for those two. */
  readonly discriminator?: DiscriminatorExtras | null;
  /** Default: {@link freezeGenerator}. */
  readonly freeze?: typeof freezeGenerator;
}

/** A finished package. */
export interface ExportedModel {
  /** Absolute path of the package's folder. */
  readonly folder: string;
  readonly model: Model;
  readonly warnings: readonly string[];
}

/** The files of a package by role, as this exporter names them. */
const fileNames = {
  generator: 'generator.onnx',
  generatorFp16: 'generator.fp16.onnx',
  activations: 'activations.onnx',
  discriminator: 'discriminator.onnx',
  masked: 'masked.onnx',
  restoring: 'restoring.onnx',
  steering: 'steer.onnx',
  mapping: 'mapping.onnx',
  synthesis: 'synthesis.onnx',
  preview: 'preview.png',
} as const satisfies Partial<Record<FileRole, string>>;

/** Seeds of the gate and of the preview. */
const seeds = Array.from({ length: 16 }, (_, seed) => seed);

/**
 * Writes the package. Throws ExportError, with nothing written, where the file does not draw what the engine draws;
 * UserError where `out` cannot be written or holds something else; the signal's reason when aborted.
 */
export function exportModel(options: ExportOptions): Promise<ExportedModel> {
  const { config, plan, out, signal, onProgress = () => undefined, freeze = freezeGenerator } = options;
  const { conditioning } = plan;
  const latents = latentsOf(config, conditioning);
  const warnings: string[] = [];

  return buildPackage(out, async (folder) => {
    onProgress('freezing the generator');
    const generator = freeze(config, options.state, conditioning);
    const tolerances = tolerancesFor(generator);
    const file = await writeGenerator(folder, 'generator', generator, options);
    const reference = await drawReference(options, latents);
    signal.throwIfAborted();
    onProgress(`comparing ${fileNames.generator} with the checkpoint on ${seeds.length} seeds`);
    const full = await gateGenerator(reference, { file, latents, tolerances, signal }).catch(
      (error: unknown) => {
        throw error instanceof ExportError
          ? new ExportError(`no model was exported: ${error.message}`)
          : error;
      },
    );

    const halfFile = await writeGenerator(folder, 'generatorFp16', generator, options);
    onProgress(`comparing ${fileNames.generatorFp16} with ${fileNames.generator}`);
    let half: Passed | null = null;
    try {
      half = await gateHalf(full, { file: halfFile, latents, tolerances, signal });
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      warnings.push(`${fileNames.generatorFp16} is left out of the model: ${error.message}`);
      await rm(halfFile);
    }

    let layers: Passed | null = null;
    if (options.withActivations === true) {
      const layersFile = await writeGenerator(folder, 'activations', generator, options);
      onProgress(`comparing ${fileNames.activations} with ${fileNames.generator}`);
      layers = await gateHalf(full, { file: layersFile, latents, tolerances, signal });
    }

    const extras: ParityFigure[] = [];
    const extra = (role: 'discriminator' | 'masked') => {
      onProgress(`comparing ${fileNames[role]} with the checkpoint`);
      return { ...options, conditioning, path: join(folder, fileNames[role]), metadata: metadataOf(config) };
    };
    const {
      discriminator = null,
      withDiscriminator = false,
      withMasks = false,
      withRestoring = false,
    } = options;
    if ((withDiscriminator || withRestoring) && discriminator === null) {
      throw new RangeError('discriminator: got none, and a file that holds it was asked for');
    }
    if (withDiscriminator) {
      extras.push(...(await writeDiscriminator(extra('discriminator'), discriminator!)));
    }
    if (withMasks) {
      extras.push(...(await writeMasked(extra('masked'), generator, latents.inputs)));
    }
    if (withRestoring) {
      const frozen = foldDiscriminator(config, options.state, discriminator!.statistics);
      extras.push(
        ...(await addRestoring(
          folder,
          { generator, discriminator: frozen },
          full.native.images,
          latents,
          options,
        )),
      );
    }

    const { styles = null } = generator;
    if (styles !== null) {
      onProgress(`comparing ${fileNames.mapping} and ${fileNames.synthesis} with the checkpoint`);
      const paths = {
        mapping: join(folder, fileNames.mapping),
        synthesis: join(folder, fileNames.synthesis),
      };
      extras.push(
        ...(await writeStyles({
          ...{ name: options.name, generator, styles, plan, engine: options.engine, latents, paths, signal },
          images: reference.images,
          metadata: metadataOf(config),
          onWarning: (message) => warnings.push(message),
        })),
      );
    }

    const { steering = null } = options;
    if (steering !== null) extras.push(...(await addSteering(folder, generator, steering, latents, options)));

    await writeGrid(join(folder, fileNames.preview), layGrid(full.native.images));
    const model: Model = {
      formatVersion,
      name: options.name,
      imageSize: config.imageSize,
      channels: config.channels,
      latent: { dim: config.latent, distribution: config.latentDistribution },
      conditioning,
      files: {
        generator: await describeFile(folder, fileNames.generator),
        ...(half && { generatorFp16: await describeFile(folder, fileNames.generatorFp16) }),
        preview: await describeFile(folder, fileNames.preview),
        ...(layers && { activations: await describeFile(folder, fileNames.activations) }),
        ...(withDiscriminator && { discriminator: await describeFile(folder, fileNames.discriminator) }),
        ...(withMasks && { masked: await describeFile(folder, fileNames.masked) }),
        ...(withRestoring && { restoring: await describeFile(folder, fileNames.restoring) }),
        ...(styles && {
          mapping: await describeFile(folder, fileNames.mapping),
          synthesis: await describeFile(folder, fileNames.synthesis),
        }),
        ...(steering && { steering: await describeFile(folder, fileNames.steering) }),
      },
      training: options.training,
      parity: {
        seeds,
        figures: [
          ...full.figures,
          ...(half?.figures ?? []),
          ...(layers?.figures ?? []).map((figure) => ({ ...figure, role: 'activations' as const })),
          ...extras,
        ],
      },
      metrics: [],
      directions: [],
      steering: steering && steering.attributes.map(({ name, kind }) => ({ name, kind })),
      styles: styles && { dim: styles.dim, layers: styles.layers, mean: styles.mean },
    };
    const text = `${JSON.stringify(model, null, 2)}\n`;
    // What is written has passed the check of those who will read it.
    parseModel(JSON.parse(text), modelFileName);
    await write(join(folder, modelFileName), new TextEncoder().encode(text));
    signal.throwIfAborted();
    return { folder: resolve(out), model, warnings };
  });
}

/** Writes one of the generator's files; resolves to its path. */
async function writeGenerator(
  folder: string,
  role: 'generator' | 'generatorFp16' | 'activations',
  generator: FrozenGenerator,
  { name, config, plan: { conditioning } }: ExportOptions,
): Promise<string> {
  const path = join(folder, fileNames[role]);
  const metadata = metadataOf(config);
  const isHalf = role !== 'generator';
  const withLayers = role === 'activations';
  const latentDim = config.latent;
  await write(
    path,
    encodeGenerator(generator, { name, latentDim, conditioning, isHalf, withLayers, metadata }),
  );
  return path;
}

/** What every file says of itself. */
function metadataOf({ imageSize, channels, latentDistribution }: TrainConfig): Record<string, string> {
  return {
    image_size: `${imageSize}`,
    channels: `${channels}`,
    latent_distribution: latentDistribution,
  };
}

/** Adds the restoring file; resolves to its figures. Throws ExportError where it differs. */
async function addRestoring(
  folder: string,
  frozen: { readonly generator: FrozenGenerator; readonly discriminator: FrozenDiscriminator },
  images: HostTensor,
  { inputs, latentDim }: Latents,
  { name, config, engine, state, signal, onProgress = () => undefined }: ExportOptions,
): Promise<readonly ParityFigure[]> {
  const { imageSize, channels, latentDistribution: distribution } = config;
  const networks = { ...frozen, distribution };
  const file = join(folder, fileNames.restoring);
  const metadata = { latent_distribution: distribution };
  await write(file, encodeRestoring(networks, { name, latentDim, imageSize, channels, metadata }));
  onProgress(`comparing ${fileNames.restoring} with its step on ${engine.name}`);
  // Each latent is to arrive at the next one's picture.
  const count = 4;
  const length = images.data.length / seeds.length;
  const figures = await gateRestoring({
    file,
    engine,
    networks,
    z: batchesOf(inputs, count)[0]!['z']!,
    images: {
      ...images,
      shape: [count, ...images.shape.slice(1)],
      data: images.data.slice(length, (count + 1) * length),
    },
    signal,
  }).catch((error: unknown) => {
    throw error instanceof ExportError ? new ExportError(`no model was exported: ${error.message}`) : error;
  });
  await engine.writeState(state);
  return figures;
}

/** Adds the steering file; resolves to its figures. Throws ExportError where it differs. */
async function addSteering(
  folder: string,
  generator: FrozenGenerator,
  classifier: SteeringNetworks['classifier'],
  { inputs, latentDim }: Latents,
  { name, config, engine, state, signal, onProgress = () => undefined }: ExportOptions,
): Promise<readonly ParityFigure[]> {
  const networks = { generator, classifier, distribution: config.latentDistribution };
  const file = join(folder, fileNames.steering);
  const metadata = { latent_distribution: config.latentDistribution };
  await write(file, encodeSteering(networks, { name, latentDim, metadata }));
  onProgress(`comparing ${fileNames.steering} with its step on ${engine.name}`);
  const z = batchesOf(inputs, 4)[0]!['z']!;
  const figures = await gateSteering({ file, engine, networks, z, signal });
  await engine.writeState(state);
  return figures;
}

/** The latents of the gate's seeds. */
function latentsOf(config: TrainConfig, conditioning: Conditioning): Latents {
  const inputs = seedInputs(modelOf(config, conditioning), seeds);
  return { inputs, latentDim: config.latent, conditioning };
}

/** What the unfolded generator draws on the training engine, straight from the state. */
async function drawReference({ engine, plan, state }: ExportOptions, { inputs }: Latents): Promise<Drawing> {
  await engine.writeState(state);
  const draw = await engine.compile(plan.sample, plan.sampleInputs(seeds.length));
  try {
    const { images } = await draw.run(inputs);
    if (images === undefined) throw new RangeError('the plan drew no images');
    return { role: 'generator', runtime: `checkpoint on ${engine.name}`, images };
  } finally {
    await draw.dispose();
  }
}

async function describeFile(folder: string, file: string): Promise<ModelFile> {
  const content = await readFile(join(folder, file));
  return { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

function write(path: string, bytes: Uint8Array): Promise<void> {
  return writeAtomically(path, (file) => writeFully(file, bytes));
}
