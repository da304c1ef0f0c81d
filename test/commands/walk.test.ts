// `dcgan walk`, spawned for real: the ends of a row are the pictures of its seeds, the same walk is the same bytes, and the link
// opens the same walk.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mix } from '../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { dcgan, dcganInTurn, jsonLines } from '../shared/command-line.ts';
import { makeTinyRun } from '../export/tiny-run.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('walk');
const root = temporaryFolder();
const run = await makeTinyRun(root, { ...smallConfig, latentDistribution: 'normal' });
mkdirSync(run.samples);
const exported = await dcgan('export', run.path);
assert.is(exported.code, 0, exported.stderr);
/** The same model outside any run. */
const alone = join(root, 'alone');
await cp(run.model, alone, { recursive: true });
const size = smallConfig.imageSize;

/** Tiles of a picture, row by row, as bytes. */
async function tiles(path: string): Promise<{ columns: number; list: Buffer[] }> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const [columns, rows] = [info.width / size, info.height / size];
  const list = Array.from({ length: columns * rows }, (_, tile) =>
    Buffer.concat(
      Array.from({ length: size }, (__, y) => {
        const top = Math.floor(tile / columns) * size + y;
        const at = (top * info.width + (tile % columns) * size) * info.channels;
        return data.subarray(at, at + size * info.channels);
      }),
    ),
  );
  return { columns, list };
}
const apart = (a: Buffer, b: Buffer): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

test('a row goes from one image to the other, and each pair makes a row', async () => {
  const strip = join(root, 'strip.png');
  const { code, stdout, stderr } = await dcgan(
    ...['walk', alone, '--from', '3,4', '--to', '8,9', '--steps', '5', '--out', strip, '--json'],
  );
  assert.is(code, 0, stderr);
  assert.equal(jsonLines(stdout), [
    {
      event: 'done',
      model: alone,
      out: [strip],
      finding: null,
      path: 'slerp',
      rows: 2,
      frames: 0,
      walks: [
        { seeds: [3, 8], link: '#walk?model=dropped/tiny-dcgan&seeds=3,8' },
        { seeds: [4, 9], link: '#walk?model=dropped/tiny-dcgan&seeds=4,9' },
      ],
    },
  ]);
  const grid = join(root, 'ends.png');
  await dcgan('sample', alone, '--seeds', '3,8,4,9', '--columns', '4', '--out', grid);
  const [walked, ends] = [await tiles(strip), await tiles(grid)];
  assert.is(walked.columns, 5);
  assert.is(walked.list.length, 10);
  [0, 4, 5, 9].forEach((tile, i) => assert.ok(apart(walked.list[tile]!, ends.list[i]!) <= 1));
  assert.is(new Set(walked.list.map((tile) => tile.toString('hex'))).size, 10);
});

test('--via, films and numbers; the same bytes twice', async () => {
  const files = ['a.webp', 'a.gif', 'a.json', 'a.png', 'b.webp', 'b.gif', 'b.json', 'b.png'].map((name) =>
    join(root, name),
  );
  for (const set of [files.slice(0, 4), files.slice(4)]) {
    const outs = set.flatMap((file) => ['--out', file]);
    const { code, stdout, stderr } = await dcgan(
      ...['walk', alone, '--from', '3', '--via', '5-6', '--to', '8', '--steps', '4', '--scale', '3', ...outs],
    );
    assert.is(code, 0, stderr);
    assert.match(stdout, '3 → 5 → 6 → 8: ');
    assert.match(stdout, 'in the demo: #walk?model=dropped/tiny-dcgan&seeds=3,5,6,8');
  }
  for (let i = 0; i < 4; i++) assert.equal(readFileSync(files[i]!), readFileSync(files[i + 4]!));
  // Four stages, back to the first among them, of three steps each.
  for (const file of files.slice(0, 2)) {
    const { pages, width, pageHeight, loop } = await sharp(file, { animated: true }).metadata();
    assert.equal([pages, width, pageHeight, loop], [12, 3 * size, 3 * size, 0]);
  }
  const { width, height } = await sharp(files[3]!).metadata();
  assert.equal([width, height], [4 * 3 * size, 3 * 3 * size]);
  const { walks, path, steps } = JSON.parse(readFileSync(files[2]!, 'utf8')) as {
    walks: { seeds: number[]; latents: number[][][] }[];
    path: string;
    steps: number;
  };
  assert.equal([path, steps, walks.length], ['slerp', 4, 1]);
  assert.equal(walks[0]!.seeds, [3, 5, 6, 8]);
  const stop = (seed: number) => latentFromSeed(seed, smallConfig.latent, 'normal');
  // To the last bit: numbers are written so that they come back.
  assert.equal(Float32Array.from(walks[0]!.latents[1]![0]!), mix(stop(5), stop(6), 0, 'slerp'));
  assert.equal(Float32Array.from(walks[0]!.latents[2]![1]!), mix(stop(6), stop(8), 1 / 3, 'slerp'));
});

test('--once ends at the last keyframe, walks are side by side, and a requested path is in the link', async () => {
  const film = join(root, 'once.webp');
  const { code, stdout, stderr } = await dcgan(
    ...['walk', alone, '--from', '3,1', '--to', '8,2', '--steps', '4', '--once', '--path', 'linear'],
    ...['--fps', '10', '--out', film],
  );
  assert.is(code, 0, stderr);
  const { pages, width, delay, loop } = await sharp(film, { animated: true }).metadata();
  assert.equal([pages, width, loop], [4, 2 * size, 1]);
  assert.equal(delay, [100, 100, 100, 100]);
  assert.match(stdout, '#walk?model=dropped/tiny-dcgan&seeds=1,2&path=linear');
});

test('in a run it is a finding, and the model of a site has its name there', async () => {
  const { code, stdout, stderr } = await dcgan('walk', run.path, '--from', '3', '--to', '8');
  assert.is(code, 0, stderr);
  assert.match(stdout, join('analysis', 'walk'));
  const folder = join(run.path, 'analysis', 'walk');
  assert.equal(readdirSync(folder).sort(), ['finding.json', 'strip.png']);
  assert.match(readFileSync(join(run.path, 'report.html'), 'utf8'), 'Walks through latent space');
  const site = join(root, 'site');
  mkdirSync(site);
  await cp(alone, join(site, 'faces'), { recursive: true });
  writeFileSync(join(site, 'index.json'), JSON.stringify([{ name: 'faces', title: 'Faces' }]));
  const there = join(root, 'finding');
  const listed = await dcgan('walk', join(site, 'faces'), '--from', '3', '--to', '8', '--out', there);
  assert.match(listed.stdout, '#walk?model=faces&seeds=3,8');
  assert.ok(existsSync(join(there, 'finding.json')));
});

const ofClasses = join('demo', 'models', 'fashion-mnist-classes');

test('--label all takes a walk through every class: named columns with the images of each', async () => {
  const film = join(root, 'classes.webp');
  const walk = ['walk', ofClasses, '--from', '3', '--to', '8', '--steps', '2', '--once', '--label'];
  assert.is((await dcganInTurn(...walk, 'all', '--out', film)).code, 0);
  const { pages, width, height } = await sharp(film, { page: 1 }).metadata();
  assert.is(pages, 2);
  // Ten images of 32 pixels and a line of text.
  assert.ok(width > 320 && height > 32, `${width}x${height}`);
  const frame = await sharp(film, { page: 1 }).toColourspace('b-w').raw().toBuffer();
  for (const label of ['0', '9']) {
    const single = join(root, `class-${label}.png`);
    assert.is(
      (await dcganInTurn('sample', ofClasses, '--seeds', '8', '--label', label, '--out', single)).code,
      0,
    );
    const bytes = await sharp(single).toColourspace('b-w').raw().toBuffer();
    const middle = bytes.subarray(16 * 32, 17 * 32);
    const at = frame.indexOf(middle);
    assert.ok(at > 0, `class ${label}`);
    assert.is(at % width < width / 2, label === '0', 'columns have the order of the classes');
  }
  const refused = await dcganInTurn(
    ...walk.slice(0, 3),
    '0-3',
    '--to',
    '4-7',
    '--label',
    'all',
    '--out',
    film,
  );
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /4 walks through 10 classes are 40 side by side, expected 32 at most/);
});

test('walks of different classes have captions, walks of one class have none', async () => {
  const widthOf = async (...flags: string[]): Promise<number> => {
    const film = join(root, 'pair.webp');
    const pairs = ['--from', '1,2', '--to', '8,9', '--steps', '2', '--scale', '2', '--out', film];
    const { code, stderr } = await dcganInTurn('walk', ofClasses, ...pairs, ...flags);
    assert.is(code, 0, stderr);
    // libvips keeps what it has read of a path.
    return (await sharp(readFileSync(film)).metadata()).width;
  };
  assert.is(await widthOf('--label', 'bag'), 2 * 2 * 32);
  assert.ok((await widthOf()) > 2 * 2 * 32);
});

test('films are enlarged 16 times, smoothly with --resample lanczos', async () => {
  const film = join(root, 'large.webp');
  const walk = ['walk', alone, '--from', '3', '--to', '8', '--steps', '2', '--once', '--scale', '16'];
  const levels = async (...flags: string[]): Promise<number> => {
    assert.is((await dcganInTurn(...walk, ...flags, '--out', film)).code, 0);
    const { data, info } = await sharp(readFileSync(film))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.equal([info.width, info.height], [16 * size, 16 * size]);
    return new Set(Array.from({ length: info.width }, (_, x) => data.readUIntBE(3 * x, 3))).size;
  };
  // A row of squares has no more colours than images have columns.
  assert.ok((await levels()) <= size);
  assert.ok((await levels('--resample', 'lanczos')) > 2 * size);
});

const places = join(root, 'refused');
mkdirSync(places);
writeFileSync(join(places, 'file'), '');
const out = join(places, 'x.png');
const pair = ['--from', '3', '--to', '8'] as const;
const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no start', ['walk', alone, '--to', '3'], /required option '--from <seeds>'/],
  ['no model', ['walk', 'nowhere', ...pair, '--out', out], /there is no such model package/],
  ['no seeds', ['walk', alone, '--from', 'a', '--to', '8', '--out', out], /--from a: got 'a'/],
  ['no seeds to go to', ['walk', alone, '--from', '1', '--to', '', '--out', out], /--to : got ''/],
  [
    'fewer ends than starts',
    ['walk', alone, '--from', '1,2', '--to', '8', '--out', out],
    /--to 8: 1 images, expected 2, as many as --from has/,
  ],
  [
    'stops of two rows',
    ['walk', alone, '--from', '1,2', '--to', '8,9', '--via', '3', '--out', out],
    /--via 3: expected one image in --from and in --to, got 2/,
  ],
  ['one step', ['walk', alone, ...pair, '--steps', '1', '--out', out], /--steps: got 1, expected a whole/],
  [
    'no rate',
    ['walk', alone, ...pair, '--fps', '0', '--out', out],
    /--fps: got 0, expected a number from 0\.1/,
  ],
  ['a scale of half', ['walk', alone, ...pair, '--scale', '0.5', '--out', out], /--scale: got 0\.5/],
  ['another path', ['walk', alone, ...pair, '--path', 'square'], /Allowed choices are slerp, linear/],
  [
    'a format that cannot be written',
    ['walk', alone, ...pair, '--out', join(places, 'x.apng')],
    /x\.apng: expected a name that ends in \.png, \.gif, \.webp, \.json, or a folder/,
  ],
  [
    'a folder that is not there',
    ['walk', alone, ...pair, '--out', join(places, 'no', 'x.png')],
    /its folder does not exist/,
  ],
  [
    'a file as a folder',
    ['walk', alone, ...pair, '--out', join(places, 'file')],
    /is a file, expected a folder/,
  ],
  [
    'two folders',
    ['walk', alone, ...pair, '--out', join(places, 'a'), '--out', join(places, 'b')],
    /a second folder, expected one at most/,
  ],
  [
    'too many pixels',
    ['walk', alone, ...pair, '--steps', '10000', '--scale', '64', '--out', out],
    /give fewer --steps or keyframes/,
  ],
  [
    'a film too wide',
    ['walk', alone, '--from', '0-1024', '--to', '0-1024', '--steps', '2', '--out', join(places, 'x.webp')],
    /frames would be 16400 pixels wide, and its format allows 16383/,
  ],
];

for (const [name, args, message] of refused) {
  test(`${name} is one line and exit 2`, async () => {
    const { code, stdout, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/);
    assert.is(stdout, '');
    assert.equal(readdirSync(places), ['file']);
  });
}

test.run();
