// Exports a trained state as a model package. The generator and the parts of parts/table.ts are written into a temporary folder and
// compared with the checkpoint on every runtime. The package is moved to its place only if all outputs agree.
import { shortSize } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../config/image-size.ts';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Model, Origin, TrainingRecord } from '../../runtime-web/format/model.ts';
import { packageFiles, type FileRole } from '../../runtime-web/format/package-files.ts';
import { formatVersion } from '../../runtime-web/format/format-version.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Engine, NamedHostTensors } from '../engine/engine.ts';
import { shareWeights, type Lender } from '../external-data/share-weights.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { ExportError } from '../model-package/export-error.ts';
import { foundBefore } from '../model-package/found-before.ts';
import { buildPackage } from '../model-package/package-folder.ts';
import { describeFiles, readModelFile, writeModelFile } from '../model-package/model-file.ts';
import { layGrid, writeGrid } from '../pictures/grid.ts';
import { modelOf, type TrainingPlan } from '../training/plan.ts';
import { freezeGenerator, networkFamilies } from '../training/architectures/table.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import type { ImageInputs } from './image-inputs.ts';
import { writeGenerator } from './parts/generator.ts';
import { flagOf, type PartContext, type PartResult } from './parts/part.ts';
import { parts } from './parts/table.ts';
import { writeTrainable, type TrainableOptions } from './write-trainable.ts';

/** Options of {@link exportModel}. */
export interface ExportOptions {
  readonly config: TrainConfig;
  readonly plan: TrainingPlan;
  /** The engine that computes the reference outputs; afterwards it holds `state`. */
  readonly engine: Engine;
  /** A checkpoint's state, batch-norm statistics included. */
  readonly state: NamedHostTensors;
  readonly name: string;
  /** Null for imported weights that have not been trained here. */
  readonly training: TrainingRecord | null;
  /** Origin of imported weights. Default: null. */
  readonly origin?: Origin | null;
  /** The package's folder; an existing package is replaced. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Called with a message before each part of the work. */
  readonly onProgress?: (message: string) => void;
  /** Optional files to add; each has a flag in `exportFlags`. Default: none. */
  readonly add?: readonly FileRole[];
  /** The inputs that the added files need from training images (see {@link parts}). Default: none. */
  readonly fromImages?: Partial<ImageInputs>;
  /** Add the networks to train on, with a copy of the checkpoint of this metadata (null: without). Default: none of it. */
  readonly trainable?: Pick<TrainableOptions, 'checkpoint'> | undefined;
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

/** The files that have all of their weights. Other files name the places in the first of these that has the same bytes. */
const lendingRoles: readonly FileRole[] = ['discriminator', 'generatorFp16', 'generator'];

/** Seeds of the compared images, and of the preview. */
const seeds = Array.from({ length: 16 }, (_, seed) => seed);

/**
 * Writes the package. Throws ExportError, with nothing written, if a file's outputs differ from the checkpoint's; UserError if `out`
 * cannot be written or holds anything but a package; the signal's reason when aborted.
 */
export async function exportModel(options: ExportOptions): Promise<ExportedModel> {
  const warnings: string[] = [];
  const previous = await readModelFile(options.out);
  try {
    const model = await buildPackage(options.out, (folder) =>
      fillPackage(folder, options, previous, (message) => warnings.push(message)),
    );
    return { folder: resolve(options.out), model, warnings };
  } catch (error) {
    throw error instanceof ExportError ? new ExportError(`no model was exported: ${error.message}`) : error;
  }
}

/** Writes and compares all files of the package, and writes its model.json. */
async function fillPackage(
  folder: string,
  options: ExportOptions,
  previous: Model | null,
  onWarning: (message: string) => void,
): Promise<Model> {
  const { config, plan, engine, state, name, training, signal } = options;
  const {
    onProgress = () => undefined,
    freeze = freezeGenerator,
    add = [],
    fromImages = {},
    origin = null,
  } = options;
  const { latent: latentDim, latentDistribution } = config;
  const { width, height, channels } = imageShape(config);
  const { conditioning } = plan;
  onProgress('freezing the generator');
  const context: PartContext = {
    ...{ config, plan, engine, state, name, fromImages, signal, onProgress, onWarning },
    generator: freeze(config, state, conditioning),
    tolerances: networkFamilies[config.network].tolerances,
    latents: { inputs: seedInputs(modelOf(config, conditioning), seeds), latentDim, conditioning },
    metadata: {
      image_size: `${shortSize({ width, height })}`,
      channels: `${channels}`,
      latent_distribution: latentDistribution,
    },
    async write(role, bytes) {
      const { file } = packageFiles[role];
      const path = join(folder, file);
      await write(path, lendingRoles.includes(role) ? bytes : shareWeights(bytes, await lendersIn(folder)));
      return path;
    },
  };
  await engine.writeState(state);
  const generated = await writeGenerator(context);
  const results: PartResult[] = [generated];
  for (const part of parts) {
    signal.throwIfAborted();
    if (flagOf(part) === null || add.includes(part.roles[0])) {
      results.push(await part.write(context, generated));
    }
  }
  const trainable =
    options.trainable === undefined
      ? null
      : await writeTrainable(folder, { ...context, ...options.trainable });
  await writeGrid(join(folder, packageFiles.preview.file), layGrid(generated.full.native.images));

  const files = await describeFiles(folder);
  const model: Model = {
    formatVersion,
    name,
    width,
    height,
    channels,
    latent: { dim: latentDim, distribution: latentDistribution },
    conditioning,
    files,
    training,
    origin,
    parity: { seeds, figures: results.flatMap(({ figures }) => figures) },
    ...foundBefore(previous, files, onWarning),
    steering: null,
    styles: null,
    calibration: null,
    trainable,
    ...results.reduce<PartResult['fields']>((all, { fields }) => ({ ...all, ...fields }), {}),
  };
  await writeModelFile(folder, model);
  signal.throwIfAborted();
  return model;
}

function write(path: string, bytes: Uint8Array): Promise<void> {
  return writeAtomically(path, (file) => writeFully(file, bytes));
}

/** The files in the folder that have all of their weights. */
async function lendersIn(folder: string): Promise<Lender[]> {
  const lenders: Lender[] = [];
  for (const role of lendingRoles) {
    const { file } = packageFiles[role];
    const bytes = await readFile(join(folder, file)).catch(() => null);
    if (bytes !== null) lenders.push({ file, bytes });
  }
  return lenders;
}
