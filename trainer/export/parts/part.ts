// The interface of a part of a model package: one or more files that are written, compared with the checkpoint and recorded in
// model.json together. Each part is a file of this folder; table.ts lists them.
import type { Model, ParityFigure } from '../../../runtime-web/format/model.ts';
import { exportFlags, type FileRole } from '../../../runtime-web/format/package-files.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { Engine, NamedHostTensors } from '../../engine/engine.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import type { TrainedRun } from '../../run/trained-run.ts';
import type { NetworkFamily } from '../../training/architectures/table.ts';
import type { TrainingPlan } from '../../training/plan.ts';
import type { Drawing, Latents, Passed } from '../gates/parity-gate.ts';
import type { DiscriminatorInputs, ImageInputs } from '../image-inputs.ts';

/** The export that a part belongs to: its input and its progress. */
export interface PartContext {
  readonly config: TrainConfig;
  readonly plan: TrainingPlan;
  /** Computes the reference outputs. Holds `state` before and after each part. */
  readonly engine: Engine;
  /** The checkpoint's state, batch-norm statistics included. */
  readonly state: NamedHostTensors;
  readonly generator: FrozenGenerator;
  /** Upper limits of the differences, by the network family. */
  readonly tolerances: NetworkFamily['tolerances'];
  /** The latents for comparisons. */
  readonly latents: Latents;
  readonly fromImages: Partial<ImageInputs>;
  /** Name of the graph in each file. */
  readonly name: string;
  /** Key-value pairs for the metadata of each generator's and discriminator's file. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Writes the file of a role into the package; resolves to its path. */
  readonly write: (role: FileRole, bytes: Uint8Array) => Promise<string>;
  readonly onProgress: (message: string) => void;
  readonly onWarning: (message: string) => void;
}

/** The images of the generator for the context's latents. */
export interface GeneratedImages {
  /** From the unfolded generator on the training engine. */
  readonly reference: Drawing;
  /** From `generator.onnx`, which has passed its comparison. */
  readonly full: Passed;
}

/** The entries of model.json that a part adds. */
export interface PartResult {
  readonly figures: readonly ParityFigure[];
  /** Fields other than `files` and `parity`. Default: none. */
  readonly fields?: Partial<Pick<Model, 'steering' | 'styles' | 'calibration'>>;
}

/** A part of a model package. */
export interface Part {
  /** The files that it writes. The part is exported if the first file's flag was given, or that file has no flag. */
  readonly roles: readonly [FileRole, ...FileRole[]];
  /** The input that must be computed from training images first. Default: none. */
  readonly needs?: keyof ImageInputs;
  /** Throws UserError for a run without the networks that the part needs. Default: accepts every run. */
  readonly refuse?: (run: Pick<TrainedRun, 'folder' | 'config' | 'conditioning'>, flag: string) => void;
  /** Writes the files and compares them. Throws ExportError if they differ; the signal's reason when aborted. */
  readonly write: (context: PartContext, images: GeneratedImages) => Promise<PartResult>;
}

/** The flag that adds a part; null for a part that needs no flag. */
export const flagOf = ({ roles: [role] }: Part): string | null => exportFlags[role];

/** The input `need` of a part. Throws RangeError if the caller of the export has not computed it. */
export function fromImages<K extends keyof ImageInputs>(
  context: Pick<PartContext, 'fromImages'>,
  need: K,
): ImageInputs[K] {
  const input = context.fromImages[need];
  if (input === undefined) throw new RangeError(`${need}: got none, and a file that needs it was asked for`);
  return input;
}

/** Says on which images a file's discriminator was calibrated, or warns that it was not; `consequence` of raw logits. */
export function sayCalibration(
  { onProgress, onWarning }: Pick<PartContext, 'onProgress' | 'onWarning'>,
  { calibration, complaint }: Pick<DiscriminatorInputs, 'calibration' | 'complaint'>,
  file: string,
  consequence: string,
): void {
  if (calibration !== null) {
    const { images, part } = calibration.protocol;
    onProgress(`calibrated ${file} on ${images} ${part} images and as many generated ones`);
  }
  if (complaint !== null) onWarning(`${file} has raw logits, ${consequence}: ${complaint}`);
}
