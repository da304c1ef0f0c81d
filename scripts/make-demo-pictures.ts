// `npm run demo:pictures -- RUN MODEL`: writes the images that the demo shows beside a model to demo/pictures/MODEL: held-out real
// images for the quiz and for restoring, with the labels that D receives, and, from the run's `visualise` results, the sheet of D's filters. pictures.json also
// lists the groups of G's filters, and how well the D of demo/models/MODEL tells real from fake.
import { dataOfConfig } from '../trainer/run/run-data.ts';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { openTrainedRun } from '../trainer/run/trained-run.ts';
import { openPackage } from '../trainer/model-package/read-package.ts';
import { discriminatorFigures } from './discriminator-figures.ts';
import { refuse } from './flags.ts';
import { conditionsOf, heldOutImages } from './held-out-images.ts';
import { emptyGrid, gridPng, placeImages } from '../trainer/pictures/grid.ts';

const [runPath, name] = process.argv.slice(2);
if (runPath === undefined || name === undefined) {
  refuse('expected a run and the name of its model in the demo: RUN MODEL');
}

const [shown, columns] = [40, 8];
/** Images of each side that the discriminator is measured on. */
const measured = 1000;

/** A finding of the run; null if there is none in the folder. */
function findingAt(folder: string): { data: Record<string, unknown>; tables: unknown } | null {
  const file = join(folder, 'finding.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof findingAt>) : null;
}

const out = join('demo', 'pictures', name);
mkdirSync(out, { recursive: true });
const { config, conditioning, checkpoint, folder } = await openTrainedRun(runPath);
const run = { config, conditioning };
const trainedOn = Number(checkpoint.metadata.dataset['count']);
const { text, images, labels } = await heldOutImages(dataOfConfig(config), trainedOn, shown, run);
const grid = emptyGrid(images.shape, columns);
placeImages(grid, images, 0);
writeFileSync(
  join(out, 'held-out.png'),
  await sharp(await gridPng(grid))
    .png({ compressionLevel: 9, effort: 10 })
    .toBuffer(),
);

const analyses = existsSync(folder.analysis) ? readdirSync(folder.analysis).sort() : [];
const groups = analyses
  .filter((analysis) => analysis.startsWith('drop-'))
  .map((analysis) => {
    const { data } = findingAt(join(folder.analysis, analysis))!;
    const found = data as {
      attribute: string;
      layer: string;
      count: number;
      filters: { filter: number }[];
      before: Record<string, number>;
      droppings: {
        dropped: number;
        without: { counts: Record<string, number> };
        random: { counts: Record<string, number> };
      }[];
    };
    const { dropped, without, random } = found.droppings.at(-1)!;
    const { attribute, layer } = found;
    return {
      name: attribute,
      layer,
      filters: found.filters.slice(0, dropped).map(({ filter }) => filter),
      of: found.count,
      before: found.before[attribute],
      after: without.counts[attribute],
      random: Math.round(random.counts[attribute]!),
    };
  });
const filters = join(folder.analysis, 'visualise');
const looked = findingAt(filters)?.data['discriminator'] as { layer: string; sees: number } | undefined;
let sheet: { file: string; layer: string; sees: number; width: number; height: number } | null = null;
if (looked !== undefined) {
  const drawn = sharp(join(filters, `${looked.layer.replace('/', '-')}.png`));
  const { width, height } = await drawn.metadata();
  const file = 'discriminator.webp';
  writeFileSync(join(out, file), await drawn.webp({ quality: 60, effort: 6 }).toBuffer());
  sheet = { file, layer: looked.layer, sees: looked.sees, width, height };
}
const opened = await openPackage(join('demo', 'models', name));
const figuresOf = async () => {
  const real = await heldOutImages(dataOfConfig(config), trainedOn, measured, run);
  return discriminatorFigures(opened, real.images, real.labels);
};
const discriminator = opened.model.files.discriminator === undefined ? null : await figuresOf();
const table = {
  heldOut: {
    file: 'held-out.png',
    count: shown,
    columns,
    text,
    ...(labels !== null && { conditions: conditionsOf(run, labels) }),
  },
  discriminator,
  sheet,
  groups,
};
writeFileSync(join(out, 'pictures.json'), `${JSON.stringify(table, null, 2)}\n`);
console.log(`${out}: ${text} ${groups.length} groups of filters, ${sheet === null ? 'no' : 'a'} sheet`);
