// Reading a visitor's pictures in a real browser, under the demo's security policy: the pixels that the trainer and Pillow make of them.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { square, type Channels } from '../../../runtime-web/format/image-shape.ts';
import { decodeImage } from '../../../trainer/data/image-file.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { browserSuite } from '../browser-suite.ts';
import { bytesOf, differences, forms, pillow, pixelsOf } from './pillow-pictures.ts';
import { picturePages } from './pictures-pages.ts';

const files = temporaryFolder();
const { test, pages } = await browserSuite('pictures in the browser', (browser) =>
  picturePages(browser, files),
);

/** The small ones; many-pictures.long.test.ts reads large ones. */
const cases = pillow.cases.filter(({ width }) => width < 1000);

/** Encodes a picture of the fixture's formulas. */
function encoded(width: number, height: number, isOpaque: boolean) {
  const raw = sharp(pixelsOf(width, height, isOpaque), { raw: { width, height, channels: 4 } });
  return isOpaque ? raw.removeAlpha() : raw;
}

/** A picture with a dark left half, smooth besides, so that JPEG keeps it. */
function photograph(width: number, height: number) {
  const pixels = Buffer.alloc(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    pixels.set([x < 0.5 ? 30 : 200, 255 * y, 128 + 100 * Math.sin(9 * x)], 3 * i);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

test("crops, sizes, grey, white and alpha are Pillow's, and nothing leaves the page", async () => {
  for (const { width, height } of cases) {
    for (const isOpaque of [true, false]) {
      const name = `${width}-${isOpaque ? 'opaque' : 'alpha'}.png`;
      writeFileSync(join(files, name), await encoded(width, height, isOpaque).png().toBuffer());
    }
  }
  const { page, said, origins, server } = await pages.open();
  const read = await page.evaluate(
    async ({ given, shapes, side }) => {
      const results: Record<string, number[]> = {};
      for (const { width, focus } of given) {
        for (const { form, isOpaque, channels } of shapes) {
          const answer = await fetch(`/files/${width}-${isOpaque ? 'opaque' : 'alpha'}.png`);
          const options = { width: side, height: side, channels, focus: { x: focus[0]!, y: focus[1]! } };
          const pictures = await window.train.readPictures([await answer.blob()], options);
          results[`${width} ${form}`] = [...pictures.images];
        }
      }
      return results;
    },
    {
      given: cases.map(({ width, focus }) => ({ width, focus: [...focus] })),
      shapes: forms.map((each) => ({ ...each })),
      side: pillow.side,
    },
  );
  for (const { width, ...results } of cases) {
    for (const { form, isOpaque } of forms) {
      const { worst, mean } = differences(read[`${width} ${form}`]!, bytesOf(results[form]));
      // A canvas holds premultiplied bytes, so colours behind white are rounded once more.
      const most = isOpaque ? 1 : 2;
      assert.ok(worst <= most && mean < 0.4, `${width} ${form}: differs by ${worst}, ${mean} in the mean`);
    }
  }
  assert.equal([...origins], [server.origin]);
  assert.equal(said, []);
});

test('photographs are upright and those of the trainer; broken files are refused by name', async () => {
  const turned = await photograph(300, 200).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer();
  const whole = await photograph(400, 300).jpeg({ quality: 90 }).toBuffer();
  const png = await photograph(50, 40).png().toBuffer();
  const bomb = Buffer.from(png);
  bomb.writeUInt32BE(40_000, 16);
  bomb.writeUInt32BE(40_000, 20);
  const given: readonly (readonly [string, Uint8Array])[] = [
    ['turned.jpg', turned],
    ['cut off.jpg', whole.subarray(0, whole.length / 3)],
    ['notes.txt', Buffer.from('a text')],
    ['empty.png', Buffer.alloc(0)],
    ['fine.jpg', whole],
    ['damaged.png', Buffer.concat([png.subarray(0, 45), png.subarray(60, 90)])],
    ['huge.png', bomb],
    ['moving.gif', await photograph(60, 60).gif().toBuffer()],
    ['phone.heic', Buffer.from('....ftypheic........heic')],
    ['small.webp', await photograph(20, 30).webp({ lossless: true }).toBuffer()],
  ];
  const { page } = await pages.open();
  const { names, indices, refused, images, progress } = await page.evaluate(
    async (list) => {
      const sources = list.map(([name, bytes]) => new File([Uint8Array.from(bytes)], name));
      const seen: number[][] = [];
      const read = await window.train.readPictures(sources, {
        ...{ width: 32, height: 32, channels: 3 },
        onProgress: (done, total) => seen.push([done, total]),
      });
      return { ...read, images: [...read.images], progress: seen };
    },
    given.map(([name, bytes]) => [name, [...bytes]] as [string, number[]]),
  );
  assert.equal(names, ['turned.jpg', 'fine.jpg', 'moving.gif', 'small.webp']);
  assert.equal(indices, [0, 4, 7, 9]);
  assert.equal(
    refused.map(({ name, index }) => [name, index]),
    [
      ['cut off.jpg', 1],
      ['notes.txt', 2],
      ['empty.png', 3],
      ['damaged.png', 5],
      ['huge.png', 6],
      ['phone.heic', 8],
    ],
  );
  const reasons = refused.map(({ reason }) => reason);
  assert.match(reasons[0]!, /damaged/);
  assert.match(reasons[1]!, /^none of PNG, JPEG/);
  assert.is(reasons[2], 'empty file');
  assert.match(reasons[3]!, /damaged/);
  assert.is(reasons[4], 'more than 100 megapixels');
  assert.match(reasons[5]!, /^a HEIC image, which this browser does not read; convert it/);
  assert.equal(
    progress,
    given.map((_, i) => [i + 1, given.length]),
  );
  for (const [i, index] of indices.entries()) {
    const theirs = await decodeImage(given[index]![1], { ...square(32), channels: 3 });
    const { worst, mean } = differences(images.slice(i * 3072, (i + 1) * 3072), theirs);
    // Decoders of JPEG round differently.
    assert.ok(worst <= 8 && mean < 1, `${names[i]}: differs by ${worst}, ${mean} in the mean`);
  }
});

test('a training takes them from twelve up; with fewer it says how many to add', async () => {
  const { page } = await pages.open();
  const result = await page.evaluate(async () => {
    const { readPictures, shortageOf, packageFor } = window.train;
    const drawn = (count: number): ImageData[] =>
      Array.from(
        { length: count },
        (_, i) => new ImageData(new Uint8ClampedArray(4 * 48 * 40).fill(20 * i + 15), 48, 40),
      );
    const options = { width: 16, height: 16, channels: 3 } as const;
    const texts: (string | null)[] = [];
    for (const count of [0, 1, 11, 12]) texts.push(shortageOf(await readPictures(drawn(count), options)));
    texts.push(shortageOf(await readPictures([new File(['text'], 'a.txt'), ...drawn(2)], options)));
    const twelve = await readPictures(drawn(12), {
      ...options,
      most: 3,
      focusOf: (i) => ({ x: i / 12, y: 1 }),
    });
    const messageOf = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const wrong = [
      await messageOf(readPictures([], { ...options, width: 0 })),
      await messageOf(readPictures([], { ...options, channels: 2 as 3 })),
      await messageOf(readPictures(drawn(2), { ...options, most: 0 })),
      await messageOf(readPictures(drawn(2), { ...options, signal: abort.signal })),
      await messageOf(readPictures(drawn(2), { ...options, focus: { x: 2, y: 0 } })),
      await messageOf(readPictures(drawn(2), { ...options, assets: '/nowhere/' })),
    ];
    const counts = [12, 1999, 2000] as const;
    return {
      texts,
      names: twelve.names,
      length: twelve.images.length,
      wrong,
      chosen: counts.flatMap((count) =>
        ([1, 3] as const).map((channels) => packageFor({ count, channels }).name),
      ),
    };
  });
  assert.equal(result.texts.slice(0, 4), [
    'no pictures, expected at least 12; add 12 or more (hundreds are better)',
    '1 picture is too few to learn from, expected at least 12; add 11 or more (hundreds are better)',
    '11 pictures are too few to learn from, expected at least 12; add 1 or more (hundreds are better)',
    null,
  ]);
  assert.match(result.texts[4]!, /add 10 or more.*; 1 could not be read: a\.txt \(none of PNG/);
  assert.equal(result.names, ['picture 1', 'picture 2', 'picture 3']);
  assert.is(result.length, 3 * 768);
  [
    /^RangeError: width: got 0/,
    /^RangeError: channels: got 2/,
    /^RangeError: most: got 0/,
    /^Error: enough$/,
    /^RangeError: focus: got 2, 0, expected/,
    /^WorkerError: .*nowhere\/train-pictures\.js/,
  ].forEach((pattern, i) => assert.match(result.wrong[i]!, pattern));
  assert.equal(result.chosen, ['few-grey-32', 'few-32', 'few-grey-32', 'few-32', 'grey-32', 'colour-32']);
  const networks = readFileSync('scripts/page-networks.ts', 'utf8');
  for (const name of new Set(result.chosen)) assert.match(networks, `'${name}'`);
});

test('a folder of a file input, a dropped folder and a paste give their pictures, by path', async () => {
  const album = join(files, 'album');
  mkdirSync(join(album, 'inner'), { recursive: true });
  const bytes = await photograph(40, 40).png().toBuffer();
  for (const name of ['10.png', '9.png', 'notes.txt', '.hidden.png', 'inner/2.png'])
    writeFileSync(join(album, name), bytes);
  const { page } = await pages.open();
  const input = page.locator('input');
  await input.evaluate((element: HTMLInputElement) => (element.webkitdirectory = true));
  await input.setInputFiles(album);
  const chosen = await input.evaluate(async (element: HTMLInputElement) => {
    const given = await window.train.filesOf(element);
    return (await window.train.readPictures(given, { width: 8, height: 8, channels: 1 })).names;
  });
  assert.equal(chosen, ['album/9.png', 'album/10.png', 'album/inner/2.png']);

  await page.evaluate(() => {
    const place = document.querySelector('#drop')!;
    place.addEventListener('dragover', (event) => event.preventDefault());
    place.addEventListener('drop', async (event) => {
      event.preventDefault();
      const given = await window.train.filesOf((event as DragEvent).dataTransfer!);
      place.textContent = given.map(({ name }) => name).join(' ');
    });
  });
  const debug = await page.context().newCDPSession(page);
  const box = (await page.locator('#drop').boundingBox())!;
  const at = { x: box.x + 5, y: box.y + 5 };
  const data = { items: [], files: [join(files, 'album', '10.png'), album], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await debug.send('Input.dispatchDragEvent', { type, ...at, data });
  await page.waitForFunction(() => document.querySelector('#drop')!.textContent !== 'Drop');
  assert.is(await page.locator('#drop').textContent(), '10.png 9.png 10.png 2.png');

  const pasted = await page.evaluate(async () => {
    const data = new DataTransfer();
    data.items.add(new File(['x'], 'image.png', { type: 'image/png' }));
    data.items.add('a text', 'text/plain');
    let given: Promise<File[]> | undefined;
    addEventListener('paste', (event) => (given = window.train.filesOf(event.clipboardData!)));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    return (await given!).map(({ name }) => name);
  });
  assert.equal(pasted, ['image.png']);
});

test('the clothes are published tiles, checked, and the trainer makes the same of them', async () => {
  const table = JSON.parse(readFileSync('demo/clothes/clothes.json', 'utf8')) as {
    images: { sha256: string };
    labels: number[];
    classes: string[];
  };
  const images = {
    ...table.images,
    sha256: table.images.sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  };
  writeFileSync(join(files, 'clothes.json'), JSON.stringify({ ...table, images }));
  copyFileSync('demo/clothes/clothes.webp', join(files, 'clothes.webp'));
  const { page } = await pages.open();
  const result = await page.evaluate(async () => {
    const grey = await window.train.loadClothes('/clothes/clothes.json');
    const colour = await window.train.loadClothes('/clothes/clothes.json', {
      channels: 3,
      width: 28,
      height: 28,
    });
    const messageOf = (url: string): Promise<string> =>
      window.train.loadClothes(url).then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const wrong = [await messageOf('/files/none.json'), await messageOf('/files/clothes.json')];
    const { images, labels, ...rest } = grey;
    return {
      rest,
      labels: [...labels],
      first: [...images.slice(0, 1024), ...images.slice(-1024)],
      colour: [...colour.images.slice(0, 28 * 28 * 3)],
      count: images.length / 1024,
      wrong,
    };
  });
  assert.equal(result.labels, table.labels);
  assert.is(result.count, table.labels.length);
  assert.equal(result.rest.classes, table.classes);
  assert.is(result.rest.name, 'fashion-mnist');
  assert.match(result.wrong[0]!, /^ModelLoadError: .*404/);
  assert.match(result.wrong[1]!, /^ModelLoadError: .*clothes\.webp: is not the file that was published/);
  const sheet = sharp('demo/clothes/clothes.webp');
  const { width = 0 } = await sheet.metadata();
  const columns = width / 28;
  const tile = async (i: number, channels: Channels, side: number): Promise<Uint8Array> => {
    const [left, top] = [28 * (i % columns), 28 * Math.floor(i / columns)];
    const cut = await sheet.clone().extract({ left, top, width: 28, height: 28 }).png().toBuffer();
    return decodeImage(cut, { ...square(side), channels });
  };
  const theirs = [...(await tile(0, 1, 32)), ...(await tile(result.count - 1, 1, 32))];
  assert.ok(differences(result.first, theirs).worst <= 1);
  assert.is(differences(result.colour, await tile(0, 3, 28)).worst, 0);
});

test.run();
