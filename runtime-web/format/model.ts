// `model.json`, the table of contents of a model package: which files there are and what the model is. The
// trainer writes it and every reader, in Node or in a page, takes it through the one validator below.
// A reader refuses a newer major version, and ignores keys it does not know from a newer minor one.
import {
  below,
  isListOf,
  isMatch,
  isNameList,
  isNullOr,
  isNumber,
  isObject,
  isOneOf,
  isRecord,
  isRecordOf,
  isText,
  isWhole,
  refuse,
  type Check,
  type Place,
} from './fields.ts';
import type { LatentDistribution } from './random.ts';

/** The version that this code writes, `major.minor`; it reads every minor version of the same major one. */
export const formatVersion = '1.3';

/** What a file of the package can be. `generator` is always there. */
export const fileRoles = [
  'generator',
  'generatorFp16',
  'preview',
  'discriminator',
  'mapping',
  'synthesis',
  'steering',
  'restoring',
  'activations',
  'masked',
] as const;
/** See {@link fileRoles}. */
export type FileRole = (typeof fileRoles)[number];

/** One file, beside `model.json`. */
export interface ModelFile {
  /** A plain name, no path: letters, digits, `.`, `_` and `-`. */
  readonly file: string;
  readonly bytes: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** A code that the generator takes beside z: a number in a range, or one of some choices (as one-hot columns). */
export type Code =
  | { readonly kind: 'continuous'; readonly name: string; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly name: string; readonly choices: readonly string[] };

/**
 * What the generator takes beside z: nothing, the input `labels` (one-hot float32 [n, classes]), or the input
 * `codes` (float32 [n, columns]: one column a continuous code, one for each of a choice's choices, in order).
 */
export type Conditioning =
  | null
  | { readonly kind: 'classes'; readonly names: readonly string[] }
  | { readonly kind: 'codes'; readonly codes: readonly Code[] };

/** How the model came about. */
export interface TrainingRecord {
  /** `dcgan`, … */
  readonly method: string;
  readonly dataset: {
    readonly name: string;
    /** Null where it is endless. */
    readonly images: number | null;
    readonly classes: readonly string[] | null;
  };
  /** Real images shown. */
  readonly images: number;
  /** Updates. */
  readonly steps: number;
  /** Of training, samples and checkpoints included. */
  readonly seconds: number;
  readonly seed: number;
  /** The engine that trained it, with its version. */
  readonly engine: string;
  /** sha256 of the run's `config.json`. */
  readonly configHash: string;
}

/**
 * How far what a file gives is from what it must agree with, as measured at export: images in [-1, 1], a discriminator's
 * outputs as shares of the largest magnitude of each.
 */
export interface ParityFigure {
  readonly role: FileRole;
  /** `onnxruntime-web 1.30.0 wasm`, … */
  readonly runtime: string;
  /** What it was compared with: `checkpoint on onnx-cpu`, `generator on …`. */
  readonly against: string;
  readonly maxDifference: number;
  /** The difference stayed below this. */
  readonly tolerance: number;
}

/** A figure of quality, comparable only under the same protocol. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  /** What was compared, how, on how much: at least one entry. */
  readonly protocol: Readonly<Record<string, string | number | boolean>>;
}

/** A direction in latent space that changes one thing. */
export interface Direction {
  readonly name: string;
  /** As many numbers as the latent has; adding it to z moves one unit. */
  readonly vector: readonly number[];
  /** How well it does so, by figure. */
  readonly figures: Readonly<Record<string, number>>;
}

/** What the steering file can give to a picture or take from it. */
export interface SteeringAttribute {
  readonly name: string;
  /** There or not (the file's verdict is a logit), or a value from -1 to 1. */
  readonly kind: 'binary' | 'continuous';
}

/** What the mapping file gives and the synthesis file takes, of a style-based generator. */
export interface Styles {
  /** Numbers in a style: `mapping` gives `w` [n, dim], `synthesis` takes `styles` [n, layers, dim]. */
  readonly dim: number;
  /** For each layer that takes a style the side of what it draws, in pixels, from the coarsest on. */
  readonly layers: readonly number[];
  /** The mean style [dim]: truncation goes towards it. */
  readonly mean: readonly number[];
}

/** What `model.json` holds. */
export interface Model {
  readonly formatVersion: string;
  readonly name: string;
  /** Side of the square images, in pixels. */
  readonly imageSize: number;
  readonly channels: 1 | 3;
  /** z is [n, dim]; image number `seed` has the latent `latentFromSeed(seed, dim, distribution)`. */
  readonly latent: { readonly dim: number; readonly distribution: LatentDistribution };
  readonly conditioning: Conditioning;
  readonly files: { readonly generator: ModelFile } & Readonly<Partial<Record<FileRole, ModelFile>>>;
  readonly training: TrainingRecord;
  readonly parity: { readonly seeds: readonly number[]; readonly figures: readonly ParityFigure[] };
  readonly metrics: readonly Metric[];
  readonly directions: readonly Direction[];
  /** The columns of the steering file's `push`, `start` and `verdicts`; null where there is no such file. */
  readonly steering: readonly SteeringAttribute[] | null;
  /** Null where there are no such files. */
  readonly styles: Styles | null;
}

/**
 * The model that parsed JSON describes; `where` is how messages name the file. Throws ModelFormatError for the
 * first thing that is missing, unknown, of the wrong kind or out of range, or for a version it cannot read.
 */
export function parseModel(json: unknown, where: string): Model {
  const root: Place = { file: where, path: '', isLenient: false };
  const version = isReadableVersion(isRecord(json, root)['formatVersion'], below(root, 'formatVersion'));
  return isModel(json, { ...root, isLenient: minorOf(version) > minorOf(formatVersion) });
}

const isSha256 = isMatch(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');

/** A name that is a file beside `model.json` on every system and in every URL, and nothing else. */
const isFileName = isMatch(
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/,
  'a plain file name (letters, digits, ".", "_" and "-"; no folder)',
);

const isFile = isObject((file): ModelFile => ({
  file: file.get('file', isFileName),
  bytes: file.get('bytes', isWhole(1)),
  sha256: file.get('sha256', isSha256),
}));

const isFileTable = isObject((files): Model['files'] => {
  const table: Partial<Record<FileRole, ModelFile>> = {};
  for (const role of fileRoles) {
    const file = files.get(role, (value, at) => (value === undefined ? null : isFile(value, at)));
    if (file !== null) table[role] = file;
  }
  return { ...table, generator: files.get('generator', isFile) };
});

const isCode = isObject((code): Code => {
  const name = code.get('name', isText);
  const kind = code.get('kind', isOneOf('continuous', 'choice'));
  if (kind === 'choice') return { kind, name, choices: code.get('choices', isNameList(2)) };
  const least = code.get('least', isNumber());
  return { kind, name, least, most: code.get('most', isNumber(least)) };
});

const isConditioning = isObject((conditioning): Exclude<Conditioning, null> => {
  const kind = conditioning.get('kind', isOneOf('classes', 'codes'));
  return kind === 'classes'
    ? { kind, names: conditioning.get('names', isNameList(2)) }
    : { kind, codes: conditioning.get('codes', isListOf(isCode, 1)) };
});

const isTraining = isObject((training): TrainingRecord => ({
  method: training.get('method', isText),
  dataset: training.get(
    'dataset',
    isObject((dataset) => ({
      name: dataset.get('name', isText),
      images: dataset.get('images', isNullOr(isWhole(1))),
      classes: dataset.get('classes', isNullOr(isListOf(isText, 1))),
    })),
  ),
  images: training.get('images', isWhole(0)),
  steps: training.get('steps', isWhole(0)),
  seconds: training.get('seconds', isNumber(0)),
  seed: training.get('seed', isWhole(0)),
  engine: training.get('engine', isText),
  configHash: training.get('configHash', isSha256),
}));

const isParityFigure = isObject((figure): ParityFigure => ({
  role: figure.get('role', isOneOf(...fileRoles)),
  runtime: figure.get('runtime', isText),
  against: figure.get('against', isText),
  maxDifference: figure.get('maxDifference', isNumber(0)),
  tolerance: figure.get('tolerance', isNumber(0)),
}));

/** Figures; in a newer file's list, those of files that this code does not know are passed over, as the files are. */
const isParityFigures: Check<readonly ParityFigure[]> = (value, place) =>
  isListOf(isRecord)(value, place).flatMap((figure, i) => {
    const isKnown = fileRoles.some((role) => role === figure['role']);
    return place.isLenient && !isKnown ? [] : [isParityFigure(figure, below(place, i))];
  });

/** A record of texts, finite numbers and yes-or-nos that is not empty. */
const isProtocol: Check<Metric['protocol']> = (value, place) => {
  const protocol = isRecordOf<string | number | boolean>((item, at) => {
    if (typeof item === 'boolean') return item;
    return typeof item === 'number' ? isNumber()(item, at) : isText(item, at);
  })(value, place);
  if (Object.keys(protocol).length === 0) throw refuse(value, 'at least one entry', place);
  return protocol;
};

const isMetric = isObject((metric): Metric => ({
  name: metric.get('name', isText),
  value: metric.get('value', isNumber()),
  protocol: metric.get('protocol', isProtocol),
}));

function isVector(dim: number, of: string): Check<readonly number[]> {
  return (value, place) => {
    const vector = isListOf(isNumber())(value, place);
    if (vector.length === dim) return vector;
    throw refuse(value, `${dim} numbers, as many as ${of} has, not ${vector.length}`, place);
  };
}

function isDirection(latentDim: number): Check<Direction> {
  return isObject((direction) => ({
    name: direction.get('name', isText),
    vector: direction.get('vector', isVector(latentDim, 'the latent')),
    figures: direction.get('figures', isRecordOf(isNumber())),
  }));
}

const isSteering = isListOf(
  isObject((attribute): SteeringAttribute => ({
    name: attribute.get('name', isText),
    kind: attribute.get('kind', isOneOf('binary', 'continuous')),
  })),
);

const isStyles = isObject((styles): Styles => {
  const dim = styles.get('dim', isWhole(1, 65536));
  return {
    dim,
    layers: styles.get('layers', isListOf(isWhole(1, 4096), 1)),
    mean: styles.get('mean', isVector(dim, 'a style')),
  };
});

const isModel = isObject((model): Model => {
  const latent = model.get(
    'latent',
    isObject((fields) => ({
      dim: fields.get('dim', isWhole(1, 65536)),
      distribution: fields.get('distribution', isOneOf('uniform', 'normal')),
    })),
  );
  return {
    formatVersion: model.get('formatVersion', isText),
    name: model.get('name', isText),
    imageSize: model.get('imageSize', isWhole(1, 4096)),
    channels: model.get('channels', isOneOf(1, 3)),
    latent,
    conditioning: model.get('conditioning', isNullOr(isConditioning)),
    files: model.get('files', isFileTable),
    training: model.get('training', isTraining),
    parity: model.get(
      'parity',
      isObject((parity) => ({
        seeds: parity.get('seeds', isListOf(isWhole(0))),
        figures: parity.get('figures', isParityFigures),
      })),
    ),
    metrics: model.get('metrics', isListOf(isMetric)),
    directions: model.get('directions', isListOf(isDirection(latent.dim))),
    // Since 1.2.
    steering: model.get('steering', (value, at) => isNullOr(isSteering)(value ?? null, at)),
    // Since 1.3.
    styles: model.get('styles', (value, at) => isNullOr(isStyles)(value ?? null, at)),
  };
});

const isReadableVersion: Check<string> = (value, place) => {
  const version = isMatch(/^\d{1,4}\.\d{1,4}$/, `a version such as "${formatVersion}"`)(value, place);
  const [major, own] = [majorOf(version), majorOf(formatVersion)];
  if (major > own) {
    throw refuse(value, `${own}.x: the model was made by a newer version of this software; update it`, place);
  }
  if (major < own) throw refuse(value, `${own}.x: the model is too old; export it again`, place);
  return version;
};

function majorOf(version: string): number {
  return Number(version.split('.')[0]);
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}
