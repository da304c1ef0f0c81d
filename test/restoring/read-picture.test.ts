// Given pictures are made square as Pillow does it, cropped or stretched.
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FitName } from '../../trainer/data/framing.ts';
import type { ResampleName } from '../../trainer/data/resample.ts';
import { givenPictures } from '../../trainer/restoring/read-picture.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

interface Fixture {
  readonly cases: readonly {
    readonly width: number;
    readonly height: number;
    readonly channels: Channels;
    readonly to: readonly [width: number, height: number];
    readonly fit: FitName;
    readonly filter: ResampleName;
    readonly pixels: string;
    readonly resized: string;
  }[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/pillow-resize.json', 'utf8')) as Fixture;
const test = suite('givenPictures()');

for (const { width, height, channels, to, fit, filter, pixels, resized } of cases) {
  test(`${width}x${height}x${channels} as PNG to ${to.join('x')}, ${fit}: within one level of Pillow's ${filter}`, async () => {
    const path = join(temporaryFolder(), 'a.png');
    await sharp(Buffer.from(pixels, 'base64'), { raw: { width, height, channels } }).toFile(path);
    const [picture] = await givenPictures([path], (place) => place, new AbortController().signal);
    const framing = { fit, focus: 'centre', resample: filter, background: '#ff8000' };
    const read = await picture!.read({ width: to[0], height: to[1], channels, framing });
    const theirs = Buffer.from(resized, 'base64');
    assert.is(read.length, theirs.length);
    const worst = read.reduce((most, x, i) => Math.max(most, Math.abs((x + 1) * 127.5 - theirs[i]!)), 0);
    assert.ok(worst < 1.01, `worst difference ${worst}`);
  });
}

test.run();
