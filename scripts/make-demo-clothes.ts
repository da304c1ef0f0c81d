// `node dist/scripts/make-demo-clothes.js FASHION-MNIST`: writes the first training images of each class to demo/clothes, as tiles of one
// lossless image, with clothes.json beside it, for pages that train.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { defaultFraming } from '../trainer/data/framing.ts';
import { openSource } from '../trainer/data/open-source.ts';
import { refuse } from './flags.ts';

const [data] = process.argv.slice(2);
if (data === undefined) refuse('expected the folder of Fashion-MNIST');

/** Images of each class: as many as 700 kB hold. */
const perClass = 180;
const columns = 50;
/** The classes by label, as the data set's authors have them, in the demo's words. */
const classes = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'boot',
];
const [width, height] = [28, 28];

const source = await openSource(data);
const tiles: Buffer[][] = classes.map(() => []);
for await (const image of source.images()) {
  const ofClass = tiles[image.label]!;
  if (ofClass.length < perClass) {
    const rendering = { width, height, channels: 1, framing: defaultFraming } as const;
    ofClass.push(Buffer.from(await image.render(rendering)));
  }
  if (tiles.every(({ length }) => length === perClass)) break;
}
await source.close();

// By class, because neighbours that are alike compress better.
const all = tiles.flat();
const line = columns * width;
const rows = Math.ceil(all.length / columns);
const sheet = Buffer.alloc(line * rows * height);
all.forEach((tile, i) => {
  const at = Math.floor(i / columns) * height * line + (i % columns) * width;
  for (let y = 0; y < height; y++) tile.copy(sheet, at + y * line, y * width, (y + 1) * width);
});
const bytes = await sharp(sheet, { raw: { width: line, height: rows * height, channels: 1 } })
  .webp({ lossless: true, quality: 100, effort: 6 })
  .toBuffer();
const out = join('demo', 'clothes');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'clothes.webp'), bytes);
const table = {
  name: 'fashion-mnist',
  images: {
    file: 'clothes.webp',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  },
  ...{ width, height, classes },
  labels: tiles.flatMap((ofClass, label) => ofClass.map(() => label)),
  licence: 'MIT',
  source: `Fashion-MNIST, Zalando Research: the first ${perClass} training images of each class`,
};
writeFileSync(join(out, 'clothes.json'), `${JSON.stringify(table)}\n`);
console.log(`${out}: ${all.length} images, ${bytes.length} bytes`);
