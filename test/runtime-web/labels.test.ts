// discriminate() with labels in a real browser: onnxruntime-node's outputs, and invalid requests refused by what is expected.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as Runtime from '../../runtime-web/index.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { largestDifference } from '../shared/closeness.ts';
import {
  addDiscriminator,
  attributesOfColour,
  conditionPackage,
  numbersOfColour,
} from '../shared/condition-package.ts';
import { openBrowser } from './browser.ts';
import { classesModel, codesModel } from './models.ts';
import { runtimePages } from './pages.ts';

const test = suite('discriminate() with labels');
const browser = await openBrowser('discriminate() with labels');
const model = await classesModel();
const pages = runtimePages(browser, model, 'index.js');
test.after.each(() => pages.close());
test.after(() => browser?.close());
const attributes = addDiscriminator(conditionPackage(attributesOfColour), [1, 10, 100]);
const numbers = addDiscriminator(conditionPackage(numbersOfColour), [1, 10]);

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test("by name, by number, one for all or one for each, it gives onnxruntime-node's logits", async () => {
    const { page, said } = await pages.open();
    // More images than a batch of the call.
    const count = 20;
    const images = Array.from({ length: count }, (_, i) =>
      Array.from({ length: 768 }, (__, k) => Math.sin(1 + i + k * (i + 1))),
    );
    const found = await page.evaluate(async (given) => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const floats = given.map((image) => Float32Array.from(image));
      const { names } = generator.model.conditioning as { readonly names: readonly string[] };
      const logitsOf = async (request: Partial<Runtime.DiscriminateRequest>): Promise<number[]> =>
        (await generator.discriminate({ images: floats, ...request })).map(({ logit }) => logit);
      return {
        each: await logitsOf({ labels: floats.map((_, i) => (i % 2 === 0 ? names[i % 3]! : i % 3)) }),
        conditions: await logitsOf({ condition: floats.map((_, i) => ({ label: names[i % 3] })) }),
        one: await logitsOf({ labels: 'rounder' }),
        text: await logitsOf({ condition: 'label=rounder' }),
      };
    }, images);
    const file = readFileSync(join(model, 'discriminator.onnx'));
    const inNode = async (labelOf: (i: number) => number): Promise<Float32Array> => {
      const rows = images.flatMap((_, i) => [0, 1, 2].map((column) => Number(column === labelOf(i))));
      const { logits } = await runModel(file, {
        images: { shape: [count, 16, 16, 3], dtype: 'float32', data: Float32Array.from(images.flat()) },
        labels: { shape: [count, 3], dtype: 'float32', data: Float32Array.from(rows) },
      });
      return logits!.data as Float32Array;
    };
    const [each, one] = [await inNode((i) => i % 3), await inNode(() => 1)];
    const tolerance = 1e-3 * Math.max(1, ...each.map(Math.abs));
    assert.ok(largestDifference(found.each, each) < tolerance);
    assert.ok(largestDifference(found.one, one) < tolerance);
    assert.equal(found.conditions, found.each);
    assert.equal(found.text, found.one);
    assert.ok(largestDifference(each, one) > 10 * tolerance, 'labels matter');
    assert.equal(said, []);
  });

  test('attributes and numbers are given by name, as the generator has them', async () => {
    const { page, said } = await pages.open({
      folders: { '/attributes/': attributes, '/numbers/': numbers },
    });
    const found = await page.evaluate(async () => {
      const images = [new Float32Array(192), new Float32Array(192).fill(0.5)];
      const logitsOf = async (url: string, condition: Runtime.DiscriminateRequest['condition']) => {
        const generator = await window.dcgan.loadGenerator(url, { device: 'wasm' });
        return (await generator.discriminate({ images, condition })).map(({ logit }) => logit);
      };
      return [
        await logitsOf('/attributes/model.json', [
          'smiling=1 wavy hair=0 Hat',
          { Smiling: 0, 'wavy hair': 1, Hat: 0 },
        ]),
        await logitsOf('/numbers/model.json', 'age=100 turn=-15'),
      ];
    });
    // The mean of the image plus the weights: 1 + 100, 10 + 0.5; 1 - 10/2 and 0.5 more.
    assert.ok(largestDifference(found.flat(), [101, 10.5, -4, -3.5]) < 1e-4, `${found}`);
    assert.equal(said, []);
  });

  test('missing, unknown and superfluous labels are refused by what is expected', async () => {
    const folders = { '/attributes/': attributes, '/codes/': await codesModel() };
    const { page, server } = await pages.open({ folders });
    const messages = await page.evaluate(async () => {
      const said: string[] = [];
      const refused = async (url: string, side: number, request: unknown): Promise<void> => {
        const generator = await window.dcgan.loadGenerator(`${url}/model.json`, { device: 'wasm' });
        const images = [0, 1].map(() => new Float32Array(side * side * 3));
        const work = generator.discriminate({ images, ...(request as object) });
        said.push(
          await work.then(
            () => 'done',
            (error: Error) => `${error.name}: ${error.message}`,
          ),
        );
        generator.dispose();
      };
      await refused('/model', 16, {});
      await refused('/model', 16, { labels: [1, null] });
      await refused('/model', 16, { condition: {} });
      await refused('/model', 16, { labels: 'square' });
      await refused('/model', 16, { labels: [0, 1, 2] });
      await refused('/model', 16, { labels: 3 });
      await refused('/attributes', 8, {});
      await refused('/attributes', 8, { condition: { Smiling: 1 } });
      await refused('/attributes', 8, { condition: 'moustache=1' });
      await refused('/attributes', 8, { labels: 1 });
      await refused('/codes', 16, { labels: 1 });
      return said;
    });
    const expected = [
      /^TypeError: discriminate: got no labels, and the discriminator judges an image with its class; expected labels, a class for each image or one for all: round, rounder, roundest$/,
      /^TypeError: discriminate: got no labels, /,
      /^TypeError: discriminate: got no label, .*: round, rounder, roundest$/,
      /^RangeError: label: got .?square.?, expected .*round, .*rounder/,
      /^RangeError: labels: got 3, expected 2, one for each image/,
      /^RangeError: label: got 3, expected/,
      /^TypeError: discriminate: got no condition, and .* with its attributes; expected condition, values for each image or one for all: Smiling, wavy hair, Hat$/,
      /^TypeError: discriminate: got no wavy hair, Hat, /,
      /^RangeError: condition: got "moustache", expected Smiling \(yes or no\)/,
      /^RangeError: label: got 1, and the model has attributes, not classes/,
      /^RangeError: discriminate: got labels, and the discriminator of this model receives images alone/,
    ];
    expected.forEach((pattern, i) => assert.match(messages[i]!, pattern));
    assert.is(messages.length, expected.length);
    assert.not.ok(
      server.requests.some((path) => path.endsWith('discriminator.onnx')),
      'nothing was fetched in vain',
    );
  });
}

test.run();
