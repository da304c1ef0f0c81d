// One training by the trainer and by a package's graphs, on the same avatars.
import * as assert from 'uvu/assert';
import { avatarAttributes, avatarTable, avatarVector } from '../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../runtime-web/format/avatars/draw-avatar.ts';
import { inChannels } from '../../runtime-web/format/in-channels.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { formatVersion } from '../../runtime-web/format/format-version.ts';
import { parseTrainable } from '../../runtime-web/format/training/parse-trainable.ts';
import type { TrainingRole } from '../../runtime-web/format/training/trainable.ts';
import { conditioningOf, scaledAttributes } from '../../trainer/config/conditioning.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { imageShape } from '../../trainer/config/image-size.ts';
import { openAvatars } from '../../trainer/data/avatars/avatar-source.ts';
import { datasetOf, type Dataset } from '../../trainer/data/dataset.ts';
import type { ImageSource } from '../../trainer/data/source.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { trainableRecord } from '../../trainer/export/trainable-record.ts';
import { encodeTraining } from '../../trainer/export/training-files.ts';
import { modelOf, planTraining } from '../../trainer/training/plan.ts';
import { smallConfig } from '../shared/small-config.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { trainByGraphs, type PlainData } from './train-by-graphs.ts';
import { trainByTrainer } from './train-by-trainer.ts';

const count = 20;
const classNames = ['first', 'second', 'third'];

/** A complete, validated configuration: small, of 20 steps, with these settings and what they imply. */
export function configOf(values: Partial<TrainConfig>): TrainConfig {
  const { imageSize, baseWidth, latent, head, batch } = smallConfig;
  return resolveOverDefault([
    { source: 'test', values: { imageSize, baseWidth, latent, head, batch, steps: 20, sampleCount: 4 } },
    { source: 'variant', values },
  ]);
}

/** The avatars as a data set of three classes in turn. */
async function openFaces({ condition, ...config }: TrainConfig): Promise<Dataset> {
  const avatars = openAvatars(count);
  const source: ImageSource = {
    ...avatars,
    ...(condition === 'label' && { classNames }),
    async *images(signal) {
      let index = 0;
      for await (const image of avatars.images(signal))
        yield { ...image, label: index++ % classNames.length };
    },
  };
  return await datasetOf(source, { ...imageShape(config), cacheFolder: temporaryFolder() });
}

/** The same images and labels without the trainer. */
function plainFaces({ imageSize, channels }: TrainConfig, conditioning: Conditioning): PlainData {
  const indices = Array.from({ length: count }, (_, i) => i);
  const images = indices.flatMap((index) => [
    ...inChannels(drawAvatar(avatarAttributes(index, 0), Number(imageSize)), 3, channels),
  ]);
  const rowOf = (index: number): number[] => {
    const all = avatarVector(avatarAttributes(index, 0));
    const value = (name: string): number => all[avatarTable.findIndex((each) => each.name === name)]!;
    if (conditioning?.kind === 'attributes') return conditioning.names.map(value);
    if (conditioning?.kind !== 'numbers') return [];
    return conditioning.numbers.map(
      ({ name, least, most }) => (2 * (value(name) - least)) / (most - least) - 1,
    );
  };
  const rows = indices.flatMap(rowOf);
  return {
    count,
    images: Float32Array.from(images, (byte) => byte / 127.5 - 1),
    labels: conditioning?.kind === 'classes' ? Int32Array.from(indices, (i) => i % classNames.length) : null,
    condition: rows.length > 0 ? Float32Array.from(rows) : null,
  };
}

/** Largest relative difference of numbers, to at least 1. */
function relative(got: number, expected: number): number {
  return Math.abs(got - expected) / Math.max(1, Math.abs(expected));
}

/**
 * Trains both ways for the configured steps. Asserts that every output of every step is the trainer's, that the states have the same
 * entries, and that the images of seeds are the same. Returns the largest differences, the range of the images, and the files.
 */
export async function trainBothWays(config: TrainConfig, block: number | null = null) {
  const dataset = await openFaces(config);
  const conditioning = conditioningOf(config, dataset);
  const plan = planTraining(config, conditioning);
  const encoded = encodeTraining(plan, 'tiny');
  // Through JSON and its check, as a page gets it.
  const file = { file: 'x', bytes: 1, sha256: '0'.repeat(64) };
  const files = Object.fromEntries([...encoded.keys()].map((role) => [role, file]));
  const json = {
    ...{ formatVersion, name: 'tiny', ...modelOf(config, conditioning), ...imageShape(config) },
    trainable: { files, ...trainableRecord(config, plan), parity: [] },
  };
  const opened = parseTrainable(JSON.parse(JSON.stringify(json)), 'model.json');
  const readFile = async (role: TrainingRole): Promise<Uint8Array> =>
    encoded.get(role as Exclude<TrainingRole, 'state'>)!;

  const byTrainer = await trainByTrainer(
    config,
    conditioning,
    dataset,
    scaledAttributes(conditioning, dataset.attributes),
    block,
  );
  const byGraphs = await trainByGraphs(opened, readFile, plainFaces(config, conditioning), config.steps!);
  await dataset.close();

  let losses = 0;
  assert.is(byGraphs.lines.length, config.steps);
  byTrainer.lines.forEach((line, i) => {
    for (const [name, value] of Object.entries(line)) {
      const got = byGraphs.lines[i]![name]!;
      const difference = relative(got, value);
      assert.ok(difference < 1e-3, `step ${i + 1}: ${name} is ${got}, expected ${value}`);
      losses = Math.max(losses, difference);
    }
  });
  assert.equal(Object.keys(byGraphs.state).sort(), Object.keys(byTrainer.state).sort());
  let isSameState = true;
  for (const [name, { data, shape }] of Object.entries(byTrainer.state)) {
    const got = byGraphs.state[name]!;
    assert.equal(got.shape, shape, name);
    isSameState &&= (data as Float32Array).every((value, i) => Object.is(value, got.data[i]));
  }
  const images = await byGraphs.sample([0, 1, 2, 3]);
  const ofImages = images.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - byTrainer.images[i]!)),
    0,
  );
  assert.is(images.length, byTrainer.images.length);
  const spread = Math.max(...images) - Math.min(...images);
  return { losses, isSameState, images: ofImages, spread, files: encoded };
}
