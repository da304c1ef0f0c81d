// Reading only regular files: pipes, devices and folders are refused at once, and sizes before memory is taken.
import { square } from '../../runtime-web/format/image-shape.ts';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { openSource } from '../../trainer/data/open-source.ts';
import { IrregularFileError, readRegular } from '../../trainer/files/regular-file.ts';
import { loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { openFeatureNetwork } from '../../trainer/metrics/feature-network.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { smallPictures } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('regular files');
const folder = temporaryFolder();
const pipe = join(folder, 'pipe');
assert.is(spawnSync('mkfifo', [pipe]).status, 0);

async function reason(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: Error) => error.message,
  );
}

test('a pipe, a device and a folder are refused, and a file that is too large', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'four');
  symlinkSync('/dev/zero', join(folder, 'zero'));
  assert.is((await readRegular(file, 4)).toString(), 'four');
  for (const path of [pipe, join(folder, 'zero')]) {
    assert.is(await reason(readRegular(path, 99)), 'a pipe or a device, expected a regular file');
  }
  assert.is(await reason(readRegular(folder, 99)), 'a folder, not a file');
  assert.is(await reason(readRegular(file, 3)), '4 bytes, expected at most 3');
  assert.instance(await readRegular(file, 3).catch((error: unknown) => error), IrregularFileError);
});

test('no data or weights are read from a pipe or a device', async () => {
  const data = temporaryFolder();
  mkdirSync(join(data, 'idx'));
  for (const name of ['a.zip', 'b.bin', 'c-images-idx3-ubyte']) {
    symlinkSync(pipe, join(data, name));
    assert.match(await reason(openSource(join(data, name))), /pipe or a device/, name);
  }
  symlinkSync('/dev/zero', join(data, 'idx', 'train-images-idx3-ubyte'));
  assert.match(await reason(openSource(join(data, 'idx'))), /pipe or a device/);
  assert.match(await reason(openPackage(pipe)), /pipe or a device/);
  assert.match(await reason(openFeatureNetwork(pipe)), /pipe or a device/);
  assert.match(await reason(loadCheckpoint(pipe)), /pipe or a device/);
});

test('an image that is a pipe or a device is left out', async () => {
  const pictures = await smallPictures(30);
  spawnSync('mkfifo', [join(pictures, 'x.png')]);
  symlinkSync('/dev/zero', join(pictures, 'y.png'));
  const source = await openSource(pictures);
  let good = 0;
  for await (const image of source.images()) {
    good += await Promise.resolve(image.render({ ...square(16), channels: 3, framing: defaultFraming })).then(
      () => 1,
      (error: Error) => {
        assert.match(error.message, /pipe or a device/);
        return 0;
      },
    );
  }
  assert.is(good, 30);
});

test.run();
