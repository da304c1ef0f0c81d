// `dcgan data` and what the flags of framing do to a run, on images whose facts are known by construction; spawned for real.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonLines, smallRun, start, type Ending } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan data');

const run = async (cwd: string, ...args: string[]): Promise<Ending> => start(args, { cwd }).ended;
const plain = (width: number, height: number, [r, g, b]: readonly number[]): Sharp =>
  sharp({ create: { width, height, channels: 3, background: { r: r!, g: g!, b: b! } } });

/** Two classes: 12 PNG of 40x20, 6 JPEG of 16x48, one moving WebP of 32x32, a grey PNG of 8x8, a PNG with alpha; 3 exact copies. */
async function mixed(): Promise<string> {
  const folder = join(temporaryFolder(), 'photos');
  for (const name of ['cat', 'dog']) mkdirSync(join(folder, name), { recursive: true });
  for (let i = 0; i < 12; i++) {
    // The last three look like the first.
    const png = await plain(40, 20, [i < 9 ? 20 * i : 0, 100, 50])
      .png({ compressionLevel: i % 9 })
      .toBuffer();
    writeFileSync(join(folder, 'cat', `${i}.png`), png);
  }
  for (let i = 0; i < 6; i++) {
    writeFileSync(
      join(folder, 'dog', `${i}.jpg`),
      await plain(16, 48, [200, 30 * i, 0])
        .jpeg()
        .toBuffer(),
    );
  }
  const frames = Buffer.concat([Buffer.alloc(32 * 32 * 3, 90), Buffer.alloc(32 * 32 * 3)]);
  const film = sharp(frames, { raw: { width: 32, height: 64, channels: 3, pageHeight: 32 } });
  writeFileSync(join(folder, 'dog', 'moving.webp'), await film.webp({ lossless: true }).toBuffer());
  const grey = sharp(Buffer.alloc(64, 7), { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('b-w');
  writeFileSync(join(folder, 'dog', 'small.png'), await grey.png().toBuffer());
  const clear = { width: 32, height: 32, channels: 4 as const, background: { r: 9, g: 9, b: 9, alpha: 0 } };
  writeFileSync(join(folder, 'dog', 'clear.png'), await sharp({ create: clear }).png().toBuffer());
  return folder;
}

const survey = {
  formats: { PNG: 14, JPEG: 6, WebP: 1 },
  sizes: { width: [8, 40, 40], height: [8, 20, 48] },
  shapes: { same: 3, wide: 12, tall: 6 },
  colours: { grey: 1, colour: 20 },
  alpha: 1,
  severalFrames: 1,
  enlarged: 1,
  transparent: 0,
  copies: 3,
};

test('tells formats, sizes, shapes, colours, classes and copies, and draws the images', async () => {
  const folder = await mixed();
  const cwd = temporaryFolder();
  const { code, stdout, stderr } = await run(cwd, 'data', folder, '--image-size', '16', '--json');
  assert.is(code, 0, stderr);
  const [said] = jsonLines(stdout);
  assert.equal(said!['survey'], survey);
  assert.equal(said!['classes'], { cat: 12, dog: 9 });
  assert.equal([said!['images'], said!['channels'], said!['unreadable']], [21, 3, 0]);
  assert.match(stderr, /warning: .*: 1 file has several frames or pages; only the first is used/);
  const { data, info } = await sharp(join(cwd, 'reals.png')).raw().toBuffer({ resolveWithObject: true });
  // 21 images in rows of 5; the first is a cat.
  assert.equal([info.width, info.height], [80, 80]);
  assert.equal([...data.subarray(0, 3)], [0, 100, 50]);

  const text = await run(cwd, 'data', folder, '--image-size', '16');
  assert.is(text.code, 0, text.stderr);
  assert.match(text.stdout, /^data {6}photos: 21 images, 16x16x3$/m);
  assert.match(
    text.stdout,
    /^files {5}14 PNG, 6 JPEG, 1 WebP; widths and heights from 8x8 to 40x48, medians 40x20$/m,
  );
  assert.match(
    text.stdout,
    /^shapes {4}3 square, 12 wide, 6 tall; 18 are cropped to a square \(the centre\)$/m,
  );
  assert.match(text.stdout, /^colours {3}20 colour, 1 grey; 1 with alpha, on white$/m);
  assert.match(text.stdout, /^enlarged {2}1 image is smaller than 16x16$/m);
  assert.match(text.stdout, /^copies {4}3 of 21 images \(14\.3%\) equal another one/m);
  assert.match(text.stdout, /^classes {3}cat \(12\), dog \(9\)$/m);
  assert.match(text.stdout, /^next {6}.*train --data .*photos --image-size 16$/m);
});

test('grey data are shown grey, and the next command says so; a folder for --out; avatars have no files', async () => {
  const folder = join(temporaryFolder(), 'grey');
  mkdirSync(folder);
  for (let i = 0; i < 4; i++) {
    const grey = sharp(Buffer.alloc(400, 60 * i), { raw: { width: 20, height: 20, channels: 1 } });
    writeFileSync(join(folder, `${i}.png`), await grey.toColourspace('b-w').png().toBuffer());
  }
  const cwd = temporaryFolder();
  const { stdout, stderr } = await run(cwd, 'data', folder, '--image-size', '16', '--out', 'found');
  assert.match(
    stdout,
    /^next .*--image-size 16 --channels 1$|^next .*--channels 1 --image-size 16$/m,
    stderr,
  );
  assert.ok(existsSync(join(cwd, 'found', 'reals.png')));
  assert.match(stdout, /^data {6}grey: 4 images, 16x16x1$/m);
  const drawn = await run(cwd, 'data', 'avatars', '--image-size', '16');
  assert.match(drawn.stdout, /^data {6}avatars: 10,000 images, 16x16x3$/m, drawn.stderr);
  assert.not.match(drawn.stdout, /^files/m);
});

test('bad paths and settings give the errors of train, and nothing is written', async () => {
  const folder = await mixed();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'reals.png'), 'mine');
  writeFileSync(join(cwd, 'text.txt'), 'text');
  for (const path of ['nowhere', 'text.txt', '']) {
    const [ours, trains] = await Promise.all([
      run(cwd, 'data', path, '--out', 'other.png'),
      run(cwd, 'train', '--data', path, '--steps', '1'),
    ]);
    assert.is(ours.code, 2);
    assert.is(ours.stderr, trains.stderr, path);
  }
  for (const [args, message] of [
    [[], /^error: --out reals\.png: there is such a file already/],
    [['--out', 'a.jpg'], /^error: --out a\.jpg: expected a name that ends in \.png/],
    [
      ['--out', 'x.png', '--image-size', '30'],
      /^error: --image-size: got 30, expected a size such as 64 or 64x96/,
    ],
    [['--out', 'x.png', '--fit', 'zoom'], /^error: --fit: got "zoom", expected one of crop, pad, stretch/],
    [
      ['--out', 'x.png', '--focus', '2,2'],
      /^error: --focus: got "2,2", expected centre, attention, entropy, or/,
    ],
    [['--out', 'x.png', '--focus', '0,0', '--fit', 'pad'], /^error: --focus 0,0 and --fit pad contradict/],
    [['--out', 'x.png', '--background', 'mauve'], /^error: --background: got "mauve", expected a colour/],
    [['--out', 'x.png', '--resample', 'box'], /^error: --resample: got "box", expected one of/],
  ] as const) {
    const { code, stderr } = await run(cwd, 'data', folder, ...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.not.match(stderr, /\n./);
  }
  assert.not.ok(existsSync(join(cwd, 'x.png')));
});

test('a run keeps its framing, has reals.png, shows it in its report, and is read in the same way again', async () => {
  const folder = await mixed();
  const cwd = temporaryFolder();
  const framing = ['--fit', 'pad', '--resample', 'nearest', '--background', '#00f'];
  const trained = await run(cwd, ...smallRun(folder, 'runs', 4), ...framing);
  assert.is(trained.code, 0, trained.stderr);
  const lines = jsonLines(trained.stdout);
  const path = String(lines.find(({ event }) => event === 'done')!['runDir']);
  const plan = lines.find(({ event }) => event === 'plan') as unknown as { data: { survey: typeof survey } };
  assert.equal(plan.data.survey, { ...survey, enlarged: 1 });
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(
    ['fit', 'focus', 'resample', 'background'].map((key) => config[key]),
    ['pad', 'centre', 'nearest', '#00f'],
  );
  const { data } = await sharp(join(path, 'reals.png')).raw().toBuffer({ resolveWithObject: true });
  // A wide image has blue bars above it.
  assert.equal([...data.subarray(0, 3)], [0, 0, 255]);
  assert.match(readFileSync(join(path, 'report.html'), 'utf8'), /"reals":"data:image\/webp;base64,/);

  const measured = await run(cwd, 'evaluate', path, '--count', '16', '--json');
  assert.is(measured.code, 0, measured.stderr);
  const protocol = jsonLines(measured.stdout).at(-1)!['protocol'] as Record<string, unknown>;
  assert.is(protocol['framing'], 'pad, focus centre, nearest, background #00f');
  const other = await run(cwd, 'train', '--resume', path, '--steps', '8', '--fit', 'crop');
  assert.is(other.code, 2);
  assert.match(other.stderr, /the run was begun with --fit pad and cannot go on with crop/);
  const resumed = await run(cwd, 'train', '--resume', path, '--steps', '8', '--json');
  assert.is(resumed.code, 0, resumed.stderr);
  assert.not.match(resumed.stderr, /data have changed/);
});

test.run();
