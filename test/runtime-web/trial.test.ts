// The trial of two devices, on sessions that only report a duration.
import type { InferenceSession } from 'onnxruntime-web';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceName } from '../../runtime-web/protocol.ts';
import { tryDevices } from '../../runtime-web/worker/trial.ts';

const test = suite('trial of devices');

const released: string[] = [];
/** A session with a latent and a mask, which knows its device. */
const sessionOn = (device: DeviceName): InferenceSession =>
  ({
    device,
    inputMetadata: [
      { name: 'z', isTensor: true, type: 'float32', shape: ['n', 100] },
      { name: 'rate', isTensor: true, type: 'float32', shape: [] },
    ],
    release: () => Promise.resolve(void released.push(device)),
  }) as unknown as InferenceSession;
const deviceOf = (session: InferenceSession): DeviceName =>
  (session as unknown as { readonly device: DeviceName }).device;
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const open = (name: DeviceName): Promise<InferenceSession> => Promise.resolve(sessionOn(name));

test('the faster one stays, the other is released, and the report has the reason', async () => {
  for (const [slow, fast] of [
    ['webgpu', 'wasm'],
    ['wasm', 'webgpu'],
  ] as const) {
    released.length = 0;
    const { session, report } = await tryDevices(open, (tried) => wait(deviceOf(tried) === slow ? 15 : 1));
    assert.is(deviceOf(session), fast);
    assert.is(report.name, fast);
    assert.match(report.reason, /^webgpu|wasm [\d.]+ ms an image, /);
    assert.equal(released, [slow]);
  }
});

test("inputs have the shapes of the file's metadata", async () => {
  await tryDevices(open, (_, feeds) => {
    assert.equal(
      Object.entries(feeds).map(([name, [data, dims]]) => [name, data.length, dims]),
      [
        ['z', 100, [1, 100]],
        ['rate', 1, []],
      ],
    );
    return Promise.resolve();
  });
});

test('if the GPU fails, WebAssembly is used; if that fails too, it throws', async () => {
  const failing = (bad: DeviceName) => (name: DeviceName) =>
    name === bad ? Promise.reject(new Error(`no ${bad}`)) : open(name);
  const { report } = await tryDevices(failing('webgpu'), () => Promise.resolve());
  assert.is(report.name, 'wasm');
  let message = '';
  await tryDevices(failing('wasm'), () => Promise.resolve()).catch(
    (error: Error) => (message = error.message),
  );
  assert.is(message, 'no wasm');
});

test.run();
