// `npm run bench -- discriminator`: how well a package's discriminator tells real images that it was not trained on from generated
// ones.
import { resolve } from 'node:path';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { discriminatorFigures } from '../discriminator-figures.ts';
import { option, readFlags, refuse, required, text, toggle, wholeNumber } from '../flags.ts';
import { heldOutImages } from '../held-out-images.ts';

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
const { images, text: said } = await heldOutImages(source, training?.dataset.images ?? 0, flags.images);
const figures = await discriminatorFigures(opened, images);
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
if (flags.json) console.log(JSON.stringify(figures));
else {
  console.log(`real: ${said}`);
  console.log(
    `calls ${percent(figures.realCalledReal)} of the real images real and ${percent(figures.fakesCalledReal)} of as many ` +
      `generated ones; prefers the real one in ${percent(figures.pairsRight)} of all pairs`,
  );
}
