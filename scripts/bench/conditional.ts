// `npm run bench:conditional`: what models of classes and of codes have learned, by a classifier that was trained on real images.
// Of classes: how often it sees the class that was asked for; with --few, what pictures of the model are worth as training data
// beside few real ones. Of codes: how pure each choice is.
import process from 'node:process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDataset } from '../../trainer/data/dataset.ts';
import { testPartOf } from '../../trainer/data/test-part.ts';
import { Permutation } from '../../trainer/data/permutation.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { openPackageGenerator } from '../../trainer/model-package/draw-latents.ts';
import { openPackage, type ModelPackage } from '../../trainer/model-package/read-package.ts';
import { seedInputs } from '../../trainer/training/seed-inputs.ts';
import { trainClassJudge, type LabelledPictures } from './class-judge.ts';
import { toBytes } from '../../trainer/pictures/pixels.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', multiple: true },
    samples: { type: 'string', default: '5000' },
    steps: { type: 'string', default: '4000' },
    few: { type: 'string' },
    synthetic: { type: 'string', default: '10000' },
    seeds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const refuse = (message: string): never => {
  console.error(`error: ${message}`);
  process.exit(2);
};
const whole = (flag: string, text: string): number => {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : refuse(`--${flag}: got ${text}, expected a whole number above 0`);
};
const data = resolve(flags.data ?? refuse('--data: expected the path of labelled images, Fashion-MNIST say'));
const models = flags.model ?? refuse('--model: expected a model of classes or of codes, or several');
const [samples, steps] = [whole('samples', flags.samples), whole('steps', flags.steps)];
const seeds = whole('seeds', flags.seeds);
const signal = new AbortController().signal;
const opened = await Promise.all(models.map((path) => openPackage(resolve(path))));
const { imageSize, channels } = opened[0]!.model;
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

/** All pictures of a data set, in an order at random. */
async function read(path: string): Promise<LabelledPictures & { readonly names: readonly string[] }> {
  const dataset = await openDataset({ data: path, imageSize, channels, signal });
  try {
    const names = dataset.classNames ?? refuse(`--data ${path}: has no classes`);
    const order = new Permutation(dataset.count, [7, 0x5eed]);
    const indices = Array.from({ length: dataset.count }, (_, i) => order.at(i));
    const pixels = new Uint8Array(dataset.count * imageSize * imageSize * channels);
    const labels = new Int32Array(dataset.count);
    await dataset.readInto(indices, pixels, labels);
    return { imageSize, channels, pixels, labels, names };
  } finally {
    await dataset.close();
  }
}

/** Pictures of seeds, with the class or the first choice that each had. */
async function draw(model: ModelPackage, first: number, count: number): Promise<LabelledPictures> {
  const generator = await openPackageGenerator(model);
  try {
    const pixels = new Uint8Array(count * imageSize * imageSize * channels);
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
    return { imageSize, channels, pixels, labels };
  } finally {
    await generator.dispose();
  }
}

const train = await read(data);
const test = await read((await testPartOf(data)) ?? refuse(`--data ${data}: has no test part`));
const classes = train.names.length;
const { engine } = await selectEngine({ engine: 'auto', threads: null });
const judge = await trainClassJudge(train, { engine, classes, steps, seed: 1 });
const results: Record<string, unknown> = { data, judge: await judge.accuracy(test) };
say(
  `the judge is right about ${percent(Number(results['judge']))} of ${test.labels.length} real test images`,
);
for (const model of opened) {
  const { name, conditioning } = model.model;
  const drawn = await draw(model, 0, samples);
  const found = await judge.judge(drawn.pixels, samples);
  /** Pictures by what was asked for and by what the judge sees. */
  const columns =
    conditioning?.kind === 'classes' ? classes : Math.max(...drawn.labels.map((label) => label + 1));
  const table = Array.from({ length: columns }, () => new Array<number>(classes).fill(0));
  found.forEach((label, i) => (table[drawn.labels[i]!]![label]! += 1));
  if (conditioning?.kind === 'classes') {
    const right = table.reduce((sum, row, label) => sum + row[label]!, 0) / samples;
    results[name] = { agreement: right, byClass: table.map((row, label) => row[label]! / total(row)) };
    say(`${name}: the judge sees the class that was asked for in ${percent(right)} of ${samples} pictures`);
    table.forEach((row, label) =>
      say(`  ${train.names[label]}: ${percent(row[label]! / Math.max(1, total(row)))}`),
    );
  } else {
    const pure = table.reduce((sum, row) => sum + Math.max(...row), 0) / samples;
    const mostly = table.map((row) => train.names[row.indexOf(Math.max(...row))]!);
    results[name] = { purity: pure, mostly };
    say(
      `${name}: purity of the first choice ${pure.toFixed(3)}, ${new Set(mostly).size} classes are most of a choice`,
    );
    table.forEach((row, choice) =>
      say(`  ${choice}: ${mostly[choice]}, ${percent(Math.max(...row) / Math.max(1, total(row)))}`),
    );
  }
}
await judge.dispose();

if (flags.few !== undefined) {
  const model =
    opened.find(({ model: { conditioning } }) => conditioning?.kind === 'classes') ??
    refuse('--few: expected a model of classes among --model');
  const synthetic = await draw(model, 0, whole('synthetic', flags.synthetic));
  say(
    `a classifier by how many real images it had, without and with ${synthetic.labels.length} of the model's`,
  );
  const rows: { real: number; without: number[]; withSynthetic: number[] }[] = [];
  for (const real of flags.few.split(',').map((text) => whole('few', text.trim()))) {
    const row = { real, without: [] as number[], withSynthetic: [] as number[] };
    for (let seed = 1; seed <= seeds; seed++) {
      const few = cut(train, ((seed - 1) * real) % Math.max(1, train.labels.length - real), real);
      for (const [list, pictures] of [
        [row.without, few],
        [row.withSynthetic, mixed(few, synthetic)],
      ] as const) {
        const trained = await trainClassJudge(pictures, { engine, classes, steps: steps / 2, seed });
        list.push(await trained.accuracy(test));
        await trained.dispose();
      }
    }
    rows.push(row);
    const list = (values: readonly number[]): string => values.map(percent).join(', ');
    say(`  ${real} real: ${list(row.without)}; with synthetic ones ${list(row.withSynthetic)}`);
  }
  results['few'] = rows;
}
await engine.dispose();
if (flags.json) console.log(JSON.stringify(results));

function cut({ pixels, labels, ...rest }: LabelledPictures, first: number, count: number): LabelledPictures {
  const length = pixels.length / labels.length;
  return {
    ...rest,
    pixels: pixels.subarray(first * length, (first + count) * length),
    labels: labels.subarray(first, first + count),
  };
}

/** Both, the real ones as often as the synthetic ones in all. */
function mixed(real: LabelledPictures, synthetic: LabelledPictures): LabelledPictures {
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
