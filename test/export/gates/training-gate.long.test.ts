// The gate of networks to train: graphs of the same method pass on both runtimes, those of another do not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { trainingFiles, type TrainingRole } from '../../../runtime-web/format/training/trainable.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { gateTraining } from '../../../trainer/export/gates/training-gate.ts';
import { encodeTraining } from '../../../trainer/export/training-files.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { held } from '../../../trainer/held.ts';
import { ExportError } from '../../../trainer/model-package/export-error.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import { failure } from '../../shared/failure.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { randomState } from '../random-state.ts';

const test = suite('gateTraining()');
const config: TrainConfig = { ...smallConfig, objective: 'hinge' };

/** Compares the graphs of one configuration with the training of {@link config}. */
async function gate(written: TrainConfig, only?: TrainingRole) {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const files = new Map<TrainingRole, string>();
  for (const [role, bytes] of encodeTraining(planTraining(written), 'tiny')) {
    if (only !== undefined && role !== only) continue;
    files.set(role, join(folder, trainingFiles[role]));
    writeFileSync(files.get(role)!, bytes);
  }
  // Second moments are means of squares.
  const state = Object.fromEntries(
    Object.entries(randomState(config)).map(([name, tensor]) => [
      name,
      name.startsWith('moments/second/') ? { ...tensor, data: tensor.data.map(Math.abs) } : tensor,
    ]),
  ) as Record<string, HostTensor>;
  await using engine = held((await selectEngine({ engine: 'onnx-cpu', threads: 2 })).engine);
  await engine.writeState(state);
  return await gateTraining({
    ...{ config, plan: planTraining(config), engine, state, files, tolerance: 1e-3 },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

test('the same graphs pass, and the figures name runtimes and files', async () => {
  const figures = await gate(config);
  assert.equal(
    figures.map(({ role, runtime }) => `${role} ${runtime.replace(/ \d+\.\d+\.\d+/, '')}`),
    ['step', 'sample', 'statistics', 'judge'].flatMap((role) => [
      `${role} onnxruntime-node cpu`,
      `${role} onnxruntime-web wasm`,
    ]),
  );
  assert.ok(
    figures.some(({ maxDifference }) => maxDifference > 0),
    'compared with itself?',
  );
});

for (const [name, change, role] of [
  ['another loss', { objective: 'non-saturating' }, 'step'],
  ['another moment', { beta1: 0.6 }, 'step'],
  ['a clipped discriminator', { clip: 0.01 }, 'step'],
] as const) {
  test(`${name} is refused`, async () => {
    const error = await failure(gate({ ...config, ...change }, role));
    assert.instance(error, ExportError, error.stack);
    assert.match(
      error.message,
      new RegExp(`^${role}\\.onnx computes something else than training on onnx-cpu`),
    );
  });
}

test.run();
