// Masks, layers and the discriminator in a real browser: the same numbers as onnxruntime-node's on every device, invalid requests
// refused by name, and files and code fetched only when used.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type * as Runtime from '../../runtime-web/index.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { largestDifference } from '../shared/closeness.ts';
import { runModel, type HostTensors } from '../graph/lower/run-graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { devices, fetchedTwice, openBrowser } from './browser.ts';
import { avatarsRun } from './models.ts';
import { runtimePages } from './pages.ts';
import { packageBytes } from '../shared/package-bytes.ts';
import type { FileRole } from '../../runtime-web/format/package-files.ts';

const test = suite('looking inside in the browser');
const browser = await openBrowser('looking inside in the browser');

const run = await avatarsRun();
const model = join(run, 'all');
const pages = runtimePages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const [dim, seeds] = [8, [3, 4, 5]];
/** The gate's tolerance for files with weights in half precision. */
const tolerance = 2 / 255;
const float = (shape: readonly number[], data: Float32Array): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});
const z = float(
  [3, dim],
  Float32Array.from(seeds.flatMap((seed) => [...latentFromSeed(seed, dim, 'normal')])),
);
const byNode = async (role: FileRole, inputs: HostTensors): Promise<HostTensors> =>
  runModel(await packageBytes(model, role), inputs);

/** The small run's layers, and how many filters they have. */
const widths = { 'generator/project': 8, 'generator/block1': 4 };
const evenOff = (width: number): number[] => Array.from({ length: width }, (_, i) => i % 2);
const maskInputs = (layer: string): HostTensors =>
  Object.fromEntries(
    Object.entries(widths).map(([name, width]) => {
      const one = name === layer ? evenOff(width) : new Array<number>(width).fill(1);
      return [`mask/${name}`, float([3, width], Float32Array.from([...one, ...one, ...one]))];
    }),
  );

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  for (const device of devices) {
    test(`${device}: with filters switched off it gives onnxruntime-node's images`, async () => {
      const { page, said } = await pages.open();
      const layer = 'generator/block1';
      const { before, after, untouched, layers } = await page.evaluate(
        async ([asked, name, mask, on]) => {
          const generator = await window.dcgan.loadGenerator('/model/model.json', { device: on });
          const draw = async (masks?: Runtime.Masks): Promise<number[]> =>
            (await generator.generate({ seeds: asked, as: 'floats', masks })).flatMap((image) => [...image]);
          return {
            before: await draw(),
            after: await draw({ [name]: mask }),
            untouched: await draw({}),
            layers: (await generator.layers({ source: asked[0]!, masks: { [name]: mask } })).map((each) => ({
              name: each.name,
              channels: each.channels,
              data: Array.from(each.data),
            })),
          };
        },
        [seeds, layer, evenOff(widths[layer]), device] as const,
      );
      const expected = await byNode('masked', { z, ...maskInputs(layer) });
      assert.ok(largestDifference(after, expected['images']!.data as Float32Array) < tolerance);
      assert.ok(largestDifference(untouched, before) < 1e-5, 'all filters on, it is the generator');
      assert.ok(largestDifference(before, after) > 0.01, 'half a layer off shows');
      const found = layers.find(({ name }) => name === layer)!;
      assert.is(found.channels, widths[layer]);
      found.data.forEach((value, i) => assert.ok((i % found.channels) % 2 === 1 || value === 0));
      assert.equal(said, []);
    });

    test(`${device}: the discriminator gives onnxruntime-node's outputs`, async () => {
      const { page, said } = await pages.open();
      const { images } = await byNode('generator', { z });
      const { floats, pictures } = await page.evaluate(
        async ([asked, on]) => {
          const generator = await window.dcgan.loadGenerator('/model/model.json', { device: on });
          const drawn = await generator.generate({ seeds: asked, as: 'floats' });
          const shown = await generator.generate({ seeds: asked });
          return {
            floats: await generator.discriminate({ images: drawn }),
            pictures: await generator.discriminate({ images: shown }),
          };
        },
        [seeds, device] as const,
      );
      const { logits } = await byNode('discriminator', { images: images! });
      const expected = logits!.data as Float32Array;
      assert.ok(
        largestDifference(
          floats.map(({ logit }) => logit),
          expected,
        ) <
          0.01 * Math.max(1, ...expected.map(Math.abs)),
      );
      for (const { logit, probability } of floats) {
        assert.ok(Math.abs(probability - 1 / (1 + Math.exp(-logit))) < 1e-6);
      }
      // The same pictures, rounded to bytes.
      assert.ok(
        largestDifference(
          pictures.map(({ probability }) => probability),
          floats.map((each) => each.probability),
        ) < 0.02,
      );
      assert.equal(said, []);
    });
  }

  test('files and code are fetched once, with the first use; the file with masks serves layers too', async () => {
    const { page, server } = await pages.open();
    const isExtra = (path: string): boolean => /masked|discriminat|extras/.test(path);
    await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      await generator.generate({ seeds: [1] });
      Object.assign(window, { held: generator });
    });
    assert.equal(server.requests.filter(isExtra), []);
    const names = await page.evaluate(async () => {
      const { held } = window as unknown as { held: Runtime.Generator };
      const [image] = await held.generate({ seeds: [1], masks: {} });
      await held.interpolate({ from: 1, to: 2, steps: 3, masks: {} });
      await Promise.all([
        held.discriminate({ images: [image!] }),
        held.discriminate({ images: [image!, image!] }),
      ]);
      return (await held.layers({ source: 1 })).map(({ name }) => name);
    });
    assert.equal(names, [...Object.keys(widths), 'images']);
    const fetched = server.requests.filter(isExtra);
    for (const file of ['masked.onnx', 'discriminator.onnx']) {
      assert.is(fetched.filter((path) => path.endsWith(file)).length, 1, fetched.join());
    }
    assert.equal(fetchedTwice(server.requests), []);
  });

  test('aborted and disposed calls end with the reason, and the next request works', async () => {
    const { page } = await pages.open();
    const result = await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const messageOf = (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'done',
          (error: Error) => error.message,
        );
      const many = Array.from({ length: 400 }, () => new Float32Array(16 * 16 * 3));
      const controller = new AbortController();
      const judged = messageOf(generator.discriminate({ images: many, signal: controller.signal }));
      const drawn = messageOf(
        generator.generate({ seeds: many.map((_, i) => i), masks: {}, signal: controller.signal }),
      );
      controller.abort(new Error('seen enough'));
      const already = AbortSignal.abort(new Error('never began'));
      const never = await messageOf(generator.discriminate({ images: many, signal: already }));
      const said = [await judged, await drawn, never];
      const next = (await generator.generate({ seeds: [1], masks: {} })).length;
      const empty = (await generator.discriminate({ images: [] })).length;
      const late = messageOf(generator.discriminate({ images: many }));
      generator.dispose();
      return { said, next, empty, late: await late };
    });
    assert.equal(result, {
      said: ['seen enough', 'seen enough', 'never began'],
      next: 1,
      empty: 0,
      late: 'the generator has been disposed of',
    });
  });

  test('invalid requests are refused by name, and so is a package without the files or with others', async () => {
    // A package whose discriminator is for other images than it says.
    const wrong = temporaryFolder();
    cpSync(model, wrong, { recursive: true });
    const other = 'demo/models/fashion-mnist-32';
    cpSync(join(other, 'discriminator.onnx'), join(wrong, 'discriminator.onnx'));
    const tableOf = (folder: string) =>
      JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as { files: Record<string, object> };
    const table = tableOf(wrong);
    table.files['discriminator'] = tableOf(other).files['discriminator']!;
    writeFileSync(join(wrong, 'model.json'), JSON.stringify(table));
    // One whose masked file has its weights in a file that the package does not name.
    const faces = 'demo/models/avatars-64';
    const lost = temporaryFolder();
    cpSync(faces, lost, { recursive: true });
    const facesTable = tableOf(faces);
    delete facesTable.files['generatorFp16'];
    writeFileSync(join(lost, 'model.json'), JSON.stringify(facesTable));
    const { page } = await pages.open({
      folders: { '/plain/': join(run, 'model'), '/wrong/': wrong, '/lost/': lost },
    });
    const messages = await page.evaluate(async () => {
      const { loadGenerator } = window.dcgan;
      const [generator, plain, other, lost] = await Promise.all(
        ['/model/model.json', '/plain/model.json', '/wrong/model.json', '/lost/model.json'].map((url) =>
          loadGenerator(url, { device: 'wasm' }),
        ),
      );
      const said: string[] = [];
      const refused = async (work: Promise<unknown>): Promise<void> => {
        said.push(
          await work.then(
            () => 'done',
            (error: Error) => `${error.name}: ${error.message}`,
          ),
        );
      };
      const draw = (masks: unknown): Promise<unknown> =>
        generator!.generate({ seeds: [1], masks: masks as Runtime.Masks });
      await refused(plain!.generate({ seeds: [1], masks: {} }));
      await refused(plain!.discriminate({ images: [new Float32Array(16 * 16 * 3)] }));
      await refused(plain!.layers({ source: 1, masks: {} }));
      await refused(draw({ 'generator/block9': [1] }));
      await refused(draw({ 'generator/block1': [1, 0] }));
      await refused(draw({ 'generator/block1': new Array(4).fill(NaN) }));
      await refused(draw({ 'generator/block1': 3 }));
      await refused(draw(null));
      await refused(draw('none'));
      await refused(generator!.discriminate({ images: [new Float32Array(5)] }));
      await refused(generator!.discriminate({ images: [{} as ImageData] }));
      await refused(generator!.discriminate({} as Runtime.DiscriminateRequest));
      await refused(other!.discriminate({ images: [new Float32Array(16 * 16 * 3)] }));
      await refused(lost!.generate({ seeds: [1], masks: {} }));
      return said;
    });
    const expected = [
      /^ModelLoadError: .*has no masked; export it with --masks/,
      /^ModelLoadError: .*has no discriminator; export it with --discriminator/,
      /^ModelLoadError: .*--masks/,
      /^RangeError: masks: got the layer generator\/block9, expected one of generator\/project, generator\/block1/,
      /^RangeError: masks of generator\/block1: got 2 numbers, expected 4/,
      /^RangeError: masks of generator\/block1\[0\]: got NaN/,
      /^TypeError: masks of generator\/block1: got 3/,
      /^TypeError: masks: got null/,
      /^TypeError: masks: got none/,
      /^RangeError: image: got 5 numbers, expected 768/,
      /^TypeError: image: cannot be read as a picture/,
      /^TypeError: discriminate: expected a list/,
      /^ModelLoadError: discriminator of .*: 'images' is float32 \[n,32,32,1\], expected float32 \[n,16,16,3\] by its/,
      /^ModelLoadError: masked of .*: its weights are in 'generator\.fp16\.onnx', which is no file of the model; export the model again/,
    ];
    expected.forEach((pattern, i) => assert.match(messages[i]!, pattern));
    assert.is(messages.length, expected.length);
  });
}

test.run();
