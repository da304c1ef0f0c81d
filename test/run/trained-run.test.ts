// A run's networks, frozen, against the networks as they were trained, and the findings of commands in the run.
import { shaped } from '../shared/small-config.ts';
import { square } from '../../runtime-web/format/image-shape.ts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imageShape } from '../../trainer/config/image-size.ts';
import { openTrainedRun } from '../../trainer/run/trained-run.ts';
import { freezeDiscriminator } from '../../trainer/training/architectures/freeze-discriminator.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { named } from '../../trainer/networks/state.ts';
import { byBatch } from '../../trainer/networks/batch-norm.ts';
import { discriminate } from '../../trainer/networks/discriminator.ts';
import { findingFolder, saveFinding } from '../../trainer/run/save-finding.ts';
import { dcgan, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { relativeError } from '../shared/closeness.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('a trained run');
const pictures = await smallPictures();
const trained = await dcgan(...smallRun(pictures, temporaryFolder(), 6));
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);

test('it opens by its folder and by the model in it, at the newest or a named checkpoint', async () => {
  const newest = await openTrainedRun(run);
  assert.is(newest.checkpoint.metadata.step, 6);
  assert.is((await openTrainedRun(join(run, 'model'))).checkpoint.path, newest.checkpoint.path);
  assert.is((await openTrainedRun(run, 'step-000006')).checkpoint.path, newest.checkpoint.path);
  for (const [path, name, message] of [
    [temporaryFolder(), null, /not a run folder/],
    [run, 'step-000777', /there is no such checkpoint/],
  ] as const) {
    try {
      await openTrainedRun(path, name);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
});

test('D with the fixed statistics of one batch gives the outputs of that batch in training', async () => {
  const opened = await openTrainedRun(run);
  const { channels } = opened.config;
  const { width: imageSize } = imageShape(opened.config);
  // As many as a batch of the statistics holds: each of those batches is the same.
  const count = 64;
  const dataset = await openDataset({
    data: 'avatars',
    avatarCount: count,
    ...square(imageSize),
    channels,
    cacheFolder: temporaryFolder(),
  });
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const frozen = await freezeDiscriminator(engine, opened, dataset);
  const pixels = new Uint8Array(count * imageSize * imageSize * channels);
  await dataset.readInto(
    Array.from({ length: count }, (_, i) => i),
    pixels,
  );
  const images = {
    shape: [count, imageSize, imageSize, channels],
    dtype: 'float32',
    data: Float32Array.from(pixels, (value) => value / 127.5 - 1),
  } as const;
  const spec = { images: { shape: images.shape, dtype: 'float32' } } as const;
  const inTraining = await engine.compile(
    (state, { images: x }) => ({
      outputs: { logits: discriminate(shaped(opened.config), named(state, 'discriminator/'), x!, byBatch) },
    }),
    spec,
  );
  const expected = await inTraining.run({ images });
  const { engine: second } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  await second.writeState(frozen.parameters);
  const folded = await second.compile(
    (state, { images: x }) => ({ outputs: frozen.layers(state, x!) }),
    spec,
  );
  const outputs = await folded.run({ images });
  assert.ok(relativeError(outputs['logits']!.data, expected['logits']!.data) < 1e-4);
  assert.equal(Object.keys(outputs).sort(), ['discriminator/block1', 'discriminator/block2', 'logits']);
  await engine.dispose();
  await second.dispose();
  await dataset.close();
});

test('a finding lies in the run, and its report page shows it', async () => {
  const folder = await findingFolder(join(run, 'model'), 'looks');
  assert.is(folder, join(run, 'analysis', 'looks'));
  await saveFinding(
    folder!,
    {
      name: 'looks',
      title: 'What it looks like',
      summary: 'One plot of </script> nothing.',
      tables: [{ caption: 'A table', columns: ['name', 'value'], rows: [['a', 1.5]] }],
      pictures: [
        { file: 'plot.svg', content: '<svg xmlns="http://www.w3.org/2000/svg"/>', caption: 'A plot' },
      ],
      data: { value: 1.5 },
    },
    () => undefined,
  );
  const saved = JSON.parse(readFileSync(join(folder!, 'finding.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(saved['pictures'], [{ file: 'plot.svg', caption: 'A plot' }]);
  assert.ok(existsSync(join(folder!, 'plot.svg')));
  const page = readFileSync(join(run, 'report.html'), 'utf8');
  assert.match(page, 'What it looks like');
  assert.match(page, 'data:image/svg+xml;base64');
  assert.not.match(page, 'plot of </script>');
  assert.is(await findingFolder(temporaryFolder(), 'looks'), null);
});

test.run();
