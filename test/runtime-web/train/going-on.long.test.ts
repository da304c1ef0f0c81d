// A training in a real browser goes on: from a state, after a pause, numbers that are not finite, a killed worker and a reload.
import * as assert from 'uvu/assert';
import { testIn } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { assertClose, faceCount, faces, lossesInNode } from './faces.ts';
import { ready, trainablePackage, trainPages } from './train-pages.ts';

const model = await trainablePackage('hinge');
const { test, pages } = await browserSuite('training in the browser goes on', (browser) =>
  trainPages(browser, model),
);

test('a state of the page goes on bit for bit, and a run of images, of steps and until a report ends there', async () => {
  const { page } = await pages.open();
  const result = await page.evaluate(async (avatars) => {
    const { loadTrainer } = window.train;
    const options = { device: 'wasm', data: { avatars }, seed: 5, keep: false } as const;
    const whole = await loadTrainer('/model/model.json', options);
    const reports: number[] = [];
    await whole.run({ steps: 6, onReport: ({ step }) => reports.push(step) });
    const state = await whole.state();
    const other = await loadTrainer('/model/model.json', { ...options, seed: 9, state });
    const resumed = other.report.step;
    const pictures = async (trainer: typeof whole): Promise<string> =>
      (await trainer.sample([1, 2], { isExact: true })).map(({ data }) => data.join()).join();
    const before = [await pictures(whole), await pictures(other)];
    await whole.run({ images: 41 });
    await other.run({ steps: 6 });
    const after = [await pictures(whole), await pictures(other)];
    const ended = (await whole.run({ until: ({ step }) => step >= 20 })).step;
    whole.dispose();
    other.dispose();
    return { reports, resumed, before, after, steps: [whole.report.step, other.report.step], ended };
  }, faceCount);
  assert.is(result.reports.at(-1), 6);
  assert.is(result.resumed, 6);
  assert.is(result.before[0], result.before[1]);
  assert.is(result.after[0], result.after[1]);
  assert.is.not(result.before[0], result.after[0]);
  assert.is(result.steps[1], 12);
  assert.ok(result.ended >= 20);
});

test('a run pauses, goes on, is aborted, and refuses another beside it; settings change between steps', async () => {
  const { page } = await pages.open();
  const result = await page.evaluate(async (avatars) => {
    const trainer = await window.train.loadTrainer('/model/model.json', {
      ...{ device: 'wasm', data: { avatars }, keep: false },
    });
    const messageOf = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const run = trainer.run();
    await wait(300);
    const beside = await messageOf(trainer.step());
    const during = (await trainer.sample([0])).length;
    await trainer.set({ learningRate: 0.0005 });
    await trainer.pause();
    const paused = (await run).step;
    await wait(200);
    const still = trainer.report.step;
    const rate = await messageOf(trainer.set({ learningRate: 0 }));
    const critic = await messageOf(trainer.set({ criticSteps: 2 }));
    const abort = new AbortController();
    const aborted = messageOf(trainer.run({ signal: abort.signal }));
    await wait(100);
    abort.abort(new Error('enough'));
    const text = await aborted;
    const { step } = await trainer.step();
    return { beside, during, paused, still, rate, critic, text, step, settings: trainer.settings };
  }, faceCount);
  assert.match(result.beside, 'the trainer is running; pause it first');
  assert.is(result.during, 1);
  assert.ok(result.paused > 0);
  assert.is(result.still, result.paused);
  assert.match(result.rate, /^RangeError: learningRate: got 0/);
  assert.match(result.critic, /^RangeError: criticSteps: got 2, and the package has no update of D alone/);
  assert.is(result.text, 'Error: enough');
  assert.ok(result.step > result.paused);
  assert.is(result.settings.learningRate, 0.0005);
});

test('numbers that are not finite end the run with the trainer at its last state', async () => {
  const { page } = await pages.open();
  const result = await page.evaluate(async (avatars) => {
    const { loadTrainer, TrainingDivergedError } = window.train;
    const trainer = await loadTrainer('/model/model.json', {
      ...{ device: 'wasm', data: { avatars }, keep: false },
    });
    await trainer.run({ steps: 3 });
    await trainer.state();
    await trainer.set({ learningRate: 10 });
    const steps = await trainer.run({ steps: 2000 }).then(
      ({ gLoss }) => `none, ${gLoss}`,
      (error: Error) => `${error instanceof TrainingDivergedError} ${error.message}`,
    );
    return { steps, step: trainer.report.step, next: (await trainer.step()).step };
  }, faceCount);
  // Losses may also stay finite at any rate; then there is nothing to see.
  if (result.steps.startsWith('none')) return;
  assert.match(
    result.steps,
    /^true .*at step \d+; the trainer is back at step \d+; lower the learning rates/,
  );
  assert.is(result.next, result.step + 1);
});

const onGpu = testIn(['chromium'], 'has no WebGPU without a GPU', test);
onGpu('on WebGPU the state stays on the device, and the losses are nearly those of Node', async () => {
  const { page } = await pages.open();
  const result = await page.evaluate(async (avatars) => {
    const { loadTrainer } = window.train;
    const options = { device: 'webgpu', data: { avatars }, keep: false } as const;
    const trainer = await loadTrainer('/model/model.json', options);
    const lines: Record<string, number>[] = [];
    for (let i = 0; i < 8; i++) {
      const { dLoss, gLoss, dReal, dFake } = await trainer.step();
      lines.push({ dLoss, gLoss, dReal, dFake });
    }
    const state = await trainer.state();
    const other = await loadTrainer('/model/model.json', { ...options, device: 'wasm', state });
    const [mine, theirs] = [await trainer.step(), await other.step()];
    const images = [await trainer.sample([5]), await other.sample([5])].map(([image]) => [...image!.data]);
    return { lines, device: trainer.device, mine: mine.dLoss, theirs: theirs.dLoss, images };
  }, faceCount);
  assert.is(result.device.name, 'webgpu');
  assertClose(result.lines, await lossesInNode(model, 8), 1e-2);
  assert.ok(Math.abs(result.mine - result.theirs) < 1e-2);
  const [mine, theirs] = result.images;
  assert.ok(mine!.every((value, i) => Math.abs(value - theirs![i]!) <= 8));
});

const reached = testIn(['chromium', 'firefox'], 'lets nothing reach its workers', test);
reached('a killed worker is started again and loses little; a reload finds the training', async () => {
  const { page, server } = await pages.open();
  await page.evaluate(async (list) => {
    window.trainer = await window.train.loadTrainer('/model/model.json', {
      device: 'wasm',
      data: { images: Uint8Array.from(list.flat()), name: 'mine' },
    });
    await window.trainer.run({ until: ({ seconds }) => seconds > 1.5 });
  }, faces);
  const before = server.requests.length;
  const running = page.evaluate(async () => {
    const at = window.trainer.report.step;
    const { step } = await window.trainer.run({ steps: 300 });
    return { at, step, warnings: window.trainer.warnings };
  });
  await new Promise((done) => setTimeout(done, 100));
  const worker = page.workers()[0]!;
  assert.match(worker.url(), /\/train-worker\.js$/);
  await worker.evaluate(() => self.close()).catch(() => undefined);
  const { at, step, warnings } = await running;
  assert.is(step, at + 300);
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!, /the worker has been ended; going on from step \d+/);
  const again = server.requests.slice(before);
  assert.not.ok(
    again.some((path) => /\.(onnx|wasm)$/.test(path)),
    again.join(),
  );

  await page.reload();
  await ready(page);
  const after = await page.evaluate(async () => {
    const saved = await window.train.savedTraining('/model/model.json');
    if (saved === null) return null;
    const { state, data } = saved;
    const trainer = await window.train.loadTrainer('/model/model.json', { device: 'wasm', state, data });
    const next = (await trainer.step()).step;
    await window.train.forgetTraining('/model/model.json');
    return {
      ...{ step: saved.step, next, name: typeof data === 'object' && 'images' in data ? data.name : null },
      gone: await window.train.savedTraining('/model/model.json'),
    };
  });
  assert.ok(after !== null && after.step > 0);
  assert.is(after.next, after.step + 1);
  assert.is(after.name, 'mine');
  assert.is(after.gone, null);
});

test.run();
