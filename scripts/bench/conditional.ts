// `npm run bench -- conditional`: evaluates conditional models by a classifier trained on real images. For models of classes: the
// share of images classified as the requested class and, with --few, the accuracy of classifiers trained on few real images,
// without and with generated ones. For models of codes: the purity of each choice.
import { resolve } from 'node:path';
import { openDataset } from '../../trainer/data/dataset.ts';
import { testPartOf } from '../../trainer/data/test-part.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { openPackageGenerator } from '../../trainer/model-package/draw-latents.ts';
import { openPackage, type ModelPackage } from '../../trainer/model-package/read-package.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import {
  listOf,
  option,
  readFlags,
  refuse,
  repeated,
  required,
  text,
  toggle,
  wholeNumber,
} from '../flags.ts';
import { trainClassEvaluator, type LabelledImages } from './class-evaluator.ts';
import { toBytes } from '../../trainer/pictures/pixels.ts';
import { held } from '../../trainer/held.ts';

const flags = readFlags({
  data: required(text, 'the path of labelled images, e.g. Fashion-MNIST'),
  model: repeated(text),
  samples: option(wholeNumber(), '5000'),
  steps: option(wholeNumber(), '4000'),
  few: option(listOf(wholeNumber())),
  synthetic: option(wholeNumber(), '10000'),
  seeds: option(wholeNumber(), '3'),
  json: toggle,
});
const { model: models, samples, steps, seeds } = flags;
const data = resolve(flags.data);
if (models.length === 0) refuse('--model: expected a model of classes or of codes, or several');
const signal = new AbortController().signal;
const opened = await Promise.all(models.map((path) => openPackage(resolve(path))));
const { width, height, channels } = opened[0]!.model;
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

/** All images of a data set, in random order. */
async function read(path: string): Promise<LabelledImages & { readonly names: readonly string[] }> {
  await using dataset = held(await openDataset({ data: path, width, height, channels, signal }));
  const names = dataset.classNames ?? refuse(`--data ${path}: has no classes`);
  const order = new Permutation(dataset.count, [7, 0x5eed]);
  const indices = Array.from({ length: dataset.count }, (_, i) => order.at(i));
  const pixels = new Uint8Array(dataset.count * width * height * channels);
  const labels = new Int32Array(dataset.count);
  await dataset.readInto(indices, pixels, labels);
  return { width, height, channels, pixels, labels, names };
}

/** Images of the seeds from `first` on, with the class or first choice of each. */
async function sample(model: ModelPackage, first: number, count: number): Promise<LabelledImages> {
  await using generator = held(await openPackageGenerator(model));
  const pixels = new Uint8Array(count * width * height * channels);
  const labels = new Int32Array(count);
  const size = 100;
  for (let at = 0; at < count; at += size) {
    const some = Array.from({ length: Math.min(size, count - at) }, (_, i) => first + at + i);
    const { z, labels: given, codes } = seedInputs(model.model, some);
    const rows = (given ?? codes)!;
    const { data: floats } = await generator.draw(
      z!.data as Float32Array,
      rows.data as Float32Array<ArrayBuffer>,
    );
    pixels.set(toBytes(floats as Float32Array), (at * floats.length) / some.length);
    const columns = rows.shape[1]!;
    some.forEach((_, i) => (labels[at + i] = rows.data.slice(i * columns, (i + 1) * columns).indexOf(1)));
  }
  return { width, height, channels, pixels, labels };
}

const train = await read(data);
const test = await read((await testPartOf(data)) ?? refuse(`--data ${data}: has no test part`));
const classes = train.names.length;
const { engine } = await selectEngine({ engine: 'auto', threads: null });
const evaluator = await trainClassEvaluator(train, { engine, classes, steps, seed: 1 });
const results: Record<string, unknown> = { data, judge: await evaluator.accuracy(test) };
say(
  `the evaluator classifies ${percent(Number(results['judge']))} of ${test.labels.length} real test images correctly`,
);
for (const model of opened) {
  const { name, conditioning } = model.model;
  const generated = await sample(model, 0, samples);
  const found = await evaluator.predict(generated.pixels, samples);
  const columns =
    conditioning?.kind === 'classes' ? classes : Math.max(...generated.labels.map((label) => label + 1));
  // Counts of images by requested class or choice, and by predicted class.
  const table = Array.from({ length: columns }, () => new Array<number>(classes).fill(0));
  found.forEach((label, i) => (table[generated.labels[i]!]![label]! += 1));
  if (conditioning?.kind === 'classes') {
    const right = table.reduce((sum, row, label) => sum + row[label]!, 0) / samples;
    results[name] = { agreement: right, byClass: table.map((row, label) => row[label]! / total(row)) };
    say(`${name}: ${percent(right)} of ${samples} images are classified as the requested class`);
    table.forEach((row, label) =>
      say(`  ${train.names[label]}: ${percent(row[label]! / Math.max(1, total(row)))}`),
    );
  } else {
    const pure = table.reduce((sum, row) => sum + Math.max(...row), 0) / samples;
    const mostly = table.map((row) => train.names[row.indexOf(Math.max(...row))]!);
    results[name] = { purity: pure, mostly };
    say(
      `${name}: purity of the first choice ${pure.toFixed(3)}, ${new Set(mostly).size} classes are the majority of a choice`,
    );
    table.forEach((row, choice) =>
      say(`  ${choice}: ${mostly[choice]}, ${percent(Math.max(...row) / Math.max(1, total(row)))}`),
    );
  }
}
await evaluator.dispose();

if (flags.few !== undefined) {
  const model =
    opened.find(({ model: { conditioning } }) => conditioning?.kind === 'classes') ??
    refuse('--few: expected a model of classes among --model');
  const synthetic = await sample(model, 0, flags.synthetic);
  say(
    `accuracy of classifiers by number of real images, without and with ${synthetic.labels.length} generated ones`,
  );
  const rows: { real: number; without: number[]; withSynthetic: number[] }[] = [];
  for (const real of flags.few) {
    const row = { real, without: [] as number[], withSynthetic: [] as number[] };
    for (let seed = 1; seed <= seeds; seed++) {
      const few = cut(train, ((seed - 1) * real) % Math.max(1, train.labels.length - real), real);
      for (const [list, images] of [
        [row.without, few],
        [row.withSynthetic, mixed(few, synthetic)],
      ] as const) {
        const trained = await trainClassEvaluator(images, { engine, classes, steps: steps / 2, seed });
        list.push(await trained.accuracy(test));
        await trained.dispose();
      }
    }
    rows.push(row);
    const list = (values: readonly number[]): string => values.map(percent).join(', ');
    say(`  ${real} real: ${list(row.without)}; with generated ones ${list(row.withSynthetic)}`);
  }
  results['few'] = rows;
}
await engine.dispose();
if (flags.json) console.log(JSON.stringify(results));

function cut({ pixels, labels, ...rest }: LabelledImages, first: number, count: number): LabelledImages {
  const length = pixels.length / labels.length;
  return {
    ...rest,
    pixels: pixels.subarray(first * length, (first + count) * length),
    labels: labels.subarray(first, first + count),
  };
}

/** Both sets, with the real images repeated until they are as many as the synthetic ones. */
function mixed(real: LabelledImages, synthetic: LabelledImages): LabelledImages {
  const times = Math.max(1, Math.round(synthetic.labels.length / real.labels.length));
  const parts = [...Array.from({ length: times }, () => real), synthetic];
  const joined = <T extends Uint8Array | Int32Array>(lists: readonly T[], made: T): T => {
    let at = 0;
    for (const list of lists) {
      made.set(list as never, at);
      at += list.length;
    }
    return made;
  };
  const lengthOf = (lists: readonly ArrayLike<unknown>[]): number =>
    lists.reduce((sum, list) => sum + list.length, 0);
  const [pixels, labels] = [parts.map((part) => part.pixels), parts.map((part) => part.labels)];
  return {
    ...real,
    pixels: joined(pixels, new Uint8Array(lengthOf(pixels))),
    labels: joined(labels, new Int32Array(lengthOf(labels))),
  };
}

function total(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value, 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
