// Searching latents: the generator's own images are found again, whole or from their edges, with either prior.
import { square } from '../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed, Random, type LatentDistribution } from '../../runtime-web/format/random.ts';
import { centreMask } from '../../trainer/restoring/masks.ts';
import { finished, pixelWeights, type Degraded } from '../../runtime-web/format/restoring/finish.ts';
import { termWeights } from '../../runtime-web/format/restoring/task.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { UserError } from '../../trainer/errors.ts';
import { foldGenerator } from '../../trainer/frozen/fold.ts';
import { psnr } from '../../trainer/metrics/psnr.ts';
import { withHoles, withoutColour } from '../../trainer/restoring/degrade.ts';
import { restoreLatents, type RestoreOptions } from '../../trainer/restoring/restore-latents.ts';
import { randomState } from '../export/random-state.ts';
import { smallConfig } from '../shared/small-config.ts';
import { smallDiscriminator } from './fixture.ts';

const test = suite('restoring latents');
const state = randomState(smallConfig);
const { imageSize, latent: latentDim } = smallConfig;
const pictureLength = imageSize * imageSize * 3;

async function restored(
  distribution: LatentDistribution,
  change: Partial<RestoreOptions> & { readonly degrade: (picture: Float32Array) => Degraded },
  count = 3,
) {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const generator = foldGenerator(smallConfig, state);
  const networks = { generator, discriminator: smallDiscriminator(smallConfig, state), distribution };
  try {
    await engine.writeState(generator.parameters);
    const spec = { shape: [1, latentDim], dtype: 'float32' } as const;
    const draw = await engine.compile(
      (held, { z }) => ({ outputs: { images: generator.generate(held, z!) } }),
      { z: spec },
    );
    const originals: Float32Array[] = [];
    for (let i = 0; i < count; i++) {
      const { images } = await draw.run({
        z: { ...spec, data: latentFromSeed(500 + i, latentDim, distribution) },
      });
      originals.push(Float32Array.from(images!.data));
    }
    const degraded = originals.map(change.degrade);
    const found = await restoreLatents({
      engine,
      networks,
      ...square(imageSize),
      channels: 3,
      latentDim,
      targets: degraded.map((one) => ({ picture: one.picture, weights: pixelWeights(one) })),
      terms: { ...termWeights('denoise', 0), typical: 0.01 },
      updates: 200,
      rate: 0.1,
      restarts: 4,
      candidates: 64,
      random: new Random(1),
      signal: new AbortController().signal,
      ...change,
    });
    return { originals, degraded, found };
  } finally {
    await engine.dispose();
  }
}

const whole = (picture: Float32Array): Degraded => ({
  task: 'denoise',
  picture: Float32Array.from(picture),
  mask: null,
  ...square(imageSize),
  channels: 3,
});

for (const distribution of ['normal', 'uniform'] as const) {
  test(`${distribution}: G's own image is found again to 0.01, among others in the batch`, async () => {
    const { originals, found } = await restored(distribution, { degrade: whole }, 5);
    assert.is(found.length, 5);
    found.forEach(({ picture, z, loss, losses }, i) => {
      const off = originals[i]!.reduce((sum, value, k) => sum + Math.abs(value - picture[k]!), 0);
      assert.ok(off / pictureLength < 0.01, `picture ${i} is off by ${off / pictureLength} on average`);
      assert.is(loss, Math.min(...losses));
      assert.is(losses.length, 4);
      const truth = latentFromSeed(500 + i, latentDim, distribution);
      if (distribution === 'uniform') assert.ok(z.every((value) => Math.abs(value) <= 1));
      assert.is(z.length, truth.length);
    });
  });
}

test('the missing part is found from its surroundings', async () => {
  const mask = centreMask(square(imageSize), 0.25);
  const degrade = (picture: Float32Array): Degraded => ({
    task: 'inpaint',
    picture: withHoles(picture, mask, 3),
    mask,
    ...square(imageSize),
    channels: 3,
  });
  const { originals, degraded, found } = await restored('normal', { degrade });
  found.forEach(({ picture }, i) => {
    const filled = finished(degraded[i]!, picture);
    const before = psnr(degraded[i]!.picture, originals[i]!, 3, mask);
    const after = psnr(filled, originals[i]!, 3, mask);
    assert.ok(after > before + 8, `picture ${i}: ${before} dB before, ${after} dB after`);
  });
});

test('colour is found from luminance', async () => {
  const degrade = (picture: Float32Array): Degraded => ({
    ...whole(picture),
    task: 'colourise',
    picture: withoutColour(picture),
  });
  const terms = { ...termWeights('colourise', 0), typical: 0.01 };
  const { originals, degraded, found } = await restored('normal', { degrade, terms });
  found.forEach(({ picture }, i) => {
    const coloured = finished(degraded[i]!, picture);
    const [before, after] = [degraded[i]!.picture, coloured].map((one) => psnr(one, originals[i]!, 3));
    assert.ok(after! > before! + 8, `picture ${i}: ${before} dB before, ${after} dB after`);
  });
});

test('the same seed finds the same latents; a loss that is not finite, and an abort, throw', async () => {
  const short = { degrade: whole, updates: 5, candidates: 1, restarts: 1 };
  const [one, other] = [await restored('normal', short, 1), await restored('normal', short, 1)];
  assert.equal(one.found[0]!.z, other.found[0]!.z);

  const broken = restored('normal', { ...short, rate: NaN }, 1);
  await broken.then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.instance(error, UserError);
      assert.match(error.message, /the loss is not finite: give a smaller --rate/);
    },
  );
  const signal = AbortSignal.abort(new Error('enough'));
  await restored('normal', { ...short, signal }, 1).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'enough'),
  );
});

test.run();
