// Steering, classes, codes and styles in a real browser: the same numbers as onnxruntime-node's, and invalid requests refused by name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../runtime-web/format/model.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { largestDifference } from '../shared/closeness.ts';
import { dcgan, jsonLines, labelledPictures, smallRun } from '../shared/command-line.ts';
import { runModel, type HostTensors } from '../graph/lower/run-graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { openBrowser } from './browser.ts';
import { avatarsRun, codesModel } from './models.ts';
import { runtimePages } from './pages.ts';
import { packageBytes } from '../shared/package-bytes.ts';

const test = suite('steering, classes, codes and styles in the browser');
const browser = await openBrowser('steering, classes, codes and styles in the browser');

async function train(data: string, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...smallRun(data, temporaryFolder(), 4), ...flags);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

const model = join(await avatarsRun(), 'all');
const { steering, files } = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as Model;

const labelled = await labelledPictures(16, ['left', 'right']);
const ofClasses = join(await train(labelled, '--condition', 'label'), 'model');
const ofCodes = await codesModel();

const ofStyles = join(
  await train(
    labelled,
    '--network',
    'stylegan',
    '--grow-from',
    'none',
    '--mapping-layers',
    '2',
    '--condition',
    'label',
  ),
  'model',
);

const pages = runtimePages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const float = (shape: readonly number[], data: ArrayLike<number>) =>
  ({ shape, dtype: 'float32', data: Float32Array.from(data) }) as const;
const zOf = (seed: number) => float([1, 8], latentFromSeed(seed, 8, 'normal'));

test("model.json has the attributes of the steering file, and the gate's differences", () => {
  assert.ok(files.steering!.bytes > 1000);
  assert.ok(steering!.some(({ name, kind }) => name === 'hat' && kind === 'binary'));
  assert.ok(steering!.some(({ kind }) => kind === 'continuous'));
  const { parity } = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as Model;
  assert.is(parity.figures.filter(({ role }) => role === 'steering').length, 3);
});

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('steering moves a latent as onnxruntime-node does, reports predictions, and stops when aborted', async () => {
    const { page, said } = await pages.open();
    const steps = 4;
    const result = await page.evaluate(
      async ([count]) => {
        const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
        const heard: number[] = [];
        const { z, before, verdicts } = await generator.steer({
          source: 5,
          push: { hat: 1 },
          steps: count,
          hold: 0.5,
          onStep: ({ step }) => void heard.push(step),
        });
        const stop = new AbortController();
        const stopped = await generator
          .steer({ source: 5, push: { hat: -1 }, signal: stop.signal, onStep: () => stop.abort() })
          .then(
            () => 'it ran on',
            (error: Error) => error.name,
          );
        return { z: [...z], before, verdicts, heard, stopped };
      },
      [steps] as const,
    );
    assert.equal(result.heard, [0, 1, 2, 3, 4]);
    assert.is(result.stopped, 'AbortError');

    const file = await packageBytes(model, 'steering');
    const push = float(
      [1, steering!.length],
      steering!.map(({ name }) => Number(name === 'hat')),
    );
    const zeros = float([1, 8], new Array<number>(8).fill(0));
    let latents: HostTensors = { z: zOf(5), first: zeros, second: zeros };
    const run = (update: number, rate: number, start: ArrayLike<number>): Promise<HostTensors> =>
      runModel(file, {
        ...latents,
        push,
        start: float([1, steering!.length], start),
        update: float([], [update]),
        rate: float([], [rate]),
        hold: float([], [0.5]),
      });
    const seen = (await run(1, 0, push.data))['verdicts']!.data as Float32Array;
    for (let update = 1; update <= steps; update++) {
      const { nextZ, nextFirst, nextSecond } = await run(update, 0.05, seen);
      latents = { z: nextZ!, first: nextFirst!, second: nextSecond! };
    }
    assert.ok(largestDifference(result.z, latents['z']!.data as Float32Array) < 1e-3);
    const hat = steering!.findIndex(({ name }) => name === 'hat');
    assert.ok(Math.abs(result.before['hat']! - 1 / (1 + Math.exp(-seen[hat]!))) < 1e-3);
    assert.ok(result.verdicts['hat']! > result.before['hat']!, 'more of a hat than before');
    assert.equal(said, []);
  });

  test('classes and codes are drawn as in onnxruntime-node; without them the seed decides', async () => {
    const { page, said } = await pages.open({ folders: { '/classes/': ofClasses, '/codes/': ofCodes } });
    const drawn = await page.evaluate(async () => {
      const load = (name: string) =>
        window.dcgan.loadGenerator(`/${name}/model.json`, { device: 'wasm', dtype: 'fp32' });
      const [classes, codes] = [await load('classes'), await load('codes')];
      const flat = (images: readonly Float32Array[]): number[] => images.flatMap((image) => [...image]);
      return {
        right: flat(await classes.generate({ seeds: [4], labels: 'right', as: 'floats' })),
        each: flat(await classes.generate({ seeds: [4, 4], labels: [0, 'right'], as: 'floats' })),
        turn: flat(await classes.generate({ seeds: [4], as: 'floats' })),
        given: flat(await codes.generate({ seeds: [4], codes: [2, -0.5, 0.25], as: 'floats' })),
        walk: (await classes.interpolate({ from: 5, to: 6, steps: 2, as: 'floats' })).map((image) => [
          ...image,
        ]),
      };
    });
    const byNode = async (folder: string, inputs: HostTensors): Promise<Float32Array> =>
      (await runModel(readFileSync(join(folder, 'generator.onnx')), inputs))['images']!.data as Float32Array;
    const left = await byNode(ofClasses, { z: zOf(4), labels: float([1, 2], [1, 0]) });
    const right = await byNode(ofClasses, { z: zOf(4), labels: float([1, 2], [0, 1]) });
    assert.ok(largestDifference(left, right) > 1e-3, 'the label shows');
    assert.ok(largestDifference(drawn.right, right) < 1e-4);
    assert.ok(largestDifference(drawn.each, [...left, ...right]) < 1e-4);
    assert.ok(largestDifference(drawn.turn, left) < 1e-4, 'seed 4 is of class 0 of 2');
    const codes = await byNode(ofCodes, { z: zOf(4), codes: float([1, 5], [0, 0, 1, -0.5, 0.25]) });
    assert.ok(largestDifference(drawn.given, codes) < 1e-4);
    const end = await byNode(ofClasses, { z: zOf(6), labels: float([1, 2], [0, 1]) });
    assert.ok(largestDifference(drawn.walk[1]!, end) < 1e-4, 'a walk keeps the class of its beginning');
    assert.equal(said, []);
  });

  test('styles are mixed as onnxruntime-node mixes them, and an invalid layer is refused', async () => {
    const { page, said } = await pages.open({ folders: { '/styles/': ofStyles } });
    const result = await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/styles/model.json', { device: 'wasm' });
      const plain = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const part = (source: number, from: number) => ({ source, from });
      const refused = (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'not refused',
          (error: Error) => `${error.name}: ${error.message}`,
        );
      // More than are drawn at once.
      const many = Array.from({ length: 9 }, (_, i) => [part(i, 0)]);
      const mixed = await generator.mixStyles({
        pictures: [...many, [part(3, 0), part(8, 2)]],
        ...{ label: 'right', truncation: 0.5, as: 'floats' },
      });
      return {
        mixed: mixed.slice(-2).map((image) => [...image]),
        kinds: (await generator.mixStyles({ pictures: [[part(1, 0)]] })).map(
          (image) => image.constructor.name,
        ),
        refusals: [
          await refused(plain.mixStyles({ pictures: [[part(1, 0)]] })),
          await refused(generator.mixStyles({ pictures: [[part(1, 1)]] })),
          await refused(generator.mixStyles({ pictures: [[part(1, 0), part(2, 6)]] })),
          await refused(generator.mixStyles({ pictures: [[part(1, 0), part(2, 2), part(3, 2)]] })),
          await refused(generator.mixStyles({ pictures: [[]] })),
          await refused(generator.mixStyles({ pictures: [[part(-1, 0)]] })),
          await refused(generator.mixStyles({ pictures: [[part(1, 0)]], truncation: NaN })),
          await refused(generator.mixStyles({ pictures: [[part(1, 0)]], label: 'middle' })),
        ],
      };
    });
    const { styles } = JSON.parse(readFileSync(join(ofStyles, 'model.json'), 'utf8')) as Model;
    const { dim, mean, layers } = styles!;
    const styleOf = async (seed: number): Promise<number[]> => {
      const { w } = await runModel(await packageBytes(ofStyles, 'mapping'), {
        z: zOf(seed),
        labels: float([1, 2], [0, 1]),
      });
      return [...(w!.data as Float32Array)].map((value, i) => mean[i]! + 0.5 * (value - mean[i]!));
    };
    const [three, eight] = [await styleOf(3), await styleOf(8)];
    const drawn = async (...each: number[][]): Promise<Float32Array> =>
      (
        await runModel(await packageBytes(ofStyles, 'synthesis'), {
          styles: float([1, layers.length, dim], each.flat()),
        })
      )['images']!.data as Float32Array;
    assert.ok(largestDifference(result.mixed[0]!, await drawn(...layers.map(() => eight))) < 1e-4);
    assert.ok(
      largestDifference(result.mixed[1]!, await drawn(three, three, eight, eight, eight, eight)) < 1e-4,
    );
    assert.ok(largestDifference(result.mixed[0]!, result.mixed[1]!) > 1e-3);
    assert.equal(result.kinds, ['ImageData']);
    [
      /RangeError: .*it has no styles/,
      /RangeError: pictures\[0\]\[0\]\.from: got 1, expected 0/,
      /RangeError: pictures\[0\]\[1\]\.from: got 6, expected a whole number from 1 to 5/,
      /RangeError: pictures\[0\]\[2\]\.from: got 2, expected a whole number from 3 to 5/,
      /TypeError: pictures\[0\]: expected a list of parts/,
      /RangeError: seed: got -1/,
      /RangeError: truncation: got NaN/,
      /RangeError: .*middle/,
    ].forEach((expected, i) => assert.match(result.refusals[i]!, expected));
    assert.equal(said, []);
  });

  test('invalid requests are refused by name, and a package without the file names the export flag', async () => {
    const { page } = await pages.open({ folders: { '/plain/': ofClasses } });
    const messages = await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const plain = await window.dcgan.loadGenerator('/plain/model.json', { device: 'wasm' });
      const refused = (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'not refused',
          (error: Error) => `${error.name}: ${error.message}`,
        );
      return [
        await refused(generator.steer({ source: 1, push: { moustache: 1 } })),
        await refused(generator.steer({ source: 1, push: {} })),
        await refused(generator.steer({ source: 1, push: { hat: 2 as 1 } })),
        await refused(generator.steer({ source: 1, push: { hat: 1 }, steps: 0 })),
        await refused(generator.steer({ source: -1, push: { hat: 1 } })),
        await refused(generator.generate({ seeds: [1], labels: 1 })),
        await refused(plain.generate({ seeds: [1], labels: 'middle' })),
        await refused(plain.steer({ source: 1, push: { hat: 1 } })),
      ];
    });
    [
      /RangeError: push: got moustache, expected some of .*hat/,
      /RangeError: push: names no attribute/,
      /RangeError: push\.hat: got 2, expected 1 or -1/,
      /RangeError: steps: got 0/,
      /RangeError: seed: got -1/,
      /RangeError: label: got 1, and the model has neither classes nor codes/,
      /RangeError: label: got "middle", expected a number from 0 to 1 or one of left, right/,
      /ModelLoadError: .*no steering; export it with --steering/,
    ].forEach((pattern, i) => assert.match(messages[i]!, pattern));
  });
}

test.run();
