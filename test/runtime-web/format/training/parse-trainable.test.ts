// The check of a package's networks to train: what the trainer writes passes, and every value that is out of place is named.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ModelFormatError } from '../../../../runtime-web/format/model-format-error.ts';
import { checkPoints } from '../../../../runtime-web/format/training/check-points.ts';
import { parseTrainable } from '../../../../runtime-web/format/training/parse-trainable.ts';
import { trainableRecord } from '../../../../trainer/export/trainable-record.ts';
import { modelOf, planTraining } from '../../../../trainer/training/plan.ts';
import { planeConfig, planPlane } from '../../../../trainer/training/plane-plan.ts';
import { smallConfig } from '../../../shared/small-config.ts';

const test = suite('parseTrainable()');
const config = { ...smallConfig, augment: 'ada', dropout: 0.5, r1: 1, r1Every: 4 };
const file = { file: 'step.onnx', bytes: 1, sha256: '0'.repeat(64) };

/** A new record of {@link config}, as JSON. */
function record(): Record<string, unknown> {
  const files = { step: file, stepRegularised: file, sample: file, statistics: file };
  return JSON.parse(
    JSON.stringify({
      ...{ formatVersion: '1.6', name: 'tiny', width: 16, height: 16, channels: 3 },
      ...modelOf(config, null),
      trainable: { files, ...trainableRecord(config, planTraining(config)), parity: [] },
    }),
  ) as Record<string, unknown>;
}

/** The message for a record in which the value at a path is another; undefined removes it. */
function messageOf(path: string, value: unknown): string {
  const json = record();
  const keys = path.split('.');
  let at = json;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(at, keys.at(-1)!);
  else at[keys.at(-1)!] = value;
  try {
    parseTrainable(json, 'model.json');
    return '';
  } catch (error) {
    assert.instance(error, ModelFormatError);
    return (error as Error).message;
  }
}

test('a record that the trainer writes is returned as it is', () => {
  const json = record();
  const { trainable } = parseTrainable(json, 'model.json');
  assert.equal(trainable, json['trainable']);
  assert.equal(
    trainable.phases.map(({ file: role, due }) => [role, due]),
    [
      ['step', [{ every: 4, isDue: false }]],
      ['stepRegularised', [{ every: 4, isDue: true }]],
    ],
  );
  assert.equal(trainable.ada, { target: 0.6, images: 500_000 });
});

for (const [path, value, expected] of [
  [
    'trainable',
    undefined,
    'trainable: got nothing, expected networks to train, as export --trainable writes them',
  ],
  ['formatVersion', '2.0', 'made by a newer version'],
  ['width', 0, 'width: got 0'],
  ['trainable.files.step', undefined, 'trainable.phases[0].file: got "step", expected the role of a file'],
  ['trainable.files.sample', undefined, 'got "sample", expected the role of a file'],
  ['trainable.files.statistics', undefined, 'got "statistics", expected the role of a file'],
  [
    'trainable.files.step',
    { ...file, file: '../step.onnx' },
    'trainable.files.step.file: got "../step.onnx"',
  ],
  ['trainable.files.other', file, 'trainable.files.other: got'],
  ['trainable.batch', 0, 'trainable.batch: got 0'],
  ['trainable.seed', -1, 'trainable.seed: got -1'],
  ['trainable.state', [], 'trainable.state: got [], expected a list of at least 1'],
  ['trainable.state.0.shape', [-1, 4], 'trainable.state[0].shape[0]: got -1'],
  ['trainable.state.0.shape', [65_536, 65_536], 'expected a shape of at most 8 axes and 268435456 numbers'],
  [
    'trainable.state.0.initial',
    { kind: 'normal', mean: 0 },
    'trainable.state[0].initial.deviation: got nothing',
  ],
  ['trainable.state.0.initial', { kind: 'copy', of: 'averaged/x' }, 'of an entry before this one'],
  ['trainable.state.0.initial', { kind: 'values', values: [1] }, 'of an entry before this one'],
  ['trainable.state.1.name', 'generator/project/kernel', 'a name that is not in the list already'],
  ['trainable.state.0.name', '__proto__', 'trainable.state[0].name: got "__proto__"'],
  [
    'trainable.phases.0.draws.0.inputs',
    JSON.parse('{"__proto__":[1]}'),
    'trainable.phases[0].draws[0].inputs: got "__proto__", expected a name',
  ],
  ['trainable.phases', [], 'trainable.phases: got [], expected a list of at least 1'],
  ['trainable.phases.1.updates', 'discriminator', "expected 'both' in the last phase"],
  ['trainable.phases.0.times', 1e6, 'trainable.phases[0].times: got 1000000'],
  ['trainable.phases.0.due.0.every', 0, 'trainable.phases[0].due[0].every: got 0'],
  ['trainable.phases.0.draws.0.kind', 'pictures', 'trainable.phases[0].draws[0].kind: got "pictures"'],
  [
    'trainable.phases.0.draws.0.inputs.real',
    [1e10],
    'trainable.phases[0].draws[0].inputs.real[0]: got 10000000000',
  ],
  ['trainable.phases.0.draws.1.extra', 1, 'trainable.phases[0].draws[1].extra: got 1, expected no such key'],
  ['trainable.schedule.beta2', 1.5, 'trainable.schedule.beta2: got 1.5, expected a number from 0 to 1'],
  ['trainable.schedule.schedule', 'steep', 'trainable.schedule.schedule: got "steep"'],
  ['trainable.statistics.latents', 0, 'trainable.statistics.latents: got 0'],
  ['trainable.logit', 'odds', 'trainable.logit: got "odds"'],
  ['trainable.config', [], 'trainable.config: got [], expected an object'],
] as const) {
  test(`${path} = ${JSON.stringify(value) ?? 'nothing'} is refused`, () => {
    const message = messageOf(path, value);
    assert.ok(message.startsWith('model.json: '), message);
    assert.ok(message.includes(expected), `${message}\nexpected: ${expected}`);
  });
}

test('keys of a newer minor version are ignored', () => {
  const json = record();
  json['formatVersion'] = '1.999';
  (json['trainable'] as Record<string, unknown>)['later'] = 1;
  assert.not('later' in parseTrainable(json, 'model.json').trainable);
});

/** A record of networks for points, as JSON, with another value at a path of `trainable`; undefined removes it. */
function messageOfPoints(change: (json: { data?: string; trainable: PointsRecord }) => void): string {
  const points = planeConfig({ objective: 'wgan-gp', criticSteps: 5 });
  const files = { step: file, critic: file, sample: file, judge: file, field: file };
  const json = JSON.parse(
    JSON.stringify({
      ...{ formatVersion: '1.6', name: 'points', data: 'points', ...modelOf(points, null) },
      trainable: { files, ...trainableRecord(points, planPlane(points)), parity: [] },
    }),
  ) as { data?: string; trainable: PointsRecord };
  change(json);
  try {
    const parsed = parseTrainable(json, 'model.json');
    checkPoints(parsed, 'model.json');
    const { data, width, height, channels, conditioning } = parsed;
    return [data, width, height, channels, conditioning].join();
  } catch (error) {
    assert.instance(error, ModelFormatError);
    return (error as Error).message;
  }
}

interface PointsRecord {
  files: Record<string, unknown>;
  flip: boolean;
  ada: unknown;
  state: { shape: number[]; initial: { gain: number } }[];
  phases: { draws: { kind: string; inputs: Record<string, number[]> }[] }[];
}

test('a package for points has no images, and nothing that only images have', () => {
  assert.is(
    messageOfPoints(() => undefined),
    'points,2,1,1,',
  );
  for (const [change, expected] of [
    [(json) => delete json.data, 'width: got nothing'],
    [(json) => (json.data = 'sounds'), 'data: got "sounds", expected "images"'],
    [
      ({ trainable }) => delete trainable.files['field'],
      'trainable.files.field: got nothing, expected a file',
    ],
    [
      ({ trainable }) => delete trainable.files['judge'],
      'trainable.files.judge: got nothing, expected a file',
    ],
    [({ trainable }) => (trainable.flip = true), 'trainable.flip: got true, expected false for points'],
    [
      ({ trainable }) => (trainable.ada = { target: 0.6, images: 1 }),
      'trainable.ada: got {"target":0.6,"images":1}, expected null for points',
    ],
    [
      ({ trainable }) => (trainable.phases[1]!.draws[0]!.inputs['real'] = [256, 3]),
      'trainable.phases[1].draws[0].inputs: got [256,3], expected [256, 2]',
    ],
    [
      ({ trainable }) => (trainable.phases[0]!.draws[1]!.kind = 'condition'),
      'draws[1].kind: got "condition", expected images, normal, uniform, scheduled for points',
    ],
    [
      ({ trainable }) => (trainable.state[0]!.shape = [4, 4, 4]),
      'trainable.state[0].shape: got [4,4,4], expected a matrix',
    ],
    [({ trainable }) => (trainable.state[0]!.initial.gain = -1), 'trainable.state[0].initial.gain: got -1'],
  ] as readonly (readonly [Parameters<typeof messageOfPoints>[0], string])[])
    assert.ok(messageOfPoints(change).includes(expected), messageOfPoints(change));
});

test.run();
