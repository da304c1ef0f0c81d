// `dcgan restore`, spawned: its files for each task, its figures, and every input that it refuses.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Region } from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawAvatar } from '../../../runtime-web/format/avatars/draw-avatar.ts';
import { avatarAttributes } from '../../../runtime-web/format/avatars/attributes.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun, start } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('dcgan restore');
const pictures = await smallPictures();
const trained = await dcgan(...smallRun(pictures, temporaryFolder(), 8));
assert.is(trained.code, 0, trained.stderr);
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
const quick = ['--updates', '6', '--restarts', '2'];
const one = join(pictures, '003.png');
const other = join(pictures, '020.png');

interface Closeness {
  readonly psnr: number;
  readonly ssim: number;
}
type Ways = Readonly<Record<'degraded' | 'plain' | 'nearest' | 'drawn' | 'restored', Closeness>>;
interface Done {
  readonly event: string;
  readonly out: string;
  readonly task: string;
  readonly figures: Ways | null;
  readonly pictures: readonly {
    readonly name: string;
    readonly file: string;
    readonly closeness: Ways | null;
  }[];
}

async function restored(...args: readonly string[]): Promise<Done> {
  const { code, stdout, stderr } = await dcgan('restore', run, ...args, ...quick, '--json');
  assert.is(code, 0, stderr);
  const lines = jsonLines(stdout);
  assert.is(lines.length, 1);
  return lines[0] as unknown as Done;
}

async function refused(args: readonly string[], message: RegExp, at: string = run): Promise<void> {
  const { code, stdout, stderr } = await dcganInTurn('restore', at, ...args);
  assert.is(code, 2, `${args.join(' ')}: ${stderr}${stdout}`);
  assert.match(stderr, message);
  assert.is(stderr.trim().split('\n').length, 1, stderr);
}

const pixels = async (file: string): Promise<{ data: Buffer; width: number; height: number }> => {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};
/** A picture of one colour, or a mask with a white rectangle. */
async function picture(name: string, width: number, height: number, white?: Region): Promise<string> {
  const file = join(temporaryFolder(), name);
  const ground = sharp({ create: { width, height, channels: 3, background: '#000000' } });
  if (white !== undefined) {
    const { width: w, height: h, left, top } = white;
    const input = { create: { width: w, height: h, channels: 3, background: '#ffffff' } } as const;
    ground.composite([{ input, left, top }]);
  }
  await ground.png().toFile(file);
  return file;
}

test('a box is filled, and the pixels outside stay as they were', async () => {
  const { out, pictures: list, figures } = await restored(one, '--box', '4,5,6,7');
  assert.is(out, join(run, 'analysis', 'restore-box'));
  assert.is(figures, null);
  assert.is(list.length, 1);
  const [before, after] = [await pixels(one), await pixels(list[0]!.file)];
  assert.equal([after.width, after.height], [16, 16]);
  let changed = 0;
  for (let i = 0; i < 256; i++) {
    const [x, y] = [i % 16, i >> 4];
    const isInside = x >= 4 && x < 10 && y >= 5 && y < 12;
    const isSame = before.data.subarray(3 * i, 3 * i + 3).equals(after.data.subarray(3 * i, 3 * i + 3));
    if (!isInside) assert.ok(isSame, `${x}, ${y}`);
    else changed += Number(!isSame);
  }
  assert.ok(changed > 20);
  assert.equal(readdirSync(out).sort(), ['comparison.png', 'finding.json', 'restored']);
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), 'Holes filled');
});

test('a mask of the picture’s own size is resized as it is; an original is measured against', async () => {
  const folder = temporaryFolder();
  const large = join(folder, 'large.png');
  await sharp(one).resize(64, 48, { fit: 'fill' }).toFile(large);
  // The middle of the picture's right half; what is cut off at the sides does not count.
  const mask = await picture('mask.png', 64, 48, { left: 32, top: 16, width: 12, height: 12 });
  const own = await picture('own.png', 16, 16, { left: 8, top: 5, width: 4, height: 5 });
  for (const file of [mask, own]) {
    const {
      figures,
      pictures: list,
      out,
    } = await restored(large, '--mask', file, '--original', large, '--out', join(folder, 'out'));
    assert.is(out, join(folder, 'out'));
    assert.ok(Number.isFinite(figures!.restored.psnr) && Number.isFinite(figures!.restored.ssim));
    assert.equal(list[0]!.closeness!.restored, figures!.restored);
  }
});

test('a demonstration damages images and measures every method, for each task', async () => {
  const folder = join(temporaryFolder(), 'given');
  mkdirSync(join(folder, 'a'), { recursive: true });
  mkdirSync(join(folder, 'b'));
  await cp(one, join(folder, 'a', 'x.png'));
  await cp(other, join(folder, 'b', 'x.png'));
  for (const [flags, name] of [
    [['--random', '0.5'], 'restore-random'],
    [['--task', 'denoise', '--noise', '40'], 'restore-denoise'],
    [['--task', 'colourise'], 'restore-colourise'],
  ] as const) {
    const { out, figures, pictures: list } = await restored(folder, '--demonstrate', ...flags);
    assert.is(out, join(run, 'analysis', name));
    assert.equal(
      list.map(({ name: given }) => given),
      ['x', 'x-2'],
    );
    for (const { closeness, file } of list) {
      assert.ok(existsSync(file));
      for (const [way, { psnr, ssim }] of Object.entries(closeness!)) {
        assert.ok(psnr > 0 && ssim < 1 + 1e-9, `${name}, ${way}: ${psnr} dB, ${ssim}`);
      }
    }
    const mean = (list[0]!.closeness!.restored.psnr + list[1]!.closeness!.restored.psnr) / 2;
    assert.ok(Math.abs(figures!.restored.psnr - mean) < 1e-9);
    // The given pictures are training images: the nearest is itself, to rounding and (for colour) to grey's.
    assert.ok(figures!.nearest.psnr > 40, `${name}: ${figures!.nearest.psnr}`);
    if (name === 'restore-denoise') {
      // 255 / 40 in decibels, a little more where black and white cut the noise off.
      assert.ok(Math.abs(figures!.degraded.psnr - 16.09) < 1.5, `${figures!.degraded.psnr}`);
      assert.ok(figures!.plain.psnr > figures!.degraded.psnr + 3);
    }
    const finding = JSON.parse(readFileSync(join(out, 'finding.json'), 'utf8')) as {
      readonly tables: readonly { readonly rows: readonly unknown[] }[];
    };
    assert.is(finding.tables[0]!.rows.length, 5);
  }
});

test('avatars are given by number, and without --json a table is printed', async () => {
  const out = join(temporaryFolder(), 'out');
  const { code, stdout, stderr } = await dcgan(
    ...['restore', run, 'avatars:10000-10001', '--demonstrate', '--centre', '0.25', '--out', out, ...quick],
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /PSNR, dB\s+SSIM\n/);
  assert.match(stdout, /nearest training image\s+\d+\.\d\d\s+-?\d\.\d{3}\n/);
  assert.match(stdout, /2 restored: /);
  const { data } = await pixels(join(out, 'restored', 'avatar-10001.png'));
  const whole = drawAvatar(avatarAttributes(10_001, 0), 16);
  assert.equal(Array.from(data.subarray(0, 48)), Array.from(whole.subarray(0, 48)), 'the first row is known');
});

test('--between makes a strip and a film of the requested number of images', async () => {
  const { code, stdout, stderr } = await dcgan(
    'restore',
    run,
    one,
    '--between',
    other,
    '--steps',
    '5',
    ...quick,
    '--json',
  );
  assert.is(code, 0, stderr);
  const done = jsonLines(stdout).at(-1) as { strip: string; film: string; frames: number; losses: number[] };
  assert.is(done.frames, 5);
  assert.is(done.losses.length, 2);
  const strip = await sharp(done.strip).metadata();
  assert.equal([strip.width, strip.height], [7 * 16, 16]);
  const film = await sharp(done.film, { animated: true }).metadata();
  assert.equal([film.width, film.pageHeight, film.pages, film.loop], [256, 256, 8, 0]);
  const left = await sharp(done.strip).extract({ left: 0, top: 0, width: 16, height: 16 }).raw().toBuffer();
  assert.ok(left.equals((await pixels(one)).data), 'the strip begins with the picture that was given');
});

test('the same seed restores the same image, another seed another', async () => {
  const outs = [];
  for (const seed of ['1', '1', '2']) {
    const { pictures: list } = await restored(
      one,
      '--centre',
      '0.3',
      '--seed',
      seed,
      '--out',
      join(temporaryFolder(), 'o'),
    );
    outs.push(readFileSync(list[0]!.file));
  }
  assert.ok(outs[0]!.equals(outs[1]!));
  assert.not.ok(outs[0]!.equals(outs[2]!));
});

test('contradicting flags are refused in one line, before anything is opened', async () => {
  await refused([one], /nothing is masked: say what to fill with --mask, --box, --centre or --random/);
  await refused([one, '--box', '0,0,16,16'], /--box: everything is masked/);
  await refused([one, '--task', 'sharpen'], /option '--task <name>' argument 'sharpen' is invalid/);
  await refused(['avatars:5-2', '--centre', '0.2'], /avatars:5-2: expected numbers of avatars/);
});

test('files that are not what they should be are refused', async () => {
  const folder = temporaryFolder();
  const text = join(folder, 'text.png');
  writeFileSync(text, 'no picture');
  const torn = join(folder, 'torn.png');
  writeFileSync(torn, readFileSync(one).subarray(0, 60));
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const wrong = await picture('wrong.png', 20, 16, { left: 2, top: 2, width: 4, height: 4 });
  const black = await picture('black.png', 16, 16);
  const white = await picture('white.png', 16, 16, { left: 0, top: 0, width: 16, height: 16 });
  const centre = ['--centre', '0.2'];
  for (const [args, message] of [
    [[join(folder, 'nowhere.png'), ...centre], /nowhere\.png: no such picture/],
    [[empty, ...centre], /a folder without PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF files/],
    [[text, ...centre], /text\.png: cannot be read: none of PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF inside/],
    [[torn, ...centre], /torn\.png: cannot be read: /],
    [
      [one, '--mask', wrong],
      /--mask .*wrong\.png: got 20x16 pixels, expected the picture's 16x16 or the model's 16x16/,
    ],
    [[one, '--mask', text], /text\.png: cannot be read/],
    [[one, '--mask', black], /--mask .*black\.png: nothing is masked/],
    [[one, '--mask', white], /--mask .*white\.png: everything is masked/],
    [[one, ...centre, '--original', text], /text\.png: cannot be read/],
    [[one, '--between', join(folder, 'nowhere.png')], /nowhere\.png: no such picture/],
    [[one, ...centre, '--data', join(folder, 'nothing')], /no such file or folder.*give them with --data/],
    [[one, ...centre, '--checkpoint', 'step-000777'], /there is no such checkpoint/],
    [[one, ...centre, '--out', join(text, 'x')], /--out .*text\.png is a file|cannot write there/],
  ] as const) {
    await refused(args, message);
  }
  assert.not.ok(existsSync(join(run, 'analysis', 'restore-centre')), 'nothing is left of what was refused');
});

test('a model without its run, no run at all, and colour of a grey model are errors', async () => {
  const lone = temporaryFolder();
  await cp(join(run, 'model'), join(lone, 'faces'), { recursive: true });
  const centre = ['--centre', '0.2'];
  const message =
    /a model without the run that made it, which has the checkpoints and the discriminator; give the run/;
  await refused([one, ...centre], message, join(lone, 'faces'));
  await refused([one, ...centre], message, join(lone, 'faces', 'model.json'));
  await refused([one, ...centre], /not a run folder/, temporaryFolder());
  const grey = await dcgan(...smallRun(pictures, temporaryFolder(), 2), '--channels', '1');
  const greyRun = String(jsonLines(grey.stdout).at(-1)!['runDir']);
  await refused(
    [one, '--task', 'colourise'],
    /the pictures of this model are grey, so it knows no colours/,
    greyRun,
  );
  const { code, stderr } = await dcgan('restore', greyRun, one, ...centre, ...quick);
  assert.is(code, 0, stderr);
  const { data, width } = await pixels(join(greyRun, 'analysis', 'restore-centre', 'restored', '003.png'));
  assert.ok(width === 16 && data.length % 256 === 0);
});

test('Ctrl-C stops it, and leaves no finding', async () => {
  const out = join(temporaryFolder(), 'out');
  // A busy machine starts a command slowly: the wait is a multiple of what a start takes.
  const began = Date.now();
  await dcgan('restore', '--help');
  const startMs = Date.now() - began;
  const running = start(['restore', run, one, '--centre', '0.3', '--updates', '100000', '--out', out]);
  await new Promise((done) => setTimeout(done, 1500 + 3 * startMs));
  running.kill('SIGINT');
  const { code } = await running.ended;
  assert.is(code, 130);
  assert.not.ok(existsSync(join(out, 'finding.json')));
});

test.run();
