// `npm run bench -- discriminator`: how well a package's discriminator tells real images that it was not trained on from generated
// ones.
import { resolve } from 'node:path';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { discriminatorFigures } from '../discriminator-figures.ts';
import { option, readFlags, refuse, required, text, toggle, wholeNumber } from '../flags.ts';
import { heldOutImages, labelsOfModel } from '../held-out-images.ts';

const flags = readFlags({
  model: required(text, 'the folder of a package that was exported with --discriminator'),
  data: option(text, 'avatars'),
  images: option(wholeNumber(), '1000'),
  json: toggle,
});
const opened = await openPackage(resolve(flags.model));
const { width, height, channels, training, files } = opened.model;
if (files.discriminator === undefined) {
  refuse(`--model ${flags.model}: has no discriminator; export it with --discriminator`);
}
const data = flags.data === 'avatars' ? flags.data : resolve(flags.data);
const source = { data, width, height, channels };
const trainedOn = training?.dataset.images ?? 0;
const real = await heldOutImages(source, trainedOn, flags.images, labelsOfModel(opened.model));
const figures = await discriminatorFigures(opened, real.images, real.labels);
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
if (flags.json) console.log(JSON.stringify(figures));
else {
  console.log(`real: ${real.text}`);
  console.log(
    `calls ${percent(figures.realCalledReal)} of the real images real and ${percent(figures.fakesCalledReal)} of as many ` +
      `generated ones; prefers the real one in ${percent(figures.pairsRight)} of all pairs`,
  );
}
