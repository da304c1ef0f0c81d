// Folders and zips with labels, opened as a user's data are.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { square } from '../../../runtime-web/format/image-shape.ts';
import { openDataset, type OpenDatasetOptions } from '../../../trainer/data/dataset.ts';
import { openSource } from '../../../trainer/data/open-source.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { collected, refuses } from '../collected.ts';
import { zipBytes } from '../zip-bytes.ts';

const test = suite('labelledSource()');
const png = await sharp(new Uint8Array(8 * 8 * 3), { raw: { width: 8, height: 8, channels: 3 } })
  .png()
  .toBuffer();
const names = ['0.png', '1.png', '2.png', '3.png'];

/** A folder of images, and a file of labels outside of it. */
function labelled(text: string, images: readonly string[] = names): { data: string; labels: string } {
  const folder = temporaryFolder();
  const data = join(folder, 'photos');
  for (const name of images) {
    mkdirSync(dirname(join(data, name)), { recursive: true });
    writeFileSync(join(data, name), png);
  }
  writeFileSync(join(folder, 'labels.csv'), text);
  return { data, labels: join(folder, 'labels.csv') };
}

const rowsOf = async (given: { data: string; labels: string | null }): Promise<string[]> =>
  (await collected(await openSource(given.data, given), 8)).map(
    ({ name, attributes }) => `${name} ${[...attributes!].join(',')}`,
  );

const opened = (options: Partial<OpenDatasetOptions> & { data: string }) =>
  openDataset({ ...square(8), channels: 3, cacheFolder: temporaryFolder(), ...options });

test('rows name images by path, by its end, without ending, or from above the data', async () => {
  const rows = ['a/0.png,1', '1,2', 'photos/a/2.png,3', '.\\a\\3.png,4'].join('\n');
  const given = labelled(
    `file,age\n${rows}\n`,
    names.map((name) => `a/${name}`),
  );
  assert.equal(await rowsOf(given), ['a/0.png 1', 'a/1.png 2', 'a/2.png 3', 'a/3.png 4']);
});

test('images without a label are left out and counted, and so are lines without an image', async () => {
  const given = labelled('file,hat\n0.png,yes\n1.png,no\n3.png,yes\n3.png,yes\n9.png,no\n');
  const source = await openSource(given.data, given);
  assert.is(source.count, 3);
  const notes = source.notes!.join('; ');
  assert.match(notes, /1 image has no label and is left out: 2\.png/);
  assert.match(notes, /1 line of labels names no image: 9\.png/);
  assert.match(notes, /1 image is named twice, with the same labels: 3\.png \(line 4 and line 5\)/);
  assert.equal(await rowsOf(given), ['0.png 1', '1.png 0', '3.png 1']);
});

test('labels of other images, of few of them, of two images or twice for one are refused', async () => {
  const open = (text: string, images = names): Promise<unknown> => {
    const given = labelled(text, images);
    return openSource(given.data, given);
  };
  await refuses(
    open('id,age\n17,1\n18,2\n'),
    /none of its 2 files \(17, 18\) is among the 4 images of photos/,
    /the first column, id, was compared with paths such as 0\.png/,
  );
  await refuses(open('file,age\n0.png,1\n'), /3 of 4 images of photos have no label: 1\.png, 2\.png, 3\.png/);
  await refuses(
    open('file,age\n0.png,1\n', ['a/0.png', 'b/0.png']),
    /0\.png \(line 2\) is 2 images of photos: a\/0\.png, b\/0\.png; give paths/,
  );
  await refuses(
    open('file,age\n0.png,1\n1.png,2\n0.png,3\n'),
    /line 2 and line 4 both name 0\.png, with another age/,
  );
  await refuses(openSource('avatars', { labels: 'x.csv' }), /labels x\.csv: goes with a folder or zip/);
});

test('the dataset.json in a folder and in a zip is found, and its null labels take the classes from numbered folders', async () => {
  const json = '{"labels": [["00000/a.png", 3], ["00001/b.png", 0]]}';
  const images = ['00000/a.png', '00001/b.png'];
  const { data } = labelled('', images);
  writeFileSync(join(data, 'dataset.json'), json);
  const zip = join(temporaryFolder(), 'set.zip');
  const entries = [
    ...images.map((name) => ({ name, data: png })),
    { name: 'dataset.json', data: Buffer.from(json) },
  ];
  writeFileSync(zip, zipBytes(entries));
  for (const path of [data, zip]) {
    await using dataset = {
      ...(await opened({ data: path })),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    assert.equal(
      [dataset.classNames, dataset.classCounts],
      [
        ['0', '3'],
        [1, 1],
      ],
    );
    const labels = new Int32Array(2);
    await dataset.readInto([0, 1], new Uint8Array(2 * 8 * 8 * 3), labels);
    assert.equal([...labels], [1, 0]);
    await dataset.close();
  }
  // Commands that need all images, such as dedupe, ask for no labels.
  writeFileSync(join(data, 'dataset.json'), '{"labels": [["00000/a.png", 3]]}');
  assert.is((await openSource(data)).count, 1);
  assert.is((await openSource(data, { labels: false })).count, 2);
  writeFileSync(join(data, 'dataset.json'), '{"labels": null}');
  assert.is((await openSource(data)).classNames, null);
});

test('an image without a value in a used column is left out; an unused column with a blank is dropped', async () => {
  const given = labelled('file,hat,age,land\n0.png,yes,10,de\n1.png,no,,at\n2.png,no,30,\n3.png,yes,20,at\n');
  const numbers = await opened({ ...given, labelUse: { condition: 'numbers', columns: null } });
  assert.equal([numbers.count, numbers.attributeNames], [3, ['hat', 'age']]);
  assert.equal(numbers.attributes![1]!.range, [10, 30]);
  assert.match(numbers.notes.join(), /age has no value for 1 image, which --condition numbers leaves out/);
  const attributes = await opened({ ...given, labelUse: { condition: 'attributes', columns: null } });
  assert.equal([attributes.count, attributes.attributeNames], [4, ['hat']]);
  const values = new Float32Array(4);
  await attributes.readAttributes([0, 1, 2, 3], values);
  assert.equal([...values], [1, 0, 0, 1]);
  assert.equal(attributes.examples!.length, 4);
  assert.equal(attributes.examples!.map(([value]) => value!).sort(), [0, 0, 1, 1]);
  // Classes that some images lack are used for --condition label alone.
  assert.is(attributes.classNames, null);
  const label = await opened({ ...given, labelUse: { condition: 'label', columns: null } });
  assert.equal([label.count, label.classNames, label.classCounts], [3, ['at', 'de'], [2, 1]]);
  for (const dataset of [numbers, attributes, label]) await dataset.close();
});

test('one column of classes is the classes; of several one is named, and whole numbers can be classes', async () => {
  const given = labelled('file,land,digit,sea\n0.png,de,7,a\n1.png,at,1,b\n2.png,de,1,b\n3.png,fr,3,b\n');
  const use = (column: string | null) =>
    ({ condition: 'label', columns: column === null ? null : [column] }) as const;
  await refuses(
    opened({ ...given, labelUse: use(null) }),
    /several columns of classes: land \(3 classes\), sea \(2 classes\); give --label-column/,
  );
  await refuses(opened({ ...given, labelUse: use('lnad') }), /no such column; did you mean 'land'\?/);
  const land = await opened({ ...given, labelUse: use('land') });
  assert.equal(
    [land.classNames, land.classCounts],
    [
      ['at', 'de', 'fr'],
      [1, 2, 1],
    ],
  );
  const digit = await opened({ ...given, labelUse: use('digit'), classes: ['1', '7'] });
  assert.equal(
    [digit.classNames, digit.classCounts],
    [
      ['1', '7'],
      [2, 1],
    ],
  );
  for (const dataset of [land, digit]) await dataset.close();
});

test('labels are part of the identity of the data', async () => {
  const given = labelled('file,age\n0.png,1\n1.png,2\n2.png,3\n3.png,4\n');
  const before = await opened(given);
  writeFileSync(given.labels, 'file,age\n0.png,1\n1.png,2\n2.png,3\n3.png,5\n');
  const after = await opened(given);
  assert.is.not(before.fingerprint, after.fingerprint);
  assert.is.not(before.contentHash, after.contentHash);
  for (const dataset of [before, after]) await dataset.close();
});

test.run();
