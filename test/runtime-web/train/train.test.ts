// Training in a real browser: the same losses as in Node, a pause, a state, a killed worker, a reload, and files that leave the page.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { avatarAttributes } from '../../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../../runtime-web/format/avatars/draw-avatar.ts';
import { parseTrainable } from '../../../runtime-web/format/training/parse-trainable.ts';
import { trainByGraphs } from '../../export/train-by-graphs.ts';
import { dcgan, jsonLines } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { openBrowser, testIn } from '../browser.ts';
import { ready, trainablePackage, trainPages, unpacked } from './train-pages.ts';

const test = suite('training in the browser');
const browser = await openBrowser('training in the browser');
const model = await trainablePackage('hinge');
const pages = trainPages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const count = 40;
/** The first faces as bytes, in the order of the set. */
const faces = Array.from({ length: count }, (_, index) =>
  Array.from(drawAvatar(avatarAttributes(index, 0), 16)),
);

/** The losses of the steps by onnxruntime-node. */
async function lossesInNode(steps: number): Promise<readonly Readonly<Record<string, number>>[]> {
  const opened = parseTrainable(JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')), 'model.json');
  const images = Float32Array.from(faces.flat(), (byte) => byte / 127.5 - 1);
  const readFile = async (role: string): Promise<Uint8Array> => {
    const { file } = opened.trainable.files[role as 'step']!;
    return readFileSync(join(model, file));
  };
  return (await trainByGraphs(opened, readFile, { count, images, labels: null, condition: null }, steps))
    .lines;
}

/** Asserts that figures are the same within a thousandth of their size, at least 1. */
function assertClose(
  got: readonly Readonly<Record<string, unknown>>[],
  expected: readonly Readonly<Record<string, unknown>>[],
): void {
  assert.is(got.length, expected.length);
  expected.forEach((line, i) => {
    for (const name of ['dLoss', 'gLoss', 'dReal', 'dFake']) {
      const [mine, theirs] = [Number(got[i]![name]), Number(line[name])];
      const difference = Math.abs(mine - theirs) / Math.max(1, Math.abs(theirs));
      assert.ok(difference < 1e-3, `step ${i + 1}: ${name} is ${mine}, expected ${theirs}`);
    }
  });
}

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('20 steps on the built-in faces have the losses of Node, in two threads, under a strict policy', async () => {
    const { page, said } = await pages.open();
    const result = await page.evaluate(async (avatars) => {
      const progress: number[] = [];
      const trainer = await window.train.loadTrainer('/model/model.json', {
        ...{ device: 'wasm', data: { avatars } },
        onProgress: ({ loaded, total }) => progress.push(loaded / total),
      });
      const lines: Record<string, number>[] = [];
      for (let i = 0; i < 20; i++) {
        const { dLoss, gLoss, dReal, dFake, step, images } = await trainer.step();
        lines.push({ dLoss, gLoss, dReal, dFake, step, images });
      }
      const [picture] = await trainer.sample([3]);
      const { device, warnings, package: opened } = trainer;
      trainer.dispose();
      const after = await trainer.step().catch((error: Error) => error.message);
      const { width, height, data } = picture!;
      const size = [width, height, new Set(data).size];
      return { lines, device, warnings, name: opened.method, last: progress.at(-1), after, size };
    }, count);
    assertClose(result.lines, await lossesInNode(20));
    assert.is(result.lines[19]!['step'], 20);
    assert.is(result.lines[19]!['images'], 160);
    assert.is(result.device.name, 'wasm');
    assert.match(result.device.reason, /^wasm with \d threads?$/);
    assert.equal(result.warnings, []);
    assert.match(result.name, 'hinge');
    assert.is(result.last, 1);
    assert.match(String(result.after), 'disposed of');
    assert.equal(result.size.slice(0, 2), [16, 16]);
    assert.ok(result.size[2]! > 4);
    assert.equal(said, []);
  });

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
    }, count);
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
    }, count);
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

  test('wrong images, states and options are refused with what to do', async () => {
    const { page } = await pages.open();
    const messages = await page.evaluate(async () => {
      const { loadTrainer } = window.train;
      const messageOf = (options: object, url = '/model/model.json'): Promise<string> =>
        loadTrainer(url, { device: 'wasm', keep: false, ...options }).then(
          () => 'none',
          (error: Error) => `${error.name}: ${error.message}`,
        );
      const trainer = await loadTrainer('/model/model.json', { data: { avatars: 10 }, keep: false });
      const state = await trainer.state();
      const damaged = state.slice();
      damaged[damaged.length - 5]! ^= 1;
      const load = (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
        trainer.load(bytes).then(
          () => 'none',
          (error: Error) => `${error.name}: ${error.message}`,
        );
      const broken = [await load(damaged), await load(state.slice(0, 900)), await load(new Uint8Array(50))];
      const going = (await trainer.step()).step;
      return [
        ...broken,
        String(going),
        await messageOf({ data: { images: new Uint8Array(0) } }),
        await messageOf({ data: { images: new Uint8Array(16 * 16 * 3) } }),
        await messageOf({ data: { images: new Uint8Array(1000) } }),
        await messageOf({ data: { images: [1, 2] } }),
        await messageOf({ data: { avatars: 1 } }),
        await messageOf({ maxBytes: 1000 }),
        await messageOf({ state: 'package' }),
        await messageOf({ device: 'gpu' }),
        await messageOf({ seed: -1 }),
        await messageOf({}, '/model/none.json'),
      ];
    });
    [
      /^ModelFormatError: state: corrupt \(its content does not match its sha256\); copy it again$/,
      /^ModelFormatError: state: /,
      /^ModelFormatError: state: /,
      /^1$/,
      /^RangeError: images: got 0, expected at least 2 of 16x16 with 3 channels, .*add images/,
      /^RangeError: images: got 1, expected at least 2/,
      /^RangeError: images: got 1000 bytes, expected 768 for each image of 16x16 with 3 channels/,
      /^TypeError: data: expected 'avatars'/,
      /^RangeError: avatars: got 1, expected a whole number from 2 to 100000/,
      /^RangeError: maxBytes: the training takes about \d+ MB, .*ask the user and give maxBytes: \d+/,
      /^ModelLoadError: .*the package has no state; export it with --trainable --state/,
      /^TypeError: device: got gpu/,
      /^RangeError: seed: got -1/,
      /^ModelLoadError: .*404/,
    ].forEach((pattern, i) => assert.match(messages[i]!, pattern));
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
    }, count);
    // Losses may also stay finite at any rate; then there is nothing to see.
    if (result.steps.startsWith('none')) return;
    assert.match(
      result.steps,
      /^true .*at step \d+; the trainer is back at step \d+; lower the learning rates/,
    );
    assert.is(result.next, result.step + 1);
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

  test('a run folder of the page goes on with train --resume, with the losses that the page has', async () => {
    const { page } = await pages.open();
    await page.evaluate(async (list) => {
      window.trainer = await window.train.loadTrainer('/model/model.json', {
        ...{ device: 'wasm', data: { images: Uint8Array.from(list.flat()) }, keep: false },
      });
      await window.trainer.run({ steps: 20 });
    }, faces);
    const root = await unpacked(page, 'toRun');
    const [name] = readdirSync(root);
    assert.match(name!, /^00001-pictures-.*hinge/);
    const folder = join(root, name!);
    const files = readdirSync(join(folder, 'pictures'));
    assert.is(files.length, count);
    const pixels = await sharp(join(folder, 'pictures', '000007.png'))
      .raw()
      .toBuffer();
    assert.equal(Array.from(pixels), faces[7]);
    const inPage = await page.evaluate(async () => {
      const lines: Record<string, number>[] = [];
      for (let i = 0; i < 20; i++) {
        const { dLoss, gLoss, dReal, dFake } = await window.trainer.step();
        lines.push({ dLoss, gLoss, dReal, dFake });
      }
      return lines;
    });
    const flags = ['--report-every', '1', '--engine', 'onnx-cpu', '--threads', '2', '--json'];
    const { code, stdout, stderr } = await dcgan('train', '--resume', folder, '--steps', '40', ...flags);
    assert.is(code, 0, stderr);
    assert.not.match(stderr, 'the data have changed');
    const lines = readFileSync(join(folder, 'stats.jsonl'), 'utf8').trim().split('\n');
    assertClose(
      inPage,
      lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    );
    assert.is(jsonLines(stdout).at(-1)!['event'], 'done');

    // And back: the server's checkpoint goes on in the page.
    const state = readFileSync(join(folder, 'checkpoints', 'step-000040.safetensors'));
    const back = await page.evaluate(async (bytes) => {
      const mine = await window.trainer.step();
      const { step } = await window.trainer.load(Uint8Array.from(bytes));
      const theirs = await window.trainer.step();
      return { step, mine: mine.dLoss, theirs: theirs.dLoss };
    }, Array.from(state));
    assert.is(back.step, 40);
    assert.ok(Math.abs(back.mine - back.theirs) < 1e-3 * Math.max(1, Math.abs(back.mine)));
  });

  test('a package of the page draws the same pictures with dcgan sample, and passes the checks of its readers', async () => {
    const { page } = await pages.open();
    const pictures = await page.evaluate(async (avatars) => {
      window.trainer = await window.train.loadTrainer('/model/model.json', {
        ...{ device: 'wasm', data: { avatars }, keep: false },
      });
      await window.trainer.run({ steps: 10 });
      const drawn = await window.trainer.sample([0, 1], { isExact: true });
      return drawn.map(({ data }) => Array.from(data));
    }, count);
    const folder = await unpacked(page, 'toPackage');
    assert.equal(readdirSync(folder).sort(), ['generator.onnx', 'model.json', 'preview.png']);
    for (const [seed, drawn] of pictures.entries()) {
      const out = join(temporaryFolder(), 'drawn.png');
      const { code, stderr } = await dcgan('sample', folder, '--seeds', `${seed}`, '--out', out);
      assert.is(code, 0, stderr);
      const { data, info } = await sharp(out).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      assert.equal([info.width, info.height], [16, 16]);
      const expected = drawn.filter((_, k) => k % 4 < 3);
      const most = expected.reduce((worst, value, k) => Math.max(worst, Math.abs(value - data[k]!)), 0);
      assert.ok(most <= 1, `seed ${seed}: ${most}`);
    }
  });
}

test.run();
