// Large images are decoded in threads: the same pixels, the same reasons, and no thread that keeps the process alive.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeInThread } from '../../trainer/data/decode-threads.ts';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { decodeImage, inspectImage } from '../../trainer/data/image-file.ts';
import { BadImageError } from '../../trainer/data/source.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('decoding in threads');

const photo = await sharp(
  Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => (i * 7919) % 256),
  { raw: { width: 90, height: 60, channels: 3 } },
)
  .resize(1500, 1000)
  .jpeg()
  .toBuffer();

test('many photographs at once come back as this thread decodes them, in any shape', async () => {
  const facts = await inspectImage(photo);
  const shapes = [
    { width: 64, height: 64, channels: 3 },
    { width: 32, height: 48, channels: 4 },
    { width: 16, height: 16, channels: 1 },
  ] as const;
  const jobs = Array.from({ length: 12 }, (_, i) => shapes[i % 3]!);
  const found = await Promise.all(
    jobs.map((shape) => decodeInThread({ bytes: photo, shape, framing: defaultFraming, facts })),
  );
  for (const [i, shape] of jobs.entries()) assert.equal(found[i], await decodeImage(photo, shape));
});

test('a file that ends too early is refused with its reason, and the next image is decoded', async () => {
  const facts = await inspectImage(photo);
  const shape = { width: 16, height: 16, channels: 3 } as const;
  const bytes = photo.subarray(0, photo.length >> 1);
  const reason = async (decoding: Promise<unknown>): Promise<string> =>
    decoding.then(
      () => 'nothing refused',
      (error: unknown) => (error instanceof BadImageError ? error.message : String(error)),
    );
  const theirs = await reason(decodeInThread({ bytes, shape, framing: defaultFraming, facts }));
  assert.is(theirs, await reason(decodeImage(bytes, shape)));
  assert.match(theirs, /premature|ends|truncated/i);
  const after = await decodeInThread({ bytes: photo, shape, framing: defaultFraming, facts });
  assert.is(after.length, 768);
});

test('the process ends without waiting for the threads', () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 3; i++) writeFileSync(join(folder, `${i}.jpg`), photo);
  const program = pathToFileURL(resolve('dist', 'trainer', 'cli.js')).pathname;
  const started = Date.now();
  const out = join(temporaryFolder(), 'reals.png');
  const ended = spawnSync(process.execPath, [program, 'data', folder, '--image-size', '16', '--out', out], {
    env: { ...process.env, DCGAN_CACHE: temporaryFolder() },
    encoding: 'utf8',
  });
  assert.is(ended.status, 0, ended.stderr);
  assert.match(ended.stdout, '3 images');
  assert.ok(Date.now() - started < 60_000);
});

test.run();
