// A DCGAN that PyTorch trains here for some hundred steps, with the architecture of its example, is imported as .pth and as safetensors.
// Its images are PyTorch's. Python is looked for in $DCGAN_PYTHON or python3.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openNativeGenerator } from '../../../trainer/model-package/native-generator.ts';
import { drawOnWasm } from '../../../trainer/model-package/wasm-generator.ts';
import { largestDifference, pytorchImages } from '../../import-pytorch/fixture.ts';
import { dcgan } from '../../shared/command-line.ts';
import { skipIf } from '../../shared/skip.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const suiteOf = suite('dcgan import of a DCGAN trained by PyTorch');
const python = process.env['DCGAN_PYTHON'] ?? 'python3';
const hasPyTorch = spawnSync(python, ['-c', 'import torch, safetensors.torch']).status === 0;
const test = skipIf(
  !hasPyTorch,
  `${python} has no torch and safetensors (set DCGAN_PYTHON to a Python that has)`,
  suiteOf,
);

const folder = temporaryFolder();
if (hasPyTorch) {
  const script = resolve('scripts', 'fixtures', 'pytorch_dcgan.py');
  const { status, stderr } = spawnSync(python, [script, 'train', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

for (const name of ['netG.pth', 'netG.safetensors']) {
  test(`${name}: the model draws PyTorch's images for the same z, in Node and in WebAssembly`, async () => {
    const out = join(folder, `run-of-${name}`);
    const { code, stderr } = await dcgan(
      ...['import', join(folder, name), '--architecture', 'pytorch-dcgan'],
      ...['--discriminator', join(folder, 'netD.pth'), '--out', out],
    );
    assert.is(code, 0, stderr);
    const { z, images } = pytorchImages(join(folder, 'images.json'));
    assert.is(images.length, 8 * 64 * 64 * 3);
    assert.ok(Math.max(...images) - Math.min(...images) > 0.5, 'training has made pictures');
    const file = join(out, 'model', 'generator.onnx');
    const generator = await openNativeGenerator(readFileSync(file), { latentDim: 20, threads: 1 });
    const native = await generator.draw(z);
    await generator.dispose();
    const runs = [{ z: { shape: [8, 20], dtype: 'float32', data: z } }] as const;
    const wasm = await drawOnWasm({ file, runs, signal: new AbortController().signal });
    for (const { data } of [native, wasm.images[0]!]) assert.ok(largestDifference(data, images) < 1e-4);
  });
}

suiteOf.run();
