// A source narrowed to some of its classes, and a run trained on them.
import { square } from '../../runtime-web/format/image-shape.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onlyClasses, parseClassList } from '../../trainer/data/only-classes.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { dcgan, jsonLines, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';
import { syntheticSource } from './synthetic-source.ts';

const test = suite('onlyClasses()');
const source = () => syntheticSource({ count: 20, classes: 4 });

test('the images of the named classes remain, in their order, with labels that count anew', async () => {
  const narrowed = await onlyClasses(source(), ['class 3', 'class 1']);
  assert.equal(narrowed.classNames, ['class 1', 'class 3']);
  assert.is(narrowed.count, 10);
  const images = await collected(narrowed, 2);
  assert.equal(
    images.map(({ label }) => label),
    [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
  );
  assert.equal(
    images.map(({ pixels }) => pixels[0]),
    [1, 3, 5, 7, 9, 11, 13, 15, 17, 19],
  );
});

test('its fingerprint depends on the set of classes, not on their order', async () => {
  const [one, same, other] = await Promise.all(
    [['class 0', 'class 1'], ['class 1', 'class 0'], ['class 0']].map((names) =>
      onlyClasses(source(), names),
    ),
  );
  assert.is(one!.fingerprint, same!.fingerprint);
  assert.is.not(one!.fingerprint, other!.fingerprint);
  assert.is.not(one!.fingerprint, source().fingerprint);
});

test('no classes, and unknown classes, are refused with the list of classes', async () => {
  await refuses(onlyClasses(syntheticSource({ count: 4 }), ['cat']), /numbers have no classes/);
  await refuses(
    onlyClasses(source(), ['class 0', 'klass 1']),
    /no class 'klass 1'; did you mean 'class 1'\?/,
    /it has: class 0, class 1, class 2, class 3/,
  );
  // None of the five images has class 7.
  await refuses(onlyClasses(syntheticSource({ count: 5, classes: 8 }), ['class 7']), /no image of class 7/);
});

test('a list is read with spaces or without, and refused with holes or repeats', async () => {
  assert.equal(parseClassList('--classes', 'cat, dog,ship'), ['cat', 'dog', 'ship']);
  assert.equal(parseClassList('--classes', 'cafe\u0301,bar'), ['caf\u00e9', 'bar'], 'composed');
  for (const [text, pattern] of [
    ['cat,,dog', /--classes: got 'cat,,dog', expected class names with commas between/],
    ['', /expected class names/],
    ['cat,dog,cat', /'cat' is named twice/],
  ] as const) {
    await refuses(
      Promise.resolve().then(() => parseClassList('--classes', text)),
      pattern,
    );
  }
});

test('training uses the given classes, and refuses unknown ones before it begins', async () => {
  const folder = temporaryFolder();
  for (const [k, name] of ['blue', 'green', 'red'].entries()) {
    mkdirSync(join(folder, name));
    for (let i = 0; i < 9 + k; i++) {
      const background = { r: 80 * k, g: 20 * i, b: 200 - 80 * k };
      await sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
  }
  const out = temporaryFolder();
  const trained = await dcgan(...smallRun(folder, out, 2), '--classes', 'blue,red');
  assert.is(trained.code, 0, trained.stderr);
  const { runDir } = jsonLines(trained.stdout).at(-1) as { runDir: string };
  const resumed = await dcgan('train', '--resume', runDir, '--steps', '4', '--json');
  assert.is(resumed.code, 0, resumed.stderr);
  const dataset = await openDataset({
    data: folder,
    classes: ['red', 'blue'],
    ...square(16),
    channels: 3,
    cacheFolder: temporaryFolder(),
  });
  assert.equal([dataset.count, dataset.classCounts, dataset.classNames], [20, [9, 11], ['blue', 'red']]);
  await dataset.close();
  for (const [args, pattern] of [
    [['--classes', 'blue,yellow'], /no class 'yellow'/],
    [['--classes', 'blue,'], /--classes: got 'blue,'/],
  ] as const) {
    const { code, stderr } = await dcgan(...smallRun(folder, temporaryFolder(), 2), ...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, pattern);
  }
  const changed = await dcgan('train', '--resume', runDir, '--steps', '6', '--classes', 'red', '--json');
  assert.is(changed.code, 2);
  assert.match(changed.stderr, /begun with --classes blue,red/);
});

test.run();
