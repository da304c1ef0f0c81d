// Restoring in a real browser: the same latents as onnxruntime-node's on every device, intermediate images, an immediate stop, and
// code that is fetched only when used.
import { square } from '../../runtime-web/format/image-shape.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { contextWeights } from '../../runtime-web/format/restoring/context-weights.ts';
import { finished } from '../../runtime-web/format/restoring/finish.ts';
import { rateAt, termWeights } from '../../runtime-web/format/restoring/task.ts';
import type * as Runtime from '../../runtime-web/index.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { largestDifference } from '../shared/closeness.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { devices, fetchedTwice, openBrowser } from './browser.ts';
import { avatarsRun } from './models.ts';
import { runtimePages } from './pages.ts';
import { packageBytes } from '../shared/package-bytes.ts';

const test = suite('restoring in the browser');
const browser = await openBrowser('restoring in the browser');

const run = await avatarsRun();
const model = join(run, 'all');
const pages = runtimePages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const side = 16;
const dim = 8;
const middle = Float32Array.from({ length: side * side }, (_, i) => {
  const isMiddle = (at: number): boolean => at >= 4 && at < 12;
  return Number(isMiddle(i % side) && isMiddle(Math.floor(i / side)));
});
const latentOfSeed = (seed: number): Float32Array<ArrayBuffer> => latentFromSeed(seed, dim, 'normal');
const drawnBySeed = async (seed: number): Promise<Float32Array> => {
  const { images } = await runModel(readFileSync(join(model, 'generator.onnx')), {
    z: { shape: [1, dim], dtype: 'float32', data: latentOfSeed(seed) },
  });
  return images!.data as Float32Array;
};

/** The same updates by onnxruntime-node, from one seed's latent. */
async function reference(seed: number, image: Float32Array, steps: number) {
  const file = await packageBytes(model, 'restoring');
  const float = (shape: readonly number[], data: Float32Array): HostTensor => ({
    shape,
    dtype: 'float32',
    data,
  });
  const scalar = (value: number): HostTensor => float([], Float32Array.of(value));
  const known = image.map((value, i) => (middle[Math.floor(i / 3)]! > 0 ? 0 : value));
  const terms = Object.entries(termWeights('inpaint')).map(([name, value]) => [name, scalar(value)]);
  let z = float([1, dim], latentOfSeed(seed));
  let first = float([1, dim], new Float32Array(dim));
  let second = first;
  for (let update = 1; ; update++) {
    const outputs = await runModel(file, {
      z,
      first,
      second,
      update: scalar(update),
      rate: scalar(update > steps ? 0 : rateAt(update, steps)),
      image: float([1, side, side, 3], known),
      weights: float([1, side, side, 1], contextWeights(middle, square(side))),
      ...(Object.fromEntries(terms) as Record<string, HostTensor>),
    });
    if (update > steps) {
      const drawn = outputs['images']!.data as Float32Array;
      const degraded = {
        task: 'inpaint',
        picture: Float32Array.from(known),
        mask: middle,
        ...square(side),
        channels: 3,
      } as const;
      return { z: z.data, drawn, loss: outputs['loss']!.data[0]!, restored: finished(degraded, drawn) };
    }
    [z, first, second] = [outputs['nextZ']!, outputs['nextFirst']!, outputs['nextSecond']!];
  }
}

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  for (const device of devices) {
    test(`${device} moves latents where onnxruntime-node moves them`, async () => {
      const { page, said } = await pages.open();
      const image = await drawnBySeed(40);
      const found = await page.evaluate(
        async ([floats, mask, on]) => {
          const generator = await window.dcgan.loadGenerator('/model/model.json', { device: on });
          const {
            z,
            loss,
            floats: pictures,
          } = await generator.restore({
            image: Float32Array.from(floats),
            mask,
            steps: 12,
            restarts: 1,
            candidates: 1,
            seed: 7,
          });
          return {
            z: Array.from(z),
            loss,
            drawn: Array.from(pictures.drawn),
            restored: Array.from(pictures.image),
          };
        },
        [Array.from(image), Array.from(middle), device] as const,
      );
      const expected = await reference(7, image, 12);
      assert.ok(
        largestDifference(found.z, expected.z) < 1e-3,
        `z off by ${largestDifference(found.z, expected.z)}`,
      );
      assert.ok(largestDifference(found.drawn, expected.drawn) < 1e-3);
      assert.ok(largestDifference(found.restored, expected.restored) < 1e-3);
      assert.ok(Math.abs(found.loss - expected.loss) < 1e-4);
      assert.equal(said, []);
    });
  }

  test("a page sees every step: known pixels stay, the loss falls, and G's own image is found again", async () => {
    const { page } = await pages.open();
    const image = await drawnBySeed(41);
    const { steps, losses, restored, first, last } = await page.evaluate(
      async ([floats, mask]) => {
        const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
        const heard: Runtime.RestoreStep[] = [];
        const result = await generator.restore({
          image: Float32Array.from(floats),
          mask,
          steps: 150,
          onStep: (step) => void heard.push(step),
        });
        return {
          steps: heard.map(({ step }) => step),
          losses: heard.map(({ loss }) => loss),
          restored: Array.from(result.floats.image),
          first: Array.from(heard[0]!.image.data),
          last: Array.from(heard.at(-1)!.image.data),
        };
      },
      [Array.from(image), Array.from(middle)] as const,
    );
    assert.equal(
      steps,
      Array.from({ length: 151 }, (_, i) => i),
    );
    assert.ok(losses.at(-1)! < 0.5 * losses[0]!, `from ${losses[0]} to ${losses.at(-1)}`);
    let [inHole, before] = [0, 0];
    middle.forEach((isMissing, i) => {
      for (let c = 0; c < 3; c++) {
        const wanted = image[i * 3 + c]!;
        if (isMissing === 0) {
          assert.is(restored[i * 3 + c], wanted);
          assert.is(last[i * 4 + c], Math.round((wanted + 1) * 127.5));
        }
        inHole += isMissing * Math.abs(last[i * 4 + c]! / 127.5 - 1 - wanted);
        before += isMissing * Math.abs(first[i * 4 + c]! / 127.5 - 1 - wanted);
      }
    });
    assert.ok(inHole < 0.6 * before, `the hole was off by ${before}, and is by ${inHole}`);
  });

  test('code and weights are fetched once, with the first use', async () => {
    const { page, server } = await pages.open();
    const isExtra = (path: string): boolean => /restor|later/.test(path);
    await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      await generator.generate({ seeds: [1] });
      Object.assign(window, { held: generator });
    });
    assert.equal(server.requests.filter(isExtra), []);
    await page.evaluate(async (mask) => {
      const { held } = window as unknown as { held: Runtime.Generator };
      const image = new Float32Array(16 * 16 * 3);
      await Promise.all([
        held.restore({ image, mask, steps: 2 }),
        held.restore({ image, task: 'colourise', steps: 2 }),
      ]);
    }, Array.from(middle));
    const fetched = server.requests.filter(isExtra);
    assert.is(fetched.filter((path) => path.endsWith('restoring.onnx')).length, 1, fetched.join());
    assert.ok(fetched.length >= 3);
    assert.equal(fetchedTwice(server.requests), []);
  });

  test('pictures of any size and kind come in, noise goes, grey becomes colour, under a strict policy', async () => {
    const csp =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self'";
    const { page, said } = await pages.open({ headers: { 'content-security-policy': csp } });
    const found = await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const [drawn] = await generator.generate({ seeds: [3] });
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [60, 40];
      const context = canvas.getContext('2d')!;
      context.fillStyle = '#336699';
      context.fillRect(0, 0, 60, 40);
      const holes = document.createElement('canvas');
      [holes.width, holes.height] = [60, 40];
      const pen = holes.getContext('2d')!;
      pen.fillStyle = 'white';
      pen.fillRect(25, 15, 10, 10);
      const filled = await generator.restore({ image: canvas, mask: holes, steps: 3 });
      const clean = await generator.restore({ image: drawn!, task: 'denoise', steps: 3 });
      const coloured = await generator.restore({ image: drawn!, task: 'colourise', steps: 3 });
      const luma = (data: Uint8ClampedArray): number[] =>
        Array.from(
          { length: 256 },
          (_, i) => 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!,
        );
      return {
        corner: Array.from(filled.image.data.slice(0, 4)),
        sizes: [filled, clean, coloured].map(({ image }) => [image.width, image.height]),
        wanted: luma(drawn!.data),
        got: luma(coloured.image.data),
      };
    });
    assert.equal(found.corner, [0x33, 0x66, 0x99, 255]);
    assert.equal(found.sizes, [
      [16, 16],
      [16, 16],
      [16, 16],
    ]);
    assert.ok(largestDifference(found.got, found.wanted) <= 1.01, 'luminance stays, to rounding');
    assert.equal(said, []);
  });

  test('aborted, it ends with the reason before the next update; and the next request works', async () => {
    const { page } = await pages.open();
    const result = await page.evaluate(async (mask) => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const controller = new AbortController();
      let heard = 0;
      const image = new Float32Array(16 * 16 * 3);
      const message = await generator
        .restore({
          image,
          mask,
          steps: 10_000,
          signal: controller.signal,
          onStep: ({ step }) => {
            heard = step;
            if (step === 5) controller.abort(new Error('seen enough'));
          },
        })
        .then(
          () => 'restored',
          (error: Error) => error.message,
        );
      const already = await generator
        .restore({ image, mask, signal: AbortSignal.abort(new Error('never began')) })
        .catch((error: Error) => error.message);
      const { length } = await generator.generate({ seeds: [1] });
      const disposed = generator
        .restore({ image, mask, steps: 10_000 })
        .catch((error: Error) => error.message);
      setTimeout(() => generator.dispose(), 50);
      return { message, heard, already, length, disposed: await disposed };
    }, Array.from(middle));
    assert.equal(result, {
      message: 'seen enough',
      heard: 5,
      already: 'never began',
      length: 1,
      disposed: 'the generator has been disposed of',
    });
  });

  test('invalid requests are refused by name, and a package without the file says so', async () => {
    const { page } = await pages.open({ folders: { '/plain/': join(run, 'model') } });
    const messages = await page.evaluate(async (mask) => {
      const { loadGenerator } = window.dcgan;
      const generator = await loadGenerator('/model/model.json', { device: 'wasm' });
      const without = await loadGenerator('/plain/model.json', { device: 'wasm' });
      const image = new Float32Array(16 * 16 * 3);
      const bad = Float32Array.from(image);
      bad[5] = NaN;
      const said: string[] = [];
      for (const [which, request] of [
        [without, { image, mask }],
        [generator, { image }],
        [generator, { image, mask: new Float32Array(256) }],
        [generator, { image, mask: new Array(256).fill(true) }],
        [generator, { image, mask: mask.slice(1) }],
        [generator, { image: image.slice(1), mask }],
        [generator, { image: bad, mask }],
        [generator, { image: new Blob(['not a picture']), mask }],
        [generator, { image, mask, task: 'sharpen' }],
        [generator, { image, mask, task: 'denoise' }],
        [generator, { image, mask, steps: 0 }],
        [generator, { image, mask, restarts: 1.5 }],
        [generator, { image, mask, realism: NaN }],
      ] as const) {
        await which.restore(request as Runtime.RestoreRequest).then(
          () => said.push('restored'),
          (error: Error) => said.push(`${error.name}: ${error.message}`),
        );
      }
      return said;
    }, Array.from(middle));
    const expected = [
      /ModelLoadError: .*the package has no restoring; export it with --restoring/,
      /TypeError: mask: got none, and nothing is missing without one/,
      /RangeError: mask: nothing is masked/,
      /RangeError: mask: everything is masked/,
      /RangeError: mask: got 255 numbers, expected 256 \(16x16\)/,
      /RangeError: image: got 767 numbers, expected 768 \(16x16x3\)/,
      /RangeError: image\[5\]: got NaN, expected a number from -1 to 1/,
      /TypeError: image: cannot be read as a picture/,
      /TypeError: task: got sharpen, expected inpaint, denoise, colourise/,
      /TypeError: mask: has no meaning with the task denoise/,
      /RangeError: steps: got 0, expected a whole number from 1/,
      /RangeError: restarts: got 1\.5, expected a whole number from 1 to 16/,
      /RangeError: realism: got NaN, expected a number from 0/,
    ];
    assert.is(messages.length, expected.length, messages.join('\n'));
    expected.forEach((pattern, i) => assert.match(messages[i]!, pattern));
  });
}

test.run();
