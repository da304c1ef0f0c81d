// The protocol on known features, against scikit-learn's scaler and SVM.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import type { FeatureSet } from '../../../trainer/analysis/features/feature-set.ts';
import {
  evaluateFeatures,
  type ProtocolOptions,
  type Task,
} from '../../../trainer/analysis/features/protocol.ts';
import { datasetOf } from '../../../trainer/data/dataset.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { assertClose } from '../../shared/closeness.ts';
import { refuses } from '../../data/collected.ts';
import { syntheticSource } from '../../data/synthetic-source.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('evaluateFeatures()');
const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
// Image i is filled with the bytes of i, and of class i % 3.
const dataset = await datasetOf(syntheticSource({ count: 400, classes: 3 }), {
  ...square(2),
  channels: 1,
  cacheFolder: temporaryFolder(),
});
test.after(async () => {
  await dataset.close();
  await engine.dispose();
});

const noise = (i: number, f: number): number =>
  ((i * 7919 + f * f * 104729 + i * (f + 1) * 31) % 1009) / 1009 - 0.5;
/** Five features of each image, made of its number alone. */
const known: FeatureSet = {
  name: 'known',
  title: 'known features',
  features: 5,
  batch: 7,
  async extract(images) {
    const byte = (at: number): number => Math.round((images[at]! + 1) * 127.5);
    return Promise.resolve(
      Float32Array.from({ length: 35 }, (_, at) => {
        const [image, f] = [Math.floor(at / 5), at % 5];
        const i = byte(4 * image) + 256 * byte(4 * image + 1);
        return 100 * f + (f + 1) * (noise(i, f) + (i % 3 === f % 3 ? 0.5 : 0));
      }),
    );
  },
  close: async () => undefined,
};

const numbers = Array.from({ length: 400 }, (_, i) => i);
const labelled = {
  dataset,
  names: ['class 0', 'class 1', 'class 2'],
  labels: Int32Array.from(numbers, (i) => i % 3),
};
const learned = numbers.filter((i) => i % 4 !== 3);
const task: Task = {
  train: labelled,
  split: {
    fit: Int32Array.from(learned.slice(0, 240)),
    heldOut: Int32Array.from(learned.slice(240)),
    test: new Int32Array(),
  },
  test: labelled,
  testIndices: Int32Array.from(numbers.filter((i) => i % 4 === 3)),
  learnsHeldOut: true,
};
const judge = (options: Partial<ProtocolOptions> = {}, set = known) =>
  evaluateFeatures(set, {
    engine,
    task,
    C: 0.1,
    standardises: true,
    memoryBytes: 2 ** 20,
    random: new Random(1),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...options,
  });

test("with C fixed, every prediction is that of scikit-learn's StandardScaler and LinearSVC", async () => {
  // scikit-learn 1.9.1; features(i) as above, train = i[i % 4 != 3], test = i[i % 4 == 3]:
  //   s = StandardScaler().fit(features(train))
  //   m = LinearSVC(loss='squared_hinge', dual=True, C=0.1, tol=1e-9, max_iter=1000000).fit(s.transform(features(train)), train % 3)
  //   confusion_matrix(test % 3, m.predict(s.transform(features(test))))
  const outcome = await judge();
  assert.equal(outcome.confusion, [
    [31, 2, 1],
    [2, 28, 3],
    [2, 2, 29],
  ]);
  assertClose([outcome.accuracy], [0.88], 1e-12, 'accuracy');
  assert.equal([outcome.featureCount, outcome.C, outcome.choices, outcome.isConverged], [5, 0.1, [], true]);
});

test('without C it selects the value that is best on the held-out images', async () => {
  const jobs: string[] = [];
  const { C, choices, accuracy } = await judge({ C: null, onProgress: (job) => jobs.push(job) });
  assert.ok(choices.length >= 3, `${choices.length} tried`);
  const best = Math.max(...choices.map((choice) => choice.accuracy));
  assert.is(C, choices.find((choice) => choice.accuracy === best)!.C);
  // Standardised rows have a squared length of 5 and the bias' 1.
  assertClose([choices[0]!.C, choices[1]!.C], [0.03 / 6, (0.03 * Math.sqrt(10)) / 6], 1e-5, 'the first two');
  assert.ok(accuracy > 0.8, `${accuracy}`);
  assert.ok(
    ['features of known', 'C for known', 'predictions from known'].every((job) => jobs.includes(job)),
  );
});

test('held-out labels that are not trained on affect C only', async () => {
  const few: Task = { ...task, learnsHeldOut: false };
  const scrambled = Int32Array.from(labelled.labels);
  for (const i of task.split.heldOut) scrambled[i] = (scrambled[i]! + 1) % 3;
  const train = { ...labelled, labels: scrambled };
  const [one, other] = [await judge({ task: few }), await judge({ task: { ...few, train } })];
  assert.equal(one.confusion, other.confusion);
  const all = await judge({ task: { ...task, train } });
  assert.not.equal(all.confusion, one.confusion);
});

test('without standardisation, features far from zero give a lower accuracy', async () => {
  const { accuracy } = await judge({ standardises: false });
  assert.ok(accuracy < 0.88, `${accuracy}`);
});

test('a feature that is not a number is refused before anything is learned, with its image', async () => {
  const broken: FeatureSet = {
    ...known,
    extract: async (images) => (await known.extract(images)).map((value, at) => (at === 12 ? NaN : value)),
  };
  await refuses(judge({}, broken), /known features: image 2 of numbers gives a feature that is not a number/);
  await refuses(judge({ memoryBytes: 100 }), /300 images of 5 features take/);
});

test.run();
