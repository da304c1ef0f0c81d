// `dcgan faces`, spawned for real: from photographs to a folder to train on; interrupted, continued, refused.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FaceList } from '../../../trainer/faces/face-list.ts';
import { lockRun } from '../../../trainer/files/lock.ts';
import { dcgan, dcganInTurn, jsonLines, smallRun, start } from '../../shared/command-line.ts';
import { fixtures } from '../../faces/expected.ts';
import { composition, eyeError } from '../../faces/photographs.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('faces');
const root = temporaryFolder();
const photos = join(root, 'photos');
mkdirSync(join(photos, 'group'), { recursive: true });
copyFileSync(join(fixtures, 'astronaut.jpg'), join(photos, 'astronaut.jpg'));
copyFileSync(join(fixtures, 'cat.jpg'), join(photos, 'cat.jpg'));
writeFileSync(join(photos, 'notes.txt'), 'no photo');
writeFileSync(join(photos, 'torn.jpg'), readFileSync(join(fixtures, 'astronaut.jpg')).subarray(0, 9000));
const group = await composition(620, 300, [
  { x: 470, y: 150, scale: 1.2, degrees: 15 },
  { x: 160, y: 150, scale: 1, degrees: -20 },
]);
await sharp(group.photo.pixels, { raw: { width: 620, height: 300, channels: 3 } })
  .png()
  .toFile(join(photos, 'group', 'two.png'));

const listIn = (out: string): FaceList =>
  JSON.parse(readFileSync(join(out, 'faces.json'), 'utf8')) as FaceList;
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
/** A hash of each file: enough to compare, and short where it fails. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesIn(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')
        .slice(0, 12),
    ]),
  );

const out = join(root, 'faces');
const pictures = ['images/astronaut-0.png', 'images/group/two-0.png', 'images/group/two-1.png'];

test('photographs become aligned faces, a list and a contact sheet', async () => {
  const { code, stdout, stderr } = await dcgan('faces', photos, '--out', out, '--json');
  assert.is(code, 0, stderr);
  assert.match(stderr, /^warning: 1 photo could not be read: torn\.jpg \(damaged or incomplete\)\n$/);
  const { photosPerSecond, nextBest, ...done } = jsonLines(stdout).at(-1)!;
  assert.equal(done, {
    event: 'done',
    out,
    photos: 4,
    photosWithFaces: 2,
    faces: 3,
    aligned: 3,
    small: 0,
    cut: 0,
    unreadable: ['torn.jpg'],
    looked: 4,
    skipped: 0,
    gone: 0,
    contactSheet: join(out, 'contact-sheet.png'),
  });
  assert.ok(Number(photosPerSecond) > 0 && Number(nextBest) < 0.6);
  assert.equal(filesIn(out), ['contact-sheet.png', 'faces.json', ...pictures]);

  const { settings, faces } = listIn(out);
  assert.equal(settings, { size: 64, margin: 0.2, threshold: 0.6, minFace: 46, outside: 0.15, align: true });
  assert.equal(
    faces.map(({ file, source }) => [file, source]),
    [
      [pictures[0], 'astronaut.jpg'],
      [pictures[1], 'group/two.png'],
      [pictures[2], 'group/two.png'],
    ],
  );
  // The largest of a photo comes first.
  [faces[1], faces[2]].forEach((face, i) => {
    const { right, left } = face!.eyes;
    const points = { rightEye: right, leftEye: left } as Parameters<typeof eyeError>[0]['points'];
    assert.ok(eyeError({ points }, group.eyes[i]!) < 0.13, `face ${i}`);
  });
  const sheet = await sharp(join(out, 'contact-sheet.png')).metadata();
  assert.equal([sheet.width, sheet.height], [192, 192]);
});

test('in the images the eyes are at the printed places, and a face looks the same at every tilt', async () => {
  const read = (name: string): Promise<Buffer> => sharp(join(out, name)).raw().toBuffer();
  const [upright, right, left] = await Promise.all(pictures.map(read));
  assert.is(upright!.length, 64 * 64 * 3);
  // Dark irises at (22.9, 27.4) and (41.1, 27.4), light cheeks below them.
  const level = (x: number, y: number): number => upright![(y * 64 + x) * 3]!;
  for (const x of [22, 40]) {
    const iris = Math.min(level(x, 27), level(x + 1, 27), level(x, 28), level(x + 1, 28));
    assert.ok(iris < level(x, 36) - 60, `iris at ${x}: ${iris} against ${level(x, 36)}`);
  }
  for (const other of [right!, left!]) {
    // The middle of the face; around it the backgrounds differ.
    let [difference, count] = [0, 0];
    for (let y = 16; y < 52; y++) {
      for (let x = 18; x < 46; x++, count++) {
        const at = (y * 64 + x) * 3;
        difference += Math.abs(upright![at]! - other[at]!);
      }
    }
    assert.ok(difference / count < 14, `${difference / count} grey levels apart`);
  }
});

test('a photo of the same size and date, but other content, is processed again', async () => {
  const [own, faces] = [join(root, 'one-photo'), join(root, 'faces-of-one')];
  mkdirSync(own);
  const photo = join(own, 'a.jpg');
  const coffee = readFileSync(join(fixtures, 'coffee.jpg'));
  const astronaut = readFileSync(join(fixtures, 'astronaut.jpg'));
  const bytes = Math.max(coffee.length, astronaut.length);
  const date = new Date(2020, 1, 1);
  const counts: unknown[] = [];
  for (const image of [coffee, astronaut, astronaut]) {
    // Decoders ignore what follows a JPEG's end.
    writeFileSync(photo, Buffer.concat([image, Buffer.alloc(bytes - image.length)]));
    utimesSync(photo, date, date);
    const { code, stdout, stderr } = await dcgan('faces', own, '--out', faces, '--json');
    assert.is(code, 0, stderr);
    const { looked, faces: found } = jsonLines(stdout).at(-1)!;
    counts.push([looked, found]);
  }
  assert.equal(counts, [
    [1, 0],
    [1, 1],
    [0, 1],
  ]);
});

test('a second run processes only new, changed, unreadable and lost photos, and says so', async () => {
  const before = contents(out);
  rmSync(join(out, 'images', 'astronaut-0.png'));
  writeFileSync(join(out, 'images', 'group', 'two-7.png.123.tmp'), 'half');
  const again = await dcgan('faces', photos, '--out', out, '--json');
  assert.is(again.code, 0, again.stderr);
  const { looked, skipped, faces } = jsonLines(again.stdout).at(-1)!;
  assert.equal([looked, skipped, faces], [2, 2, 3], 'the lost one, and the torn one');
  assert.equal(contents(out), before);

  const stamp = statSync(join(out, 'images', 'astronaut-0.png')).mtimeMs;
  copyFileSync(join(fixtures, 'astronaut.jpg'), join(photos, 'torn.jpg'));
  copyFileSync(join(fixtures, 'coffee.jpg'), join(photos, 'group', 'two.png'));
  utimesSync(join(photos, 'group', 'two.png'), new Date(), new Date(Date.now() + 5000));
  rmSync(join(photos, 'cat.jpg'));
  const changed = await dcgan('faces', photos, '--out', out);
  assert.is(changed.code, 0, changed.stderr);
  assert.is(changed.stderr, '');
  assert.match(
    changed.stdout,
    /^2 faces from 2 of 4 photos, 1 of them in an earlier run, in .*, [\d.]+ photos\/s$/m,
  );
  assert.match(changed.stdout, /^ {2}1 photo is no longer there; its faces stay$/m);
  assert.equal(filesIn(join(out, 'images')), ['astronaut-0.png', 'torn-0.png']);
  assert.is(statSync(join(out, 'images', 'astronaut-0.png')).mtimeMs, stamp, 'what was there is left alone');
});

// As many photos as it takes to stop in the middle.
const many = join(root, 'many');
mkdirSync(many);
for (let i = 0; i < 8; i++) {
  copyFileSync(join(fixtures, i % 2 === 0 ? 'astronaut.jpg' : 'coffee.jpg'), join(many, `${i + 10}.jpg`));
}

test('Ctrl-C keeps finished photos, and the same command then ends like an uninterrupted one', async () => {
  const whole = join(root, 'whole');
  assert.is((await dcgan('faces', many, '--out', whole)).code, 0);
  const stopped = join(root, 'stopped');
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const running = start(['faces', many, '--out', stopped]);
    await running.printed('the eyes are at');
    const wanted = signal === 'SIGINT' ? 1 : 3;
    while (filesIn(stopped).filter((name) => /-0\.png$/.test(name)).length < wanted) {
      await new Promise((wake) => setTimeout(wake, 5));
    }
    running.kill(signal);
    const ending = await running.ended;
    if (signal === 'SIGINT') {
      assert.is(ending.code, 130, ending.stderr);
      const { photos: done, faces } = listIn(stopped);
      assert.ok(done.length >= 1 && done.length < 8, `${done.length} photos`);
      assert.ok(faces.length >= 1 && !existsSync(join(stopped, 'lock')));
    }
  }
  const resumed = await dcgan('faces', many, '--out', stopped, '--json');
  assert.is(resumed.code, 0, resumed.stderr);
  assert.ok(Number(jsonLines(resumed.stdout).at(-1)!['skipped']) >= 1);
  assert.equal(contents(stopped), contents(whole));
});

test('the folder is trained on as it is, without its contact sheet', async () => {
  const data = join(root, 'whole');
  const plan = await dcgan(
    'train',
    '--preset',
    'default',
    '--data',
    data,
    '--image-size',
    '16',
    '--batch',
    '4',
    '--dry-run',
    '--json',
  );
  assert.is((jsonLines(plan.stdout).at(-1) as { data: { images: number } }).data.images, 4, plan.stderr);
  const trained = await dcgan(...smallRun(data, join(root, 'runs'), 4), '--batch', '4');
  assert.is(trained.code, 0, trained.stderr);
  assert.ok(existsSync(join(root, 'runs', '00001-whole-dcgan', 'model', 'generator.onnx')));
});

test('a dry run writes nothing', async () => {
  const place = join(root, 'dry');
  const { code, stdout, stderr } = await dcgan('faces', many, '--out', place, '--dry-run');
  assert.is(code, 0, stderr);
  assert.match(stdout, /^8 of 8 photos tried: 4 faces, 0 too small \(below 46 pixels\), 0 too far outside/);
  assert.match(
    stdout,
    /^estimate for all: about 4 faces in \d+ s \([\d.]+ photos\/s\); nothing was written$/m,
  );
  assert.is(existsSync(place), false);
  const json = await dcgan('faces', many, '--out', place, '--dry-run', '--json');
  const done = jsonLines(json.stdout).at(-1)!;
  assert.equal([done['event'], done['isDryRun'], done['photos'], done['faces']], ['done', true, 8, 4]);
});

test('a folder without faces is no error, and gives a hint', async () => {
  const empty = join(root, 'no-faces');
  mkdirSync(empty);
  copyFileSync(join(fixtures, 'rocket.jpg'), join(empty, 'rocket.jpg'));
  const place = join(root, 'none');
  const { code, stdout, stderr } = await dcgan('faces', empty, '--out', place);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^0 faces from 0 of 1 photo, in /m);
  assert.match(stdout, /^no faces: .*; a --min-face below 46 finds smaller ones$/m);
  assert.equal(filesIn(place), ['faces.json']);
  // When a face is found the sheet appears; when it is gone again, the sheet goes.
  copyFileSync(join(fixtures, 'astronaut.jpg'), join(empty, 'rocket.jpg'));
  utimesSync(join(empty, 'rocket.jpg'), 1, 1);
  assert.is((await dcgan('faces', empty, '--out', place)).code, 0);
  assert.equal(filesIn(place), ['contact-sheet.png', 'faces.json', 'images/rocket-0.png']);
  copyFileSync(join(fixtures, 'coffee.jpg'), join(empty, 'rocket.jpg'));
  utimesSync(join(empty, 'rocket.jpg'), 2, 2);
  assert.is((await dcgan('faces', empty, '--out', place)).code, 0);
  assert.equal(filesIn(place), ['faces.json']);
});

test('--size, --margin, --min-face, --outside, --threshold and --no-align have their effects', async () => {
  const one = join(root, 'one');
  mkdirSync(one);
  const edge = await composition(300, 300, [{ x: 60, y: 120, scale: 1, degrees: 20 }]);
  await sharp(edge.photo.pixels, { raw: { width: 300, height: 300, channels: 3 } })
    .png()
    .toFile(join(one, 'edge.png'));
  const run = async (name: string, ...flags: string[]): Promise<Record<string, unknown>> => {
    const place = join(root, `one-${name}`);
    const { code, stdout, stderr } = await dcganInTurn('faces', one, '--out', place, '--json', ...flags);
    assert.is(code, 0, stderr);
    return { ...jsonLines(stdout).at(-1)!, place };
  };
  const large = await run('large', '--size', '100', '--margin', '0.5', '--min-face', '90', '--outside', '1');
  assert.equal([large['faces'], large['aligned']], [1, 1]);
  const file = join(String(large['place']), 'images', 'edge-0.png');
  assert.is((await sharp(file).metadata()).width, 100);
  // Parts outside the photo are mirrored at its border: no black, no grey.
  assert.equal([(await run('cut', '--outside', '0'))['cut']], [1]);
  assert.equal([(await run('small', '--min-face', '150'))['small']], [1]);
  const unsure = await run('unsure', '--threshold', '0.999');
  assert.equal([unsure['faces'], Number(unsure['nextBest']) > 0.6], [0, true]);
  const upright = await run('upright', '--no-align', '--outside', '1');
  assert.equal([upright['faces'], upright['aligned']], [1, 0]);
  assert.is(listIn(String(upright['place'])).faces[0]!.isAligned, false);
});

// Each ends with 2, one line on stderr and nothing on stdout or on disk.
const refusals = join(root, 'refusals');
const inside = join(refusals, 'photos');
mkdirSync(inside, { recursive: true });
copyFileSync(join(fixtures, 'coffee.jpg'), join(inside, 'coffee.jpg'));
const foreign = join(refusals, 'foreign');
mkdirSync(foreign);
writeFileSync(join(foreign, 'mine.txt'), 'precious');
const bare = join(refusals, 'bare');
mkdirSync(bare);
writeFileSync(join(bare, 'film.mov'), '');
const onlyTorn = join(refusals, 'torn');
mkdirSync(onlyTorn);
writeFileSync(join(onlyTorn, 'a.jpg'), 'no photo');
symlinkSync(inside, join(refusals, 'link'));
const made = join(refusals, 'made');
const place = join(refusals, 'new');
const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no folder', ['faces'], /missing required argument 'folder'/],
  ['a folder that is not there', ['faces', join(root, 'nowhere')], /nowhere: no such folder/],
  ['a file for a folder', ['faces', join(foreign, 'mine.txt')], /a file; expected a folder of photographs/],
  ['a folder without photos', ['faces', bare], /bare: no images \(it has other files: 1 \.mov\)/],
  [
    'a size of none',
    ['faces', inside, '--size', '8'],
    /--size: got 8, expected a whole number from 16 to 1024/,
  ],
  ['a size that is no number', ['faces', inside, '--size', 'big'], /--size: got big/],
  [
    'a negative margin',
    ['faces', inside, '--margin', '-1'],
    /--margin: got -1, expected a number from 0 to 2/,
  ],
  [
    'a threshold of 0',
    ['faces', inside, '--threshold', '0'],
    /--threshold: got 0, expected a number above 0/,
  ],
  ['a threshold in percent', ['faces', inside, '--threshold', '60'], /--threshold: got 60/],
  [
    'a share above one',
    ['faces', inside, '--outside', '1.5'],
    /--outside: got 1\.5, expected a number from 0 to 1/,
  ],
  ['a half pixel', ['faces', inside, '--min-face', '9.5'], /--min-face: got 9\.5/],
  [
    'an unknown flag',
    ['faces', inside, '--min-fac', '9'],
    /unknown option '--min-fac' \(did you mean --min-face\?\)/,
  ],
  [
    'a folder of other files',
    ['faces', inside, '--out', foreign],
    /holds other files \(mine\.txt\); expected a new or/,
  ],
  ['a file for --out', ['faces', inside, '--out', join(foreign, 'mine.txt')], /is a file; expected a folder/],
  [
    '--out below a file',
    ['faces', inside, '--out', join(foreign, 'mine.txt', 'x')],
    /a part of its path is a file|is a file/,
  ],
  [
    '--out among the photos',
    ['faces', inside, '--out', join(inside, 'faces')],
    /lies in the folder of photos/,
  ],
  ['--out at the photos', ['faces', inside, '--out', inside], /lies in the folder of photos/],
  [
    '--out among the photos by a link',
    ['faces', inside, '--out', join(refusals, 'link', 'a', 'b')],
    /lies in the folder of photos/,
  ],
  [
    'faces of another size',
    ['faces', inside, '--out', made, '--size', '32'],
    /made with --size 64, got 32; give another --out/,
  ],
  [
    'faces of other photos',
    ['faces', photos, '--out', made],
    /holds faces of other photos \(.*refusals\/photos\)/,
  ],
];
assert.is((await dcgan('faces', inside, '--out', made)).code, 0);
const untouched = contents(refusals);

for (const [name, args, message] of refused) {
  test(`${name} is one line and exit 2`, async () => {
    const all = args.includes('--out') || args.length < 2 ? args : [...args, '--out', place];
    const { code, stdout, stderr } = await dcganInTurn(...all);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/);
    assert.is(stdout, '');
    assert.equal(contents(refusals), untouched);
    assert.is(existsSync(place), false);
  });
}

test('photos none of which can be read are an error, and so are faces that the disk does not take', async () => {
  const torn = await dcgan('faces', onlyTorn, '--out', join(root, 'all-torn'), '--json');
  assert.is(torn.code, 2);
  assert.match(
    torn.stderr,
    /^error: none of the 1 photos can be read \(a\.jpg: none of PNG, JPEG,[^\n]*\)\n$/,
  );
  const full = join(root, 'full');
  const { code, stderr } = await start(['faces', many, '--out', full], { shell: 'ulimit -f 4;' }).ended;
  assert.is(code, 2, stderr);
  assert.match(stderr, /^error: cannot write .*-0\.png: the file size limit is reached; finished faces stay/);
  assert.equal(filesIn(full), ['faces.json']);
  const finished = await dcgan('faces', many, '--out', full);
  assert.is(finished.code, 0, finished.stderr);
});

test('a folder that another process works in is refused, and left as it is', async () => {
  const shared = join(root, 'whole');
  const lock = lockRun(join(shared, 'lock'));
  try {
    const before = contents(shared);
    const { code, stdout, stderr } = await dcgan('faces', many, '--out', shared);
    assert.is(code, 2, stderr);
    assert.match(
      stderr,
      /^error: [^\n]*another process looks for faces into this folder \(process \d+\)[^\n]*\n$/,
    );
    assert.is(stdout, '');
    assert.equal(contents(shared), before);
  } finally {
    lock.release();
  }
});

test.run();
