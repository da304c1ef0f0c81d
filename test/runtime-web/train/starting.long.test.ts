// A training in a real browser starts from the weights of another, by URL or bytes, with frozen layers, and goes on with the trainer.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { decodeSafetensors } from '../../../runtime-web/format/training/safetensors.ts';
import { dcgan } from '../../shared/command-line.ts';
import { browserSuite } from '../browser-suite.ts';
import { faces } from './faces.ts';
import { trainablePackage, trainPages, unpacked } from './train-pages.ts';

const model = await trainablePackage('hinge');
const other = await trainablePackage('wide', { baseWidth: 8, batch: 4 });
const { test, pages } = await browserSuite('training in the browser starts from weights', (browser) =>
  trainPages(browser, model),
);

test('weights by bytes and frozen layers stay in the run folder that the trainer resumes', async () => {
  const { page } = await pages.open();
  const source = await page.evaluate(async (list) => {
    const images = Uint8Array.from(list.flat());
    const options = { device: 'wasm', data: { images }, keep: false } as const;
    const first = await window.train.loadTrainer('/model/model.json', options);
    await first.run({ steps: 10 });
    const from = await first.state();
    first.dispose();
    window.trainer = await window.train.loadTrainer('/model/model.json', {
      ...{ ...options, seed: 4, from, freezeD: 1 },
    });
    const { step } = window.trainer.report;
    await window.trainer.run({ steps: 5 });
    return { from: Array.from(from), step };
  }, faces);
  assert.is(source.step, 0);
  const root = await unpacked(page, 'toRun');
  const folder = join(root, readdirSync(root)[0]!);
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  assert.is(config['freezeD'], 1);
  assert.match(String(config['fromHash']), /^[0-9a-f]{64}$/);
  const before = decodeSafetensors(Uint8Array.from(source.from), 'before').tensors;
  const path = join(folder, 'checkpoints', 'step-000005.safetensors');
  const after = decodeSafetensors(readFileSync(path), 'after').tensors;
  const [first, second] = ['block1', 'block2'].map((block) => `discriminator/${block}/kernel`);
  assert.equal(after[first!]!.data, before[first!]!.data);
  assert.not.equal(after[second!]!.data, before[second!]!.data);
  const flags = ['--steps', '8', '--engine', 'onnx-cpu', '--threads', '2'];
  const { code, stderr } = await dcgan('train', '--resume', folder, ...flags);
  assert.is(code, 0, stderr);
  const later = decodeSafetensors(
    readFileSync(join(folder, 'checkpoints', 'step-000008.safetensors')),
    'later',
  ).tensors;
  assert.equal(later[first!]!.data, before[first!]!.data);
  assert.not.equal(later[second!]!.data, after[second!]!.data);
});

test('a URL of weights is fetched once, and what cannot be is refused in words', async () => {
  const { page, server } = await pages.open({ '/starts/': join('scripts', 'starts'), '/other/': other });
  const messages = await page.evaluate(async () => {
    const messageOf = (options: object, url = '/model/model.json'): Promise<string> =>
      window.train.loadTrainer(url, { device: 'wasm', keep: false, ...options }).then(
        (trainer) => {
          trainer.dispose();
          return 'none';
        },
        (error: Error) => `${error.name}: ${error.message}`,
      );
    return [
      await messageOf({ from: '/starts/faces-32.safetensors' }),
      await messageOf({ from: '/starts/none.safetensors' }),
      await messageOf({ from: '/model/step.onnx' }),
      await messageOf({ from: new Uint8Array(9) }),
      await messageOf({ from: '/starts/faces-32.safetensors', freezeD: 9 }),
      await messageOf({ freezeD: 1 }),
      await messageOf({ from: '/starts/faces-32.safetensors', state: new Uint8Array(9) }),
    ];
  });
  [
    /^(none|ModelFormatError: .*no layer of its networks fits)/,
    /^ModelLoadError: .*none.safetensors: the server answers 404; expected the file/,
    /^ModelFormatError: .*step.onnx: /,
    /^ModelFormatError: weights: /,
    /^RangeError: freezeD: got 9, expected a whole number from 0 to \d/,
    /^TypeError: freezeD: got 1 without from/,
    /^TypeError: from, state: got both/,
  ].forEach((pattern, i) => assert.match(messages[i]!, pattern));
  assert.is(server.requests.filter((path) => path === '/starts/faces-32.safetensors').length, 1);
});

test.run();
