// ONNX's own checker, shape inference included, over lowered graphs: every kernel's, a whole training step's, and
// exported networks. It is a Python package (`onnx`), looked for in $DCGAN_PYTHON or python3.
import { square } from '../../../runtime-web/format/image-shape.ts';
import '@tensorflow/tfjs-backend-cpu';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { insideOf } from '../../../trainer/training/architectures/table.ts';
import { foldDiscriminator, foldGenerator } from '../../../trainer/frozen/fold.ts';
import { encodeDiscriminator } from '../../../trainer/export/parts/discriminator.ts';
import { encodeGenerator } from '../../../trainer/export/onnx-generator.ts';
import { encodeRestoring } from '../../../trainer/export/parts/restoring.ts';
import { lower } from '../../../trainer/graph/lower/lower.ts';
import { record } from '../trace/checked-record.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import { randomState } from '../../export/random-state.ts';
import { smallDiscriminator } from '../../restoring/fixture.ts';
import { shaped, smallConfig, type SquareConfig } from '../../shared/small-config.ts';
import { allCases } from './kernel-cases/all.ts';
import { Draw, type KernelCase } from './kernel-cases/kernel-case.ts';
import { recordedStep } from './recorded-step.ts';

/** Checks the files named on the command line; prints the first word of trouble for each that is refused. */
const script = `
import sys
import onnx
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:
        print(path, '|', str(error).strip().splitlines()[0])
`;

const python = process.env['DCGAN_PYTHON'] ?? 'python3';
const hasOnnx = spawnSync(python, ['-c', 'import onnx']).status === 0;
const checking = suite('onnx.checker');

/** All cases of a kernel as one graph. */
function kernelModel(cases: readonly KernelCase[]): Uint8Array {
  const inputs = Object.fromEntries(
    cases.flatMap((example, i) =>
      Object.entries(example.inputs).map(([name, tensor]) => [`${i}/${name}`, tensor]),
    ),
  );
  const graph = record((tensors) => {
    const outputs: Record<string, tf.Tensor> = {};
    cases.forEach((example, i) => {
      const xs = Object.keys(example.inputs).map((name) => tensors[`${i}/${name}`]!);
      const result = example.compute(...(xs as never[]));
      (Array.isArray(result) ? result : [result]).forEach((y, j) => (outputs[`${i}/output${j}`] = y));
    });
    return outputs;
  }, inputs);
  return lower(graph);
}

const variants: Readonly<Record<string, Partial<SquareConfig>>> = {
  transposed: {},
  nearest: { upsampling: 'nearest' },
  attention: { attention: 8, spectralNorm: 'both' },
};

/** Every model that is checked, by name. */
function models(): Record<string, Uint8Array> {
  const result: Record<string, Uint8Array> = {};
  for (const [kernel, makeCases] of Object.entries(allCases)) {
    result[`kernel ${kernel}`] = kernelModel(makeCases(new Draw(2)));
  }
  for (const [variant, change] of Object.entries(variants)) {
    const config = { ...smallConfig, ...change };
    const { latent } = config;
    result[`step, ${variant}`] = lower(recordedStep(config).graph);
    const generator = foldGenerator(config, planTraining(config).initialState(new Random(1)));
    for (const isHalf of [false, true]) {
      const name = `generator, ${variant}${isHalf ? ', half' : ''}`;
      result[name] = encodeGenerator(generator, { name, latentDim: latent, isHalf });
    }
    const state = randomState(config);
    const discriminator = smallDiscriminator(config, state);
    for (const distribution of ['normal', 'uniform'] as const) {
      const name = `restoring, ${variant}, ${distribution}`;
      const { imageSize, channels } = config;
      const networks = { generator, discriminator, distribution };
      result[name] = encodeRestoring(networks, { name, latentDim: latent, ...square(imageSize), channels });
    }
    const masked = Object.fromEntries(
      insideOf(config)
        .layers(config)
        .generator.map((layer) => [layer.name, layer.filters]),
    );
    const maskedName = `masked generator, ${variant}`;
    const inside = { name: maskedName, latentDim: latent, isHalf: true, withLayers: true, masked };
    result[maskedName] = encodeGenerator(generator, inside);
  }
  const { imageSize, channels } = smallConfig;
  const state = planTraining(smallConfig).initialState(new Random(1));
  const width = { shape: [8], dtype: 'float32', data: new Float32Array(8).fill(1) } as const;
  const statistics = { 'discriminator/block2/mean': width, 'discriminator/block2/variance': width };
  const discriminator = foldDiscriminator(shaped(smallConfig), state, statistics);
  result['discriminator'] = encodeDiscriminator(discriminator, {
    name: 'discriminator',
    ...square(imageSize),
    channels,
    isHalf: true,
  });
  return result;
}

function check(files: Readonly<Record<string, Uint8Array>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-checker-'));
  try {
    const paths = Object.entries(files).map(([name, bytes]) => {
      const path = join(folder, `${name}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    const { stdout, stderr, status } = spawnSync(python, ['-c', script, ...paths], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    return stdout.trim().split('\n').filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const files = models();

checking('there are graphs of every kernel, of steps and of generators to check', () => {
  assert.ok(Object.keys(files).length > Object.keys(allCases).length + 5);
  for (const [name, bytes] of Object.entries(files)) assert.ok(bytes.length > 0, name);
});

if (hasOnnx) {
  checking('every lowered graph is accepted', () => {
    assert.is(check(files).join('\n'), '');
  });

  checking('a broken one is not', () => {
    const bytes = Buffer.from(files['kernel Add']!).toString('latin1');
    const broken = Buffer.from(bytes.replaceAll('Add', 'Adx'), 'latin1');
    assert.match(check({ broken }).join(), /broken\.onnx/);
  });
} else {
  console.log(`skipped: ${python} has no package 'onnx'; name a Python that has one in DCGAN_PYTHON`);
  checking.skip('every lowered graph is accepted', () => undefined);
}

checking.run();
