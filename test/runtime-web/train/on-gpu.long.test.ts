// Training on WebGPU, by Chromium's software adapter: the losses of Node, and a training that goes on.
import * as assert from 'uvu/assert';
import { devices } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { assertClose, faceCount, lossesInNode } from './faces.ts';
import { trainablePackage, trainPages } from './train-pages.ts';

const model = await trainablePackage('hinge');
const { test, pages } = await browserSuite('training on WebGPU', (browser) => trainPages(browser, model), {
  isMissing: devices.includes('webgpu') ? null : 'this browser has no WebGPU without a GPU',
});

test('20 steps have the losses of Node, and the state that leaves the GPU goes on on WebAssembly', async () => {
  const { page } = await pages.open();
  const result = await page.evaluate(async (avatars) => {
    const options = { data: { avatars }, keep: false, timeout: 300 } as const;
    const trainer = await window.train.loadTrainer('/model/model.json', { ...options, device: 'webgpu' });
    const lines: Record<string, number>[] = [];
    const stepOn = async (on: typeof trainer): Promise<void> => {
      const { dLoss, gLoss, dReal, dFake } = await on.step();
      lines.push({ dLoss, gLoss, dReal, dFake });
    };
    for (let i = 0; i < 15; i++) await stepOn(trainer);
    const state = await trainer.state();
    const [picture] = await trainer.sample([3]);
    const { name } = trainer.device;
    trainer.dispose();
    const other = await window.train.loadTrainer('/model/model.json', {
      ...options,
      device: 'wasm',
      state,
    });
    const [again] = await other.sample([3]);
    for (let i = 0; i < 5; i++) await stepOn(other);
    const differences = picture!.data.map((byte, i) => Math.abs(byte - again!.data[i]!));
    return { lines, name, largest: Math.max(...differences) };
  }, faceCount);
  assert.is(result.name, 'webgpu');
  assertClose(result.lines, await lossesInNode(model, 20), 1e-2);
  assert.ok(result.largest <= 4, `a picture differs by ${result.largest}`);
});

test.run();
