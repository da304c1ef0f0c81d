// `npm run bench -- conditions`: how well generators of attributes and numbers obey, by a classifier trained on labelled images. Each
// image is generated with a row of the training data, by its seed.
import { resolve } from 'node:path';
import { trainEvaluator } from '../../trainer/analysis/attributes/classifiers.ts';
import { correlation } from '../../trainer/analysis/attributes/attribute-classifier.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { held } from '../../trainer/held.ts';
import { openPackageGenerator } from '../../trainer/model-package/draw-latents.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { option, readFlags, refuse, repeated, text, toggle, wholeNumber } from '../flags.ts';

const flags = readFlags({
  data: option(text, 'avatars'),
  labels: option(text),
  model: repeated(text),
  samples: option(wholeNumber(), '2000'),
  steps: option(wholeNumber(), '2000'),
  json: toggle,
});
const { samples, steps } = flags;
const signal = new AbortController().signal;
const models = await Promise.all(flags.model.map((path) => openPackage(resolve(path))));
const [first] = models;
if (first === undefined) refuse('--model: expected a model of attributes or numbers, or several of one size');
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

const { width, height, channels } = first.model;
const data = flags.data === 'avatars' ? flags.data : resolve(flags.data);
const labels = flags.labels === undefined ? null : resolve(flags.labels);
await using dataset = held(await openDataset({ data, labels, width, height, channels, signal }));
const progress = { show: () => undefined, close: () => undefined };
await using evaluator = held(
  await trainEvaluator({ dataset, engine: 'auto', seed: 0, steps, say, progress }, { signal }),
);
const known = evaluator.attributes.length;
const results: Record<string, unknown> = {};

for (const opened of models) {
  const { name, conditioning } = opened.model;
  if (conditioning?.kind !== 'attributes' && conditioning?.kind !== 'numbers') {
    refuse(`--model ${opened.folder}: expected a generator of attributes or numbers`);
  }
  const names =
    conditioning.kind === 'attributes'
      ? conditioning.names
      : conditioning.numbers.map((number) => number.name);
  const columns = names.map((each) => {
    const column = evaluator.attributes.findIndex((attribute) => attribute.name === each);
    return column < 0
      ? refuse(`--data ${flags.data}: has no attribute ${each}, which ${name} takes`)
      : column;
  });
  const wanted: number[][] = names.map(() => []);
  const found: number[][] = names.map(() => []);
  await using generator = held(await openPackageGenerator(opened));
  for (let at = 0; at < samples; at += 64) {
    const seeds = Array.from({ length: Math.min(64, samples - at) }, (_, i) => at + i);
    const { z, condition } = seedInputs(opened.model, seeds);
    const rows = condition!.data as Float32Array<ArrayBuffer>;
    const images = await generator.draw(z!.data as Float32Array, rows);
    const predictions = await evaluator.predict(images.data as Float32Array, seeds.length);
    seeds.forEach((_, i) => {
      columns.forEach((column, k) => {
        wanted[k]!.push(rows[i * names.length + k]!);
        found[k]!.push(predictions[i * known + column]!);
      });
    });
  }
  const table = names.map((each, k) => ({
    name: each,
    real: evaluator.quality[each],
    figures: figures(conditioning.kind, wanted[k]!, found[k]!),
  }));
  results[name] = table;
  say(`${name}, ${samples} images:`);
  for (const { name: each, real, figures: own } of table) {
    const shown = Object.entries(own).map(([key, value]) => `${key} ${value.toFixed(3)}`);
    say(`  ${each}: ${shown.join(', ')}; the classifier on held-out real images ${real!.toFixed(3)}`);
  }
}
if (flags.json) console.log(JSON.stringify(results));

/** The correlation of wanted and predicted numbers; the shares of images with the wanted attribute, and of those with yes and with no. */
function figures(
  kind: 'attributes' | 'numbers',
  asked: readonly number[],
  got: readonly number[],
): Readonly<Record<string, number>> {
  if (kind === 'numbers') return { correlation: correlation(asked, got) };
  const share = (isMeant: (value: number) => boolean): number => {
    const those = got
      .map((value, i) => [value > 0.5, asked[i]! > 0.5] as const)
      .filter(([, yes]) => isMeant(Number(yes)));
    return those.filter(([is, should]) => is === should).length / those.length;
  };
  return { agreement: share(() => true), yes: share((yes) => yes === 1), no: share((yes) => yes === 0) };
}
