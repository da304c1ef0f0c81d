// The types of `model.json`, the table of contents of a model package: which files there are and what the model is.
import type { ImageShape } from './image-shape.ts';
import type { FileRole } from './package-files.ts';
import type { LatentDistribution } from './random.ts';

/** A file of the package. It lies beside `model.json`. */
export interface ModelFile {
  /** A plain name, no path: letters, digits, `.`, `_` and `-`. */
  readonly file: string;
  readonly bytes: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** A code that the generator takes besides z: a number from `least` to `most`, or one of `choices` (one-hot columns). */
export type Code =
  | { readonly kind: 'continuous'; readonly name: string; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly name: string; readonly choices: readonly string[] };

/** Limit of the examples that an export writes. */
export const maxExamples = 64;

/** A number that describes the training images, from `least` to `most` in the user's units. */
export interface DescribingNumber {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

/**
 * The generator's input besides z: none, `labels` (one-hot float32 [n, classes]), `codes` (float32 [n, columns]: one column per
 * continuous code and one per choice of the others, in order), or `condition` (float32 [n, attributes], 1 for yes and 0 for no, or
 * [n, numbers], each scaled to [-1, 1] by 2 (v - least) / (most - least) - 1). `examples` are rows of the training data in
 * the user's units, at least 1 and as exported at most {@link maxExamples}.
 */
export type Conditioning =
  | null
  | { readonly kind: 'classes'; readonly names: readonly string[] }
  | { readonly kind: 'codes'; readonly codes: readonly Code[] }
  | {
      readonly kind: 'attributes';
      readonly names: readonly string[];
      readonly examples: readonly (readonly number[])[];
    }
  | {
      readonly kind: 'numbers';
      readonly numbers: readonly DescribingNumber[];
      readonly examples: readonly (readonly number[])[];
    };

/** The training run that the model comes from. */
export interface TrainingRecord {
  /** Name of the method: `dcgan`, `stylegan`, … */
  readonly method: string;
  readonly dataset: {
    readonly name: string;
    /** Number of images; null for an endless dataset. */
    readonly images: number | null;
    readonly classes: readonly string[] | null;
  };
  /** Number of real images shown. */
  readonly images: number;
  /** Number of updates of the generator. */
  readonly steps: number;
  /** Training time in seconds, samples and checkpoints included. */
  readonly seconds: number;
  readonly seed: number;
  /** The training engine and its version. */
  readonly engine: string;
  /** sha256 of the run's `config.json`. */
  readonly configHash: string;
}

/** The files that a model, or the weights that its training began with, were imported from. */
export interface Origin {
  /** The kind of file: `onnx`, `pytorch`, `safetensors`, … */
  readonly format: string;
  /** The imported files, at least one; `file` is its name without a folder, of any characters. */
  readonly files: readonly ModelFile[];
  /** The program that wrote them, as far as they say: `pytorch 2.3.0`. */
  readonly producer: string | null;
  /** The way in which the files were read: range of the outputs, architecture, … */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Largest difference between a file's outputs and a reference, measured at export. Images are compared in [-1, 1]; a
 * discriminator's outputs relative to the largest magnitude of each.
 */
export interface ParityFigure {
  readonly role: FileRole;
  /** The runtime that ran the file: `onnxruntime-web 1.30.0 wasm`, … */
  readonly runtime: string;
  /** The reference: `checkpoint on onnx-cpu`, `generator on …`. */
  readonly against: string;
  readonly maxDifference: number;
  /** Upper limit of the difference; a file at or above it is not exported. */
  readonly tolerance: number;
}

/** A quality metric. Values are comparable only under the same protocol. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  /** The data, settings and sample sizes of the measurement; at least one entry. */
  readonly protocol: Readonly<Record<string, string | number | boolean>>;
}

/** A direction in latent space that changes one attribute. */
export interface Direction {
  readonly name: string;
  /** [latent.dim]; adding it to z moves by one unit. */
  readonly vector: readonly number[];
  /** Measured quality of the direction, by figure name. */
  readonly figures: Readonly<Record<string, number>>;
}

/** An attribute that the steering file can add or remove. */
export interface SteeringAttribute {
  /** The attribute's name; `ATTRIBUTE/CATEGORY` for each category of one, such as `hairColour/pink`. */
  readonly name: string;
  /** `binary`: the file's prediction is a logit. `continuous`: it is a value in [-1, 1]. */
  readonly kind: 'binary' | 'continuous';
}

/** Styles of a style-based generator: the mapping file's output and the synthesis file's input. */
export interface Styles {
  /** Size of a style: `mapping` returns `w` [n, dim], `synthesis` takes `styles` [n, layers, dim]. */
  readonly dim: number;
  /** Resolution in pixels of each layer that takes a style, from coarse to fine. */
  readonly layers: readonly number[];
  /** Mean style [dim], the target of truncation. */
  readonly mean: readonly number[];
}

/**
 * Calibration of the discriminator's file (Platt 1999): its logits are scale · raw logit + offset, so that sigmoid(logit) is the
 * probability that an image is real, in a set of as many real as generated images.
 */
export interface Calibration {
  /** Above 0. */
  readonly scale: number;
  readonly offset: number;
  /**
   * The images that scale and offset were fitted to: `images`, the number of real and of generated ones; `dataset` and `part` of the real
   * ones (`held-out` of training, or `training`); `firstSeed` of the generated ones. At least one entry.
   */
  readonly protocol: Metric['protocol'];
}

/** The content of `model.json`. */
export interface Model extends ImageShape {
  readonly formatVersion: string;
  readonly name: string;
  /** z is [n, dim]; the latent of a seed is `latentFromSeed(seed, dim, distribution)`. */
  readonly latent: { readonly dim: number; readonly distribution: LatentDistribution };
  readonly conditioning: Conditioning;
  readonly files: { readonly generator: ModelFile } & Readonly<Partial<Record<FileRole, ModelFile>>>;
  /** Null if the model was not trained here, but imported as it is. */
  readonly training: TrainingRecord | null;
  /** Null unless something was imported; never null if `training` is. */
  readonly origin: Origin | null;
  readonly parity: { readonly seeds: readonly number[]; readonly figures: readonly ParityFigure[] };
  readonly metrics: readonly Metric[];
  readonly directions: readonly Direction[];
  /** Columns of the steering file's `push`, `start` and `verdicts`; null without such a file. */
  readonly steering: readonly SteeringAttribute[] | null;
  /** Null without mapping and synthesis files. */
  readonly styles: Styles | null;
  /** Null without a discriminator's file, and if its logits are the network's raw ones. */
  readonly calibration: Calibration | null;
  /** All that a page needs to train the networks on, as `parseTrainable` checks it; null without the files for that. */
  readonly trainable: unknown;
}
