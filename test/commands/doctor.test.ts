// `dcgan doctor`, spawned: it lists every engine, with a speed, or with a reason and a fix.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complaint } from '../../trainer/engine/tensorflow/cuda-device.ts';
import { engineNames } from '../../trainer/engine/engine.ts';
import type { Finding } from '../../trainer/commands/doctor.ts';
import { dcgan, jsonLines } from '../shared/command-line.ts';

const test = suite('doctor');

test('each engine works, with its device and speed, or does not, with a reason', async () => {
  const { code, stdout, stderr } = await dcgan('doctor', '--json');
  assert.is(code, 0, stderr);
  const [answer] = jsonLines(stdout);
  const findings = answer!['engines'] as readonly Finding[];
  assert.equal(
    findings.map(({ engine }) => engine),
    [...engineNames],
  );
  for (const { engine, device, imagesPerSecond, reason, mend } of findings) {
    if (device === null) {
      assert.is(imagesPerSecond, null);
      assert.ok(reason !== null && reason.length > 10, `${engine}: ${reason}`);
      assert.not.match(reason, '\n');
      if (engine.startsWith('tensorflow')) assert.match(String(mend), /npm run setup:tensorflow|null/);
    } else {
      assert.ok(imagesPerSecond !== null && imagesPerSecond > 0);
      assert.is(reason, null);
    }
  }
  assert.ok(findings.find(({ engine }) => engine === 'onnx-cpu')!.device !== null);
});

test("TensorFlow's message about a missing GPU is printed without dates and files", () => {
  const stderr = [
    '2026-11-25 09:02:28.256186: E external/local_xla/xla/stream_executor/cuda/cuda_fft.cc:477] Unable to register cuFFT factory: Attempting',
    '2026-11-25 09:02:28.288475: I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow binary is optimized',
    '2026-11-25 09:02:28.288962: E external/local_xla/xla/stream_executor/cuda/cuda_driver.cc:152] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)',
  ].join('\n');
  assert.is(
    complaint(stderr),
    'failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)',
  );
  assert.is(complaint('all is well'), null);
});

test.run();
