// Packages to train that lie, in a real browser: other shapes than their record has, an update that does not end, a state too large.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { graphNames } from '../../../runtime-web/format/training/graph-names.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { browserSuite } from '../browser-suite.ts';
import { endlessNetwork } from '../made-package.ts';
import { trainablePackage, trainPages } from './train-pages.ts';

const model = await trainablePackage('hinge');
const { test, pages } = await browserSuite('hostile packages to train', (browser) =>
  trainPages(browser, model),
);

/** The parts of a record that suites change. */
interface TrainableJson {
  readonly trainable: {
    state: { name: string; shape: number[] }[];
    files: Record<string, { file: string; bytes: number; sha256: string }>;
  };
}

/** A copy of the package whose `model.json`, and step.onnx where given, are others. */
function changed(change: (json: TrainableJson) => void, step?: Uint8Array): string {
  const copy = temporaryFolder();
  cpSync(model, copy, { recursive: true });
  const path = join(copy, 'model.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as TrainableJson;
  if (step !== undefined) {
    const { file } = json.trainable.files['step']!;
    writeFileSync(join(copy, file), step);
    const sha256 = createHash('sha256').update(step).digest('hex');
    json.trainable.files['step'] = { file, bytes: step.length, sha256 };
  }
  change(json);
  writeFileSync(path, JSON.stringify(json));
  return copy;
}

const noChange = (): void => undefined;

/** The message of loading a package and doing a step, whose limit is in seconds; the requests of the page. */
async function tried(folder: string, limit = 60) {
  const { page, server } = await pages.open({ '/hostile/': folder });
  const message = await page.evaluate(async (timeout) => {
    const options = { device: 'wasm', data: { avatars: 20 }, keep: false, timeout } as const;
    let trainer;
    try {
      trainer = await window.train.loadTrainer('/hostile/model.json', options);
      await trainer.step();
      return 'none';
    } catch (error) {
      const { name, message: text } = error as Error;
      return `${name}: ${text}`;
    } finally {
      trainer?.dispose();
    }
  }, limit);
  return { message, requests: [...server.requests] };
}

test('an entry of another shape than the graph has is refused before a step', async () => {
  const folder = changed(({ trainable }) => {
    const entry = trainable.state.find(({ name }) => name === 'generator/image/kernel')!;
    entry.shape = [...entry.shape.slice(0, 3), entry.shape[3]! * 2];
    for (const other of trainable.state)
      if (other.name.endsWith('generator/image/kernel')) other.shape = entry.shape;
  });
  const { message } = await tried(folder);
  assert.match(
    message,
    /^ModelFormatError: .*generator\/image\/kernel.* by its model.json; export the package/,
  );
});

test('an entry that the graph returns and the record lacks is refused', async () => {
  const folder = changed(({ trainable }) => {
    trainable.state = trainable.state.filter(({ name }) => name !== 'generator/image/bias');
  });
  assert.match((await tried(folder)).message, /^ModelFormatError: .*generator\/image\/bias/);
});

test('an update that does not end is ended after the limit, with the page alive', async () => {
  const folder = changed(noChange, endlessNetwork(graphNames.output('dLoss')));
  const { message } = await tried(folder, 2);
  assert.match(message, /^WorkerError: .*one run took more than 2 s and was ended/);
});

test('a state of a gigabyte is asked about before anything large is fetched', async () => {
  const folder = changed(({ trainable }) => {
    for (const entry of trainable.state)
      if (entry.name.endsWith('generator/project/kernel')) entry.shape = [2 ** 12, 2 ** 13];
  });
  const { message, requests } = await tried(folder);
  assert.match(
    message,
    /^RangeError: maxBytes: the training takes about \d{4,} MB.*ask the user and give maxBytes/,
  );
  assert.not.ok(
    requests.some((path) => /\.(onnx|wasm)$/.test(path)),
    requests.join(),
  );
});

test.run();
