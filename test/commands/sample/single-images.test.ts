// `dcgan sample` into folders and zips, spawned for real: an image a seed, labels that are read back, and no half-written file.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultFraming } from '../../../trainer/data/framing.ts';
import { openSource } from '../../../trainer/data/open-source.ts';
import { makeTinyRun } from '../../export/tiny-run.ts';
import { dcgan, dcganInTurn, jsonLines, start } from '../../shared/command-line.ts';
import {
  attributesOfColour,
  conditionPackage,
  numbersOfColour,
  side,
} from '../../shared/condition-package.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('sample into folders and zips');
const root = temporaryFolder();
const run = await makeTinyRun(root, smallConfig);
assert.is((await dcgan('export', run.path)).code, 0);
const size = smallConfig.imageSize;
const ofClasses = join('demo', 'models', 'fashion-mnist-classes');

async function sample(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await dcganInTurn('sample', ...args, '--json');
  assert.is(code, 0, stderr);
  return jsonLines(stdout).at(-1)!;
}
const pixels = (path: string): Promise<Buffer> => sharp(path).raw().toBuffer();
const images = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.png'));

test('each seed has a file with the pixels of its cell in a grid, and --scale makes squares of them', async () => {
  const folder = join(root, 'plain');
  const grid = join(root, 'grid.png');
  const done = await sample(run.model, '--seeds', '3,11,7,3', '--out', `${folder}/`);
  assert.equal(
    [done['images'], done['kept'], done['all'], done['width'], done['height']],
    [3, 0, 3, size, size],
  );
  assert.equal(readdirSync(folder), ['0000003.png', '0000007.png', '0000011.png', 'dataset.json']);
  await sample(run.model, '--seeds', '3,7,11', '--columns', '1', '--out', grid);
  const cells = await pixels(grid);
  const single = await Promise.all(images(folder).map((name) => pixels(join(folder, name))));
  assert.equal(Buffer.concat(single), cells);
  const large = join(root, 'large');
  await sample(run.model, '--seeds', '3', '--scale', '3', '--out', large);
  const shrunk = await sharp(join(large, '0000003.png'))
    .resize(size, size, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  assert.equal(shrunk, single[0]);
});

test('the same settings complete a folder, others replace it, and files of the user are refused', async () => {
  const folder = join(root, 'again');
  await sample(run.model, '--seeds', '0-3', '--out', folder);
  const first = readFileSync(join(folder, '0000002.png'));
  const more = await sample(run.model, '--seeds', '2-5', '--resample', 'lanczos', '--out', folder);
  assert.equal([more['images'], more['kept'], more['all'], more['replaced']], [4, 2, 6, 0]);
  assert.equal(readFileSync(join(folder, '0000002.png')), first);
  // As a kill and a power cut leave them.
  writeFileSync(join(folder, '0000009.png.77.tmp'), 'x');
  writeFileSync(join(folder, '0000002.png'), '');
  assert.is((await sample(run.model, '--seeds', '2', '--out', folder))['kept'], 0);
  assert.equal(readFileSync(join(folder, '0000002.png')), first);
  assert.is(readdirSync(folder).length, 7);
  const other = await sample(run.model, '--seeds', '8', '--truncation', '0.5', '--out', folder);
  assert.equal([other['replaced'], other['all']], [6, 1]);
  assert.equal(readdirSync(folder), ['0000008.png', 'dataset.json']);

  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const mine = join(root, 'mine');
  mkdirSync(mine);
  writeFileSync(join(mine, '0000001.png'), 'mine');
  for (const [place, name] of [
    [folder, 'notes.txt'],
    [mine, '0000001.png'],
  ] as const) {
    const before = readdirSync(place);
    const { code, stderr } = await dcganInTurn('sample', run.model, '--out', place);
    assert.is(code, 2);
    assert.match(
      stderr,
      new RegExp(`^error: --out .*: holds ${name}, which sample did not write; give [^\\n]*\\n$`),
    );
    assert.equal(readdirSync(place), before);
  }
});

test('wrong places are one line and exit 2', async () => {
  writeFileSync(join(root, 'file'), '');
  writeFileSync(join(root, 'mine.zip'), 'PK');
  for (const [args, message] of [
    [['--out', join(root, 'file')], /is a file, expected a folder/],
    [['--out', join(root, 'mine.zip')], /such a file already, without this program's mark/],
    [['--out', join(root, 'x'), '--columns', '3'], /--columns 3: is for a grid/],
    [['--out', join(root, 'x.zip'), '--columns', '3'], /is a zip; leave it out/],
    [['--out', join(root, 'x'), '--resample', 'cubic'], /Allowed choices are nearest, lanczos/],
  ] as const) {
    const { code, stderr } = await dcganInTurn('sample', run.model, ...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/);
  }
  assert.not(readdirSync(root).some((name) => name.startsWith('x')));
});

test('a folder and a zip have labels that are read as data: the colours of the images are those of their labels', async () => {
  for (const [conditioning, where] of [
    [attributesOfColour, 'Hat=1'],
    [numbersOfColour, 'age=80'],
  ] as const) {
    const model = conditionPackage(conditioning);
    for (const out of [join(root, `of-${conditioning.kind}`), join(root, `of-${conditioning.kind}.zip`)]) {
      await sample(model, '--seeds', '0-11', '--where', where, '--out', out);
      const source = await openSource(out);
      const names = source.attributes!.map(({ name }) => name);
      const expected =
        conditioning.kind === 'numbers' ? conditioning.numbers.map(({ name }) => name) : conditioning.names;
      assert.equal(names, expected);
      let count = 0;
      for await (const image of source.images()) {
        const decoded = await image.render({
          width: side,
          height: side,
          channels: 3,
          framing: defaultFraming,
        });
        const attributes = image.attributes!;
        count += 1;
        names.forEach((_, i) => {
          const number = conditioning.kind === 'numbers' ? conditioning.numbers[i]! : null;
          // Attributes are 0 to 1 in the generator's units and numbers -1 to 1, which is also the range of colours.
          const unit =
            number === null
              ? attributes[i]!
              : (2 * (attributes[i]! - number.least)) / (number.most - number.least) - 1;
          assert.ok(Math.abs(decoded[i]! - (unit + 1) * 127.5) <= 1, `${names[i]} of ${count}`);
        });
      }
      await source.close();
      assert.is(count, 12);
    }
  }
});

test('classes come back by name, and a zip is replaced by the next one', async () => {
  const out = join(root, 'classes.zip');
  await sample(ofClasses, '--seeds', '0-3', '--out', out);
  await sample(ofClasses, '--seeds', '5-14', '--out', out);
  const source = await openSource(out);
  const { values } = source.attributes![0]!;
  const found: (readonly [string, string])[] = [];
  for await (const { name, attributes } of source.images()) found.push([name, values![attributes![0]!]!]);
  await source.close();
  const { conditioning } = JSON.parse(readFileSync(join(ofClasses, 'model.json'), 'utf8')) as {
    conditioning: { names: string[] };
  };
  assert.equal(
    found,
    Array.from({ length: 10 }, (_, i) => [
      `${String(5 + i).padStart(7, '0')}.png`,
      conditioning.names[(5 + i) % 10]!,
    ]),
  );
});

test('Ctrl-C leaves whole images only and says how many; the same command makes the rest', async () => {
  const folder = join(root, 'stopped');
  const args = ['sample', run.model, '--seeds', '0-99999', '--out', folder];
  const running = start(args);
  for (let i = 0; i < 600; i++) {
    if (readdirSync(root).includes('stopped') && images(folder).length > 20) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  running.kill('SIGINT');
  const { code, stderr } = await running.ended;
  assert.is(code, 130, stderr);
  const there = images(folder);
  assert.match(stderr, `stopped: ${there.length} of 100000 images are in ${folder}`);
  assert.is(readdirSync(folder).length, there.length + 1);
  for (const name of there.slice(-5)) assert.is((await pixels(join(folder, name))).length, size * size * 3);
  const wanted = `0-${there.length + 4}`;
  const done = await sample(run.model, '--seeds', wanted, '--out', folder);
  assert.equal([done['kept'], done['all']], [there.length, there.length + 5]);

  const zip = join(root, 'stopped.zip');
  const zipping = start(['sample', run.model, '--seeds', '0-99999', '--out', zip]);
  for (let i = 0; i < 600 && !readdirSync(root).some((name) => name.startsWith('stopped.zip')); i++) {
    await new Promise((next) => setTimeout(next, 100));
  }
  zipping.kill('SIGINT');
  const ending = await zipping.ended;
  assert.is(ending.code, 130);
  assert.match(ending.stderr, /stopped after \d+ of 100000 images: .*stopped\.zip is not written/);
  assert.not(readdirSync(root).some((name) => name.startsWith('stopped.zip')));
});

test.run();
