// Makes a model package of ONNX files from elsewhere: one generator, or a mapping and a synthesis network. Everything that is written
// is compared with the untouched files on onnxruntime-node and onnxruntime-web.
import { shortSize } from '../../runtime-web/format/image-shape.ts';
import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Model, Origin, ParityFigure, Styles } from '../../runtime-web/format/model.ts';
import { packageFiles, type FileRole } from '../../runtime-web/format/package-files.ts';
import { formatVersion } from '../../runtime-web/format/format-version.ts';
import { UserError } from '../errors.ts';
import { batchesOf } from '../export/gates/parity-gate.ts';
import { writeGeneratorFiles } from '../export/parts/generator.ts';
import { styleTolerances, writeGated } from '../export/parts/styles.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { maxNetworkBytes, readRegular } from '../files/regular-file.ts';
import { ExportError } from '../model-package/export-error.ts';
import { foundBefore } from '../model-package/found-before.ts';
import { runOnNode } from '../model-package/native-session.ts';
import { buildPackage } from '../model-package/package-folder.ts';
import { describeFiles, readModelFile, writeModelFile } from '../model-package/model-file.ts';
import { layGrid, writeGrid } from '../pictures/grid.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { besidePath, embedData } from '../external-data/embed-data.ts';
import { halveWeights } from './halve-weights.ts';
import { encodeNetworkFile, readNetwork, type Network, type NetworkFile } from './network.ts';
import { readGenerator } from './read-generator.ts';
import { readHalves } from './read-halves.ts';
import type { Answers, SourceGenerator, SourceHalves } from './source.ts';

/** Options of {@link importOnnx}. */
export interface ImportOptions {
  /** Absolute paths: a generator, or a mapping and a synthesis network. */
  readonly paths: readonly string[];
  readonly answers: Answers;
  readonly name: string;
  /** The package's folder; an existing package is replaced. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Called with a message before each part of the work. */
  readonly onProgress: (message: string) => void;
}

/** A finished package. */
export interface ImportedModel {
  /** Absolute path of the package's folder. */
  readonly folder: string;
  readonly model: Model;
  readonly warnings: readonly string[];
}

/** Seeds of the compared images, and of the preview. */
const seeds = Array.from({ length: 16 }, (_, seed) => seed);
/** Number of styles whose mean truncation moves towards. */
const meanCount = 1024;

/**
 * Writes the package. Throws UserError, with nothing written, for files that cannot be imported, that give other images than the
 * package, or that ONNX Runtime Web cannot run; the signal's reason when aborted.
 */
export async function importOnnx(options: ImportOptions): Promise<ImportedModel> {
  const { paths, answers, out, signal, onProgress } = options;
  const shown = paths.map((path) => basename(path)).join(' and ');
  const warnings: string[] = [];
  try {
    if (paths.length > 2) {
      throw new Error(`${paths.length} files, expected a generator, or a mapping and a synthesis network`);
    }
    const files: NetworkFile[] = [];
    for (const path of paths) files.push(await readFile(path));
    onProgress(`running ${shown} on ${seeds.length} seeds`);
    const [first, second] = files as [NetworkFile, NetworkFile?];
    const source =
      second === undefined
        ? await readGenerator(first, answers, seeds, signal)
        : await readHalves([first, second], answers, seeds, signal);
    const previous = await readModelFile(out);
    const fill = (folder: string): Promise<Model> =>
      fillPackage(folder, options, files, source, previous, (message) => warnings.push(message));
    const model = await buildPackage(out, fill, 'give another --out');
    return { folder: resolve(out), model, warnings };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ExportError)
      throw new UserError(`${shown}: cannot be imported: ${withOperator(error.message)}`);
    if (!(error instanceof Error) || error instanceof UserError) throw error;
    throw new UserError(`${shown}: cannot be imported: ${error.message}`);
  }
}

async function readFile(path: string): Promise<NetworkFile> {
  const bytes = await readRegular(path, maxNetworkBytes).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `${path}: ${error.code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${error.message}`}`,
    );
  });
  try {
    const { bytes: whole, dataFiles } = await embedData(bytes, besidePath(path));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const files = [{ file: basename(path), bytes: bytes.length, sha256 }, ...dataFiles];
    return readNetwork(basename(path), whole, files);
  } catch (error) {
    throw new UserError(`${path}: cannot be imported: ${(error as Error).message}`);
  }
}

/** A message of ONNX Runtime Web, in terms of the operator that it does not have. */
function withOperator(message: string): string {
  const missing = /^onnxruntime-web .*?(?:implementation for |Fatal error: )([\w.:]+)\(/.exec(message)?.[1];
  return missing === undefined
    ? message
    : `ONNX Runtime Web, which runs models in pages, has no operator ${missing}; save the network with other operators`;
}

async function fillPackage(
  folder: string,
  { name, answers, signal, onProgress }: ImportOptions,
  files: readonly NetworkFile[],
  source: SourceGenerator,
  previous: Model | null,
  onWarning: (message: string) => void,
): Promise<Model> {
  const { generator, latentDim, conditioning, image, inputs, images, runtime, tolerances, halves } = source;
  const { distribution } = answers;
  const shown = files.map(({ file }) => file).join(' and ');
  const against = `${shown} on ${runtime}`;
  const metadata = {
    image_size: `${shortSize(image)}`,
    channels: `${image.channels}`,
    latent_distribution: distribution,
  };
  const write = async (role: FileRole, bytes: Uint8Array): Promise<string> => {
    const path = join(folder, packageFiles[role].file);
    await writeFileAtomically(path, bytes);
    return path;
  };
  const encode =
    (network: Network) =>
    (isHalf: boolean): Uint8Array =>
      encodeNetworkFile(isHalf ? halveWeights(network) : network, name, metadata);
  const job = { write, signal, onProgress, onWarning };
  const { full, figures } = await writeGeneratorFiles({
    ...job,
    encode: encode(generator),
    reference: { role: 'generator', runtime: against, images },
    source: shown,
    latents: { inputs, latentDim, conditioning },
    tolerances,
  });
  const styled = halves === null ? null : await writeHalves(job, source, halves, encode, against);
  const styles: Styles | null =
    halves === null
      ? null
      : {
          ...halves.styles,
          mean: await meanStyle(join(folder, packageFiles.mapping.file), source, distribution, signal),
        };
  await writeGrid(join(folder, packageFiles.preview.file), layGrid(full.native.images));
  const described = await describeFiles(folder);
  const origin: Origin = {
    format: 'onnx',
    files: files.flatMap(({ files: read }) => read),
    producer: files[0]!.producer,
    settings: { ...source.found, distribution },
  };
  const model: Model = {
    formatVersion,
    name,
    width: image.width,
    height: image.height,
    channels: image.channels,
    latent: { dim: latentDim, distribution },
    conditioning,
    files: described,
    training: null,
    origin,
    parity: { seeds, figures: [...figures, ...(styled ?? [])] },
    ...foundBefore(previous, described, onWarning),
    steering: null,
    calibration: null,
    styles,
    trainable: null,
  };
  await writeModelFile(folder, model);
  signal.throwIfAborted();
  return model;
}

/** Writes `mapping.onnx` and `synthesis.onnx`, and compares them with the untouched files. */
async function writeHalves(
  job: Pick<Parameters<typeof writeGeneratorFiles>[0], 'write' | 'signal' | 'onProgress' | 'onWarning'>,
  { inputs, images, tolerances }: SourceGenerator,
  { mapping, synthesis, w, repeated }: SourceHalves,
  encode: (network: Network) => (isHalf: boolean) => Uint8Array,
  against: string,
): Promise<readonly ParityFigure[]> {
  const { signal } = job;
  job.onProgress(`comparing ${packageFiles.mapping.file} and ${packageFiles.synthesis.file} with the files`);
  const full = Math.max(tolerances.float32, styleTolerances.float32);
  return [
    ...(await writeGated(job, { ...styleTolerances, float32: full }, encode(mapping), {
      ...{ role: 'mapping', inputs, reference: { w }, against, isRelative: true, signal },
    })),
    ...(await writeGated(job, tolerances, encode(synthesis), {
      role: 'synthesis',
      inputs: { styles: repeated },
      reference: { images },
      ...{ against, isRelative: false, signal },
    })),
  ];
}

/** The mean style [dim] of seeds 0 and on. */
async function meanStyle(
  file: string,
  { latentDim, conditioning }: SourceGenerator,
  distribution: Answers['distribution'],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const model = { latent: { dim: latentDim, distribution }, conditioning };
  const inputs = seedInputs(
    model,
    Array.from({ length: meanCount }, (_, seed) => seed),
  );
  const { outputs } = await runOnNode({ file, runs: batchesOf(inputs, 64), signal });
  const dim = outputs[0]!['w']!.shape[1]!;
  const mean = new Float64Array(dim);
  for (const { w } of outputs) w!.data.forEach((value, i) => (mean[i % dim]! += Number(value) / meanCount));
  return Array.from(mean);
}
