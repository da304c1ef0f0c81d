// The validator of `model.json`. The trainer checks what it writes with it, and every reader, in Node or in a page, what it reads.
// A newer major version is refused; of a newer minor version, unknown keys are ignored.
import { isNewer, isReadableVersion } from './format-version.ts';
import { isConditioning, isVector } from './parse-conditioning.ts';
import {
  below,
  isListOf,
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
import { isFile, isFileCalled, isSha256 } from './file-entry.ts';
import type {
  Calibration,
  Direction,
  Metric,
  Model,
  ModelFile,
  Origin,
  ParityFigure,
  SteeringAttribute,
  Styles,
  TrainingRecord,
} from './model.ts';
import { fileRoles, type FileRole } from './package-files.ts';

/**
 * Checks parsed JSON and returns it as a model; messages name the file `where`. Throws ModelFormatError for the first value that
 * is missing, unknown, of the wrong type or out of range, and for a version that it cannot read.
 */
export function parseModel(json: unknown, where: string): Model {
  const root: Place = { file: where, path: '', isLenient: false };
  const version = isReadableVersion(isRecord(json, root)['formatVersion'], below(root, 'formatVersion'));
  return isModel(json, { ...root, isLenient: isNewer(version) });
}

const isFileTable = isObject((files): Model['files'] => {
  const table: Partial<Record<FileRole, ModelFile>> = {};
  for (const role of fileRoles) {
    const file = files.get(role, (value, at) => (value === undefined ? null : isFile(value, at)));
    if (file !== null) table[role] = file;
  }
  return { ...table, generator: files.get('generator', isFile) };
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

/** Figures. In a newer minor version, figures of unknown files are skipped, as the files are. */
const isParityFigures: Check<readonly ParityFigure[]> = (value, place) =>
  isListOf(isRecord)(value, place).flatMap((figure, i) => {
    const isKnown = fileRoles.some((role) => role === figure['role']);
    return place.isLenient && !isKnown ? [] : [isParityFigure(figure, below(place, i))];
  });

/** A record of texts, finite numbers and booleans. */
const isSettings = isRecordOf<string | number | boolean>((item, at) => {
  if (typeof item === 'boolean') return item;
  return typeof item === 'number' ? isNumber()(item, at) : isText(item, at);
});

/** The key `origin` of `model.json`. */
export const isOrigin = isObject((origin): Origin => ({
  format: origin.get('format', isText),
  files: origin.get('files', isListOf(isFileCalled(isText), 1)),
  producer: origin.get('producer', isNullOr(isText)),
  settings: origin.get('settings', isSettings),
}));

/** At least one setting. */
const isProtocol: Check<Metric['protocol']> = (value, place) => {
  const protocol = isSettings(value, place);
  if (Object.keys(protocol).length === 0) throw refuse(value, 'at least one entry', place);
  return protocol;
};

const isMetric = isObject((metric): Metric => ({
  name: metric.get('name', isText),
  value: metric.get('value', isNumber()),
  protocol: metric.get('protocol', isProtocol),
}));

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

const isCalibration = isObject((calibration): Calibration => ({
  scale: calibration.get('scale', isNumber(Number.MIN_VALUE)),
  offset: calibration.get('offset', isNumber()),
  protocol: calibration.get('protocol', isProtocol),
}));

const isModel = isObject((model): Model => {
  const latent = model.get(
    'latent',
    isObject((fields) => ({
      dim: fields.get('dim', isWhole(1, 65536)),
      distribution: fields.get('distribution', isOneOf('uniform', 'normal')),
    })),
  );
  const training = model.get('training', isNullOr(isTraining));
  const isSide = isWhole(1, 4096);
  // Before 1.5, all images were squares of this side.
  const side = model.get('imageSize', (value, at) => (value === undefined ? undefined : isSide(value, at)));
  return {
    formatVersion: model.get('formatVersion', isText),
    name: model.get('name', isText),
    width: model.get('width', (value, at) => isSide(value ?? side, at)),
    height: model.get('height', (value, at) => isSide(value ?? side, at)),
    channels: model.get('channels', isOneOf(1, 3, 4)),
    latent,
    conditioning: model.get('conditioning', isNullOr(isConditioning)),
    files: model.get('files', isFileTable),
    training,
    // Since 1.4.
    origin: model.get('origin', (value, at) =>
      training === null ? isOrigin(value, at) : isNullOr(isOrigin)(value ?? null, at),
    ),
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
    // Since 1.6.
    calibration: model.get('calibration', (value, at) => isNullOr(isCalibration)(value ?? null, at)),
    // Since 1.6; `parseTrainable` checks it.
    trainable: model.get('trainable', (value) => value ?? null),
  };
});
