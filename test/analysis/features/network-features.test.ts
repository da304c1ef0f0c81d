// Features of a run's networks: D's are its pooled layers, G's come from latents that an encoder finds.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import {
  generatorFeatureCount,
  generatorFeatures,
} from '../../../trainer/analysis/features/generator-features.ts';
import {
  discriminatorFeatureCount,
  discriminatorFeatures,
  untrained,
} from '../../../trainer/analysis/features/network-features.ts';
import { openTrainedRun } from '../../../trainer/run/trained-run.ts';
import { freezeDiscriminator } from '../../../trainer/training/architectures/freeze-discriminator.ts';
import { openDataset } from '../../../trainer/data/dataset.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { assertClose, relativeError } from '../../shared/closeness.ts';
import { dcgan, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('features of networks');
const pictures = await smallPictures();
const trained = await dcgan(...smallRun(pictures, temporaryFolder(), 8));
const run = await openTrainedRun(String(jsonLines(trained.stdout).at(-1)!['runDir']));
const { config } = run;
const dataset = await openDataset({
  data: pictures,
  ...square(16),
  channels: 3,
  cacheFolder: temporaryFolder(),
});
const pixels = new Uint8Array(64 * 16 * 16 * 3);
await dataset.readInto(
  Int32Array.from({ length: 64 }, (_, i) => i % dataset.count),
  pixels,
);
const images = Float32Array.from(pixels, (value) => value / 127.5 - 1);
const openEngine = async () => (await selectEngine({ engine: 'onnx-cpu', threads: 1 })).engine;
test.after(() => dataset.close());

/** The maximum of each of 4x4 windows, layer by layer, of the whole layers that the engine computes. */
async function directly(state: typeof run.checkpoint.state): Promise<number[]> {
  const engine = await openEngine();
  const frozen = await freezeDiscriminator(engine, { config, checkpoint: { state } }, dataset);
  await engine.writeState(frozen.parameters);
  const compiled = await engine.compile(
    (held, given) => ({ outputs: frozen.layers(held, given['images']!) }),
    {
      images: { shape: [64, 16, 16, 3], dtype: 'float32' },
    },
  );
  const layers = await compiled.run({ images: { shape: [64, 16, 16, 3], dtype: 'float32', data: images } });
  await engine.dispose();
  const row: number[] = [];
  for (let b = 0; b < 64; b++) {
    for (const [side, channels, name] of [
      [8, 4, 'discriminator/block1'],
      [4, 8, 'discriminator/block2'],
    ] as const) {
      const { data } = layers[name]!;
      for (let y = 0; y < 4; y++) {
        for (let x = 0; x < 4; x++) {
          for (let c = 0; c < channels; c++) {
            let greatest = -Infinity;
            for (let dy = 0; dy < side / 4; dy++) {
              for (let dx = 0; dx < side / 4; dx++) {
                const place = ((b * side + (y * side) / 4 + dy) * side + (x * side) / 4 + dx) * channels + c;
                greatest = Math.max(greatest, data[place]!);
              }
            }
            row.push(greatest);
          }
        }
      }
    }
  }
  return row;
}

test("D's features are its layers', pooled, at each checkpoint that is loaded", async () => {
  const engine = await openEngine();
  const { checkpoint } = run;
  const set = await discriminatorFeatures({ name: 'd', title: 'D', engine, config, checkpoint, dataset });
  assert.is(set.features, 16 * (4 + 8));
  assert.is(set.features, discriminatorFeatureCount(config));
  assertClose(await set.extract(images), await directly(checkpoint.state), 1e-5, 'features');
  const older = await loadCheckpoint((await listCheckpoints(run.folder.checkpoints)).at(-1)!);
  assert.is(older.metadata.step, 4);
  await set.load(older);
  const then = await set.extract(images);
  assertClose(then, await directly(older.state), 1e-5, 'features of the older one');
  await set.load(checkpoint);
  assert.ok(relativeError(await set.extract(images), then) > 1e-3, 'both are the same');
  await set.close();
  await engine.dispose();
});

test('weights before training have the same shapes, and depend on the seed', () => {
  const [one, same, other] = [untrained(config, 1), untrained(config, 1), untrained(config, 2)];
  const name = 'discriminator/block2/kernel';
  assert.equal(one.state[name]!.shape, run.checkpoint.state[name]!.shape);
  assert.equal([...one.state[name]!.data], [...same.state[name]!.data]);
  assert.not.equal([...one.state[name]!.data], [...other.state[name]!.data]);
});

test("an encoder finds the latents of G's samples, better with more steps, and G's layers at them are features", async () => {
  const explained: number[] = [];
  for (const steps of [5, 300]) {
    const engine = await openEngine();
    const set = await generatorFeatures({
      engine,
      run,
      dataset,
      steps,
      random: new Random(3),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    explained.push(set.explainedVariance);
    if (steps === 300) {
      // z of 8; the projection [4, 4, 8], block1 [8, 8, 4].
      assert.is(set.features, 8 + 16 * (8 + 4));
      assert.is(set.features, generatorFeatureCount(config));
      const layers = await engine.compile(
        (held, { z }) => ({ outputs: { images: run.generator.generate(held, z!) } }),
        { z: { shape: [64, 8], dtype: 'float32' } },
      );
      const z = new Random(9).fillLatent(new Float32Array(512), config.latentDistribution);
      const drawn = (await layers.run({ z: { shape: [64, 8], dtype: 'float32', data: z } }))['images']!;
      const features = await set.extract(drawn.data as Float32Array<ArrayBuffer>);
      // The first of an image's features are the latent that was found: near the one it was drawn from.
      let [miss, size] = [0, 0];
      z.forEach((value, i) => {
        miss += (features[Math.floor(i / 8) * set.features + (i % 8)]! - value) ** 2;
        size += value ** 2;
      });
      assert.ok(Math.abs(1 - miss / size - set.explainedVariance) < 0.1, `${1 - miss / size}`);
      assert.is(features.length, 64 * set.features);
    }
    await set.close();
    await engine.dispose();
  }
  assert.ok(explained[1]! > 0.5 && explained[1]! > explained[0]! + 0.2, explained.join(' and '));
});

test.run();
