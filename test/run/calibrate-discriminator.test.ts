// Calibration, against a fit to the logits that ONNX Runtime gives for the exported networks.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import {
  calibrateDiscriminator,
  generatedImages,
  type RunNetworks,
} from '../../trainer/run/calibrate-discriminator.ts';
import { encodeGenerator } from '../../trainer/export/onnx-generator.ts';
import { encodeDiscriminator } from '../../trainer/export/parts/discriminator.ts';
import { calibratedDiscriminator } from '../../trainer/frozen/calibrated-discriminator.ts';
import { foldDiscriminator, foldGenerator } from '../../trainer/frozen/fold.ts';
import { fitPlattScaling, type PlattScaling } from '../../trainer/frozen/platt-scaling.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { held } from '../../trainer/held.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';
import { modelOf, planTraining } from '../../trainer/training/plan.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { relativeError } from '../shared/closeness.ts';
import { smallPictures } from '../shared/command-line.ts';
import { shaped, smallConfig } from '../shared/small-config.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('calibrateDiscriminator()');
const { signal } = new AbortController();
const count = 50;
const data = await smallPictures(count);
const files = readdirSync(data).sort();
const bytes = await Promise.all(files.map((file) => sharp(join(data, file)).raw().toBuffer()));
const real: HostTensor = {
  shape: [count, 16, 16, 3],
  dtype: 'float32',
  data: toFloats(Buffer.concat(bytes)),
};
const shape = { width: 16, height: 16, channels: 3 } as const;
const dataset = await openDataset({ data, ...shape, cacheFolder: temporaryFolder() });
/** An engine keeps the shapes of its state, so generators of other inputs need another. */
const openEngine = async () => held((await selectEngine({ engine: 'onnx-cpu', threads: 1 })).engine);
test.after(() => dataset.close());

const config = { ...smallConfig, data, objective: 'relativistic', discriminatorNorm: 'none' } as const;
const codes: Conditioning = {
  kind: 'codes',
  codes: [
    { kind: 'choice', name: 'a', choices: ['0', '1', '2'] },
    { kind: 'continuous', name: 'b', least: -1, most: 1 },
  ],
};

/** Networks with weights around those of new ones; D's logits are multiplied by `sign`, and `shift` is added. */
function networksOf(conditioning: Conditioning, sign = 1, shift = 0): RunNetworks {
  const random = new Random(8);
  const state = Object.fromEntries(
    Object.entries(planTraining(config, conditioning).initialState(random)).map(([name, tensor]) => {
      const change = (value: number): number => value + (/kernel$/.test(name) ? 0.1 * random.normal() : 0);
      return [name, { ...tensor, data: Float32Array.from(tensor.data, change) }];
    }),
  );
  const [kernel, bias] = ['kernel', 'bias'].map((part) => state[`discriminator/logit/${part}`]!);
  kernel!.data.forEach((value, i) => (kernel!.data[i] = sign * value));
  bias!.data[0] = sign * bias!.data[0]! + shift;
  return {
    ...{ config, conditioning },
    generator: foldGenerator(config, state, conditioning),
    discriminator: foldDiscriminator(shaped(config), state, {}),
  };
}

const encoded = (discriminator: RunNetworks['discriminator']): Uint8Array =>
  encodeDiscriminator(discriminator, { name: 'tiny', ...shape, isHalf: true });
const logitsOf = async (file: Uint8Array, images: HostTensor): Promise<Float32Array> =>
  (await runModel(file, { images }))['logits']!.data as Float32Array;

/** The generator's images for the seeds from 3,000,000,000 on, by its file. */
async function drawn({ generator, conditioning }: RunNetworks): Promise<HostTensor> {
  const seeds = Array.from({ length: count }, (_, i) => 3_000_000_000 + i);
  const file = encodeGenerator(generator, { name: 'tiny', latentDim: 8, conditioning, isHalf: false });
  return (await runModel(file, seedInputs(modelOf(config, conditioning), seeds)))['images'] as HostTensor;
}

/** The fit to the files' logits. */
async function expectedOf(networks: RunNetworks): Promise<PlattScaling> {
  const file = encoded(networks.discriminator);
  return fitPlattScaling(await logitsOf(file, real), await logitsOf(file, await drawn(networks)));
}

async function calibrate(networks: RunNetworks, done: number[] = []) {
  await using engine = await openEngine();
  const onProgress = (at: number): number => done.push(at);
  return await calibrateDiscriminator({ engine, networks, dataset, data, signal, onProgress });
}

const plain = networksOf(null);
/** The sign with which real images have the higher logits. */
const sign = Math.sign((await expectedOf(plain)).scale);

for (const [name, conditioning] of [
  ['a generator', null],
  ['a generator with codes', codes],
] as const) {
  test(`${name}: scale and offset are those of a fit to the logits of the files`, async () => {
    for (const shift of [0, 40]) {
      const signed = Math.sign((await expectedOf(networksOf(conditioning))).scale);
      const networks = networksOf(conditioning, signed, shift);
      const [expected, done] = [await expectedOf(networks), [] as number[]];
      const { calibration, complaint } = await calibrate(networks, done);
      assert.is(complaint, null);
      const { scale, offset, protocol } = calibration!;
      assert.ok(Math.abs(scale / expected.scale - 1) < 2e-3, `${scale}, expected ${expected.scale}`);
      const error = Math.abs(offset - expected.offset) / Math.max(1, Math.abs(expected.offset));
      assert.ok(error < 2e-3, `${offset}, expected ${expected.offset}`);
      const images = { images: count, dataset: dataset.name, part: 'training', firstSeed: 3_000_000_000 };
      assert.equal(protocol, images);
      assert.equal(done, [20, 40, 50, 70, 90, 100]);
    }
  });
}

test('the calibrated file returns scale · raw + offset on real pictures', async () => {
  const networks = networksOf(null, sign, 40);
  const { calibration } = await calibrate(networks);
  const { scale, offset } = calibration!;
  const raw = await logitsOf(encoded(networks.discriminator), real);
  const found = await logitsOf(encoded(calibratedDiscriminator(networks.discriminator, calibration!)), real);
  assert.ok(raw.every((logit) => logit > 20));
  for (const [i, logit] of found.entries()) {
    // Rounding of float32 at the magnitude of the two summands.
    const error = Math.abs(logit - (scale * raw[i]! + offset));
    assert.ok(error < 1e-6 * Math.abs(offset), `${logit}: ${error}`);
  }
  const fakes = await drawn(networks);
  const all = [
    ...found,
    ...(await logitsOf(encoded(calibratedDiscriminator(networks.discriminator, calibration!)), fakes)),
  ];
  const share = all.filter((logit) => logit >= 0).length / all.length;
  assert.ok(Math.abs(share - 0.5) < 0.2, `${share}`);
});

test('logits that are higher for generated images are not calibrated', async () => {
  const { calibration, complaint } = await calibrate(networksOf(null, -sign));
  assert.is(calibration, null);
  assert.match(
    complaint!,
    /^the logits of 50 real images of .* are not above those of as many generated ones$/,
  );
});

test('images in the place of real ones are those of the generator', async () => {
  await using engine = await openEngine();
  const { images } = await generatedImages(engine, plain, 16);
  assert.ok(relativeError(images!.data, (await drawn(plain)).data.slice(0, 16 * 768)) < 1e-5);
});

test.run();
