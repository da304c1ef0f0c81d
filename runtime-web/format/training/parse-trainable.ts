// The validator of a package's networks to train. The trainer checks what it writes with it, and whoever trains what it reads.
import {
  below,
  isListOf,
  isMatch,
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
} from '../fields.ts';
import { latentDistributions } from '../random.ts';
import type { ModelFile } from '../model.ts';
import { isFile } from '../file-entry.ts';
import { isNewer, isReadableVersion } from '../format-version.ts';
import { isConditioning } from '../parse-conditioning.ts';
import type { DrawKind, InputDraw } from './draws.ts';
import type { Initial, StateEntry } from './initial-state.ts';
import { lengthOfShape, type Shapes } from './tensors.ts';
import {
  pointShape,
  trainingRoles,
  type Trainable,
  type TrainablePackage,
  type TrainingFigure,
  type TrainingPhase,
  type TrainingRole,
  type UpdateRole,
} from './trainable.ts';

/** Limit of the numbers of a state, and of one input: 1 GiB of float32. */
const maxLength = 2 ** 28;

/** A shape of at most {@link maxLength} numbers. */
const isShape: Check<readonly number[]> = (value, place) => {
  const shape = isListOf(isWhole(1, maxLength))(value, place);
  if (shape.length <= 8 && lengthOfShape(shape) <= maxLength) return shape;
  throw refuse(value, `a shape of at most 8 axes and ${maxLength} numbers`, place);
};

/** A path-like name, which no object has by itself. */
const isName = isMatch(/^[a-z][A-Za-z0-9._/-]{0,199}$/, 'a name such as "generator/block1/kernel"');

/** Shapes by name. */
const isShapes: Check<Shapes> = (value, place) => {
  const shapes = isRecordOf(isShape)(value, place);
  for (const name of Object.keys(shapes)) isName(name, place);
  return shapes;
};

const isYesOrNo = isOneOf(true, false);
const isShare: Check<number> = (value, place) => {
  const number = isNumber(0)(value, place);
  if (number > 1) throw refuse(value, 'a number from 0 to 1', place);
  return number;
};

const isInitial = isObject(({ get }): Initial => {
  const kind = get('kind', isOneOf('normal', 'constant', 'values', 'copy', 'unit', 'orthogonal'));
  if (kind === 'normal')
    return { kind, mean: get('mean', isNumber()), deviation: get('deviation', isNumber(0)) };
  if (kind === 'constant') return { kind, value: get('value', isNumber()) };
  if (kind === 'values') return { kind, values: get('values', isListOf(isNumber(), 1)) };
  if (kind === 'orthogonal') return { kind, gain: get('gain', isNumber(0)) };
  return kind === 'copy' ? { kind, of: get('of', isName) } : { kind };
});

const isStateEntry = isObject(({ get }): StateEntry => ({
  name: get('name', isName),
  shape: get('shape', isShape),
  initial: get('initial', isInitial),
}));

/** Entries of distinct names, which copy only entries of their size before them. */
const isState: Check<readonly StateEntry[]> = (value, place) => {
  const entries = isListOf(isStateEntry, 1)(value, place);
  const lengths = new Map<string, number>();
  let total = 0;
  entries.forEach(({ name, shape, initial }, i) => {
    const at = below(place, i);
    if (initial.kind === 'orthogonal' && shape.length !== 2)
      throw refuse(shape, 'a matrix, whose vectors are orthogonal', below(at, 'shape'));
    if (lengths.has(name)) throw refuse(name, 'a name that is not in the list already', below(at, 'name'));
    const length = lengthOfShape(shape);
    const given =
      initial.kind === 'copy'
        ? lengths.get(initial.of)
        : initial.kind === 'values'
          ? initial.values.length
          : length;
    if (given !== length)
      throw refuse(initial, `${length} numbers, of an entry before this one`, below(at, 'initial'));
    lengths.set(name, length);
    total += length;
  });
  if (total > maxLength) throw refuse(total, `at most ${maxLength} numbers in all`, place);
  return entries;
};

const isDraw = isObject(({ get }): InputDraw => {
  const kind = get(
    'kind',
    isOneOf(
      ...(['images', 'condition', 'normal', 'uniform', 'dropout', 'mixing'] as const),
      ...(['diffaugment', 'ada', 'growth', 'scheduled'] as const),
    ),
  );
  const inputs = get('inputs', isShapes);
  const draw = ((): DrawKind => {
    switch (kind) {
      case 'normal': {
        const every = get('every', (given, at) => (given === undefined ? null : isWhole(1)(given, at)));
        return every === null ? { kind } : { kind, every };
      }
      case 'uniform': {
        const least = get('least', isNumber());
        return { kind, least, most: get('most', isNumber(least)) };
      }
      case 'dropout':
      case 'mixing':
        return { kind, rate: get('rate', isShare) };
      case 'diffaugment':
        return { kind, probability: get('probability', isShare) };
      case 'ada':
        return { kind, probability: get('probability', isNullOr(isShare)) };
      case 'growth':
        return {
          kind,
          resolution: get('resolution', isWhole(1)),
          fade: get(
            'fade',
            isNullOr(
              isObject((fade) => ({
                firstStep: fade.get('firstStep', isWhole(1)),
                steps: fade.get('steps', isWhole(1)),
              })),
            ),
          ),
        };
      default:
        return { kind };
    }
  })();
  return { ...draw, inputs };
});

const isPhase = isObject(({ get }): TrainingPhase => ({
  file: get(
    'file',
    isOneOf<UpdateRole>(
      'step',
      'stepRegularised',
      'stepPath',
      'stepRegularisedPath',
      'critic',
      'criticRegularised',
    ),
  ),
  updates: get('updates', isOneOf('discriminator', 'both')),
  times: get('times', isWhole(1, 100)),
  due: get(
    'due',
    isListOf(
      isObject((due) => ({ every: due.get('every', isWhole(1)), isDue: due.get('isDue', isYesOrNo) })),
    ),
  ),
  draws: get('draws', isListOf(isDraw, 1)),
  outputs: get('outputs', isListOf(isName)),
}));

const isSchedule = isObject(({ get }): Trainable['schedule'] => ({
  batch: get('batch', isWhole(1)),
  criticSteps: get('criticSteps', isWhole(1, 100)),
  learningRate: get('learningRate', isNumber(0)),
  discriminatorLearningRate: get('discriminatorLearningRate', isNullOr(isNumber(0))),
  schedule: get('schedule', isOneOf('constant', 'linear', 'cosine')),
  learningRateEnd: get('learningRateEnd', isNumber(0)),
  burnIn: get('burnIn', isNumber(0)),
  warmup: get('warmup', isWhole(0)),
  beta2: get('beta2', isShare),
  beta2End: get('beta2End', isNullOr(isShare)),
  penaltyEnd: get('penaltyEnd', isNumber(0)),
  averageDecay: get('averageDecay', isNullOr(isShare)),
  averageHalfLife: get('averageHalfLife', isNullOr(isNumber(0))),
  averageRampUp: get('averageRampUp', isNumber(0)),
}));

const isStatistics = isObject(({ get }): NonNullable<Trainable['statistics']> => ({
  latents: get('latents', isWhole(1)),
  batch: get('batch', isWhole(1)),
  seed: get('seed', isWhole(0)),
  means: get('means', isListOf(isName)),
  moments: get(
    'moments',
    isListOf(
      isObject((names) => ({ mean: names.get('mean', isName), variance: names.get('variance', isName) })),
    ),
  ),
}));

const isFigure = isObject(({ get }): TrainingFigure => ({
  role: get('role', isOneOf(...trainingRoles)),
  runtime: get('runtime', isText),
  against: get('against', isText),
  maxDifference: get('maxDifference', isNumber(0)),
  tolerance: get('tolerance', isNumber(0)),
}));

const isFileTable = isObject((files): Trainable['files'] => {
  const table: Partial<Record<TrainingRole, ModelFile>> = {};
  for (const role of trainingRoles) {
    const file = files.get(role, (value, at) => (value === undefined ? null : isFile(value, at)));
    if (file !== null) table[role] = file;
  }
  return table;
});

/** The record, whose phases have their files. */
const isTrainable = isObject(({ get }, place): Trainable => {
  const files = get('files', isFileTable);
  const needed = (role: TrainingRole, at: Place): void => {
    if (files[role] === undefined) throw refuse(role, 'the role of a file of trainable.files', at);
  };
  const phases = get('phases', isListOf(isPhase, 1));
  phases.forEach(({ file }, i) => needed(file, below(below(below(place, 'phases'), i), 'file')));
  if (phases.at(-1)!.updates !== 'both')
    throw refuse(phases.at(-1)!.updates, "'both' in the last phase", below(place, 'phases'));
  needed('sample', below(place, 'files'));
  const statistics = get('statistics', isNullOr(isStatistics));
  if (statistics !== null) needed('statistics', below(place, 'files'));
  return {
    files,
    method: get('method', isText),
    seed: get('seed', isWhole(0)),
    batch: get('batch', isWhole(1, 65_536)),
    flip: get('flip', isYesOrNo),
    state: get('state', isState),
    phases,
    schedule: get('schedule', isSchedule),
    ada: get(
      'ada',
      isNullOr(
        isObject((ada) => ({ target: ada.get('target', isNumber()), images: ada.get('images', isWhole(1)) })),
      ),
    ),
    statistics,
    logit: get('logit', isOneOf('probability', 'score')),
    config: get('config', isRecord),
    parity: get('parity', isListOf(isFigure)),
  };
});

/**
 * Checks the parts of a parsed `model.json` that training needs; messages name the file `where`. Throws ModelFormatError for the first
 * value that is missing, of the wrong type or out of range, for a package without networks to train, and for a version that it cannot
 * read.
 */
export function parseTrainable(json: unknown, where: string): TrainablePackage {
  const root: Place = { file: where, path: '', isLenient: false };
  const given = isRecord(json, root);
  const get = <T>(key: string, check: Check<T>, isLenient = false): T =>
    check(given[key], { ...below(root, key), isLenient });
  const version = get('formatVersion', isReadableVersion);
  const isLenient = isNewer(version);
  if (given['trainable'] == null)
    throw refuse(
      given['trainable'],
      'networks to train, as export --trainable writes them',
      below(root, 'trainable'),
    );
  const data = get('data', (value, at) =>
    value === undefined ? 'images' : isOneOf('images', 'points')(value, at),
  );
  const shared = {
    name: get('name', isText),
    data,
    latent: get(
      'latent',
      isObject((latent) => ({
        dim: latent.get('dim', isWhole(1, 65_536)),
        distribution: latent.get('distribution', isOneOf(...latentDistributions)),
      })),
      isLenient,
    ),
  };
  if (data === 'points') {
    return {
      ...shared,
      ...pointShape,
      conditioning: null,
      trainable: get('trainable', isTrainable, isLenient),
    };
  }
  return {
    ...shared,
    width: get('width', isWhole(1, 4096)),
    height: get('height', isWhole(1, 4096)),
    channels: get('channels', isOneOf(1, 3, 4)),
    conditioning: get('conditioning', isNullOr(isConditioning), isLenient),
    trainable: get('trainable', isTrainable, isLenient),
  };
}
