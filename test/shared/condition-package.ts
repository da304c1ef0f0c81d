// Packages of models that are conditioned on attributes or numbers, without training: the colour of an image is a known function of its
// condition.
import { createHash } from 'node:crypto';
import { square } from '../../runtime-web/format/image-shape.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conditioning, Model } from '../../runtime-web/format/model.ts';
import { formatVersion } from '../../runtime-web/format/format-version.ts';
import { fileOf, float32, int64, tensor } from '../import-onnx/onnx-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Side of the images. */
export const side = 8;
const latentDim = 4;

/** Three attributes, each with a colour channel: red, green and blue. No example has all. */
export const attributesOfColour = {
  kind: 'attributes',
  names: ['Smiling', 'wavy hair', 'Hat'],
  examples: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 1, 1],
    [0, 0, 0],
  ],
} as const satisfies Conditioning;

/** Two numbers: the age is red, the turn is green. */
export const numbersOfColour = {
  kind: 'numbers',
  numbers: [
    { name: 'age', least: 0, most: 100 },
    { name: 'turn', least: -30, most: 30 },
  ],
  examples: [
    [25, 0],
    [75, 15],
  ],
} as const satisfies Conditioning;

/**
 * Writes a package whose image of a condition c (in the generator's units) has the channels c1, c2 and c3 (those that c lacks are 0) in
 * its upper half, and the first three of z in its lower half, all in [-1, 1]. Returns its folder.
 */
export function conditionPackage(conditioning: Exclude<Conditioning, null>, name = 'colours'): string {
  const folder = temporaryFolder();
  const columns = conditioning.kind === 'attributes' ? 3 : 2;
  const width = columns + latentDim;
  const weights = new Array<number>(width * side * side * 3).fill(0);
  for (let pixel = 0; pixel < side * side; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const isUpper = pixel < (side * side) / 2;
      if (isUpper && channel >= columns) continue;
      const row = isUpper ? latentDim + channel : channel;
      weights[row * side * side * 3 + pixel * 3 + channel] = 1;
    }
  }
  const bytes = fileOf({
    opset: 17,
    inputs: { z: [float32, ['n', latentDim]], condition: [float32, ['n', columns]] },
    outputs: { images: [float32, ['n', side, side, 3]] },
    nodes: [
      ['Concat', ['z', 'condition'], ['both'], { axis: { i: 1 } }],
      ['MatMul', ['both', 'weights'], ['flat']],
      ['Reshape', ['flat', 'shape'], ['images']],
    ],
    weights: {
      weights: tensor([width, side * side * 3], weights),
      shape: tensor([4], [-1, side, side, 3], int64),
    },
  });
  writeFileSync(join(folder, 'generator.onnx'), bytes);
  const file = entryOf('generator.onnx', bytes);
  const model: Model = {
    formatVersion,
    name,
    ...square(side),
    channels: 3,
    latent: { dim: latentDim, distribution: 'uniform' },
    conditioning,
    files: { generator: file },
    training: null,
    origin: { format: 'onnx', files: [file], producer: null, settings: {} },
    parity: { seeds: [], figures: [] },
    metrics: [],
    directions: [],
    steering: null,
    styles: null,
    calibration: null,
    trainable: null,
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
  return folder;
}

/** An entry of model.json. */
const entryOf = (file: string, bytes: Uint8Array) => ({
  file,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/** Adds a discriminator to a package of {@link conditionPackage}: the logit is the mean of the image plus `weights` · condition. */
export function addDiscriminator(folder: string, weights: readonly number[]): string {
  const bytes = fileOf({
    opset: 18,
    inputs: { images: [float32, ['n', side, side, 3]], condition: [float32, ['n', weights.length]] },
    outputs: { logits: [float32, ['n']] },
    nodes: [
      ['ReduceMean', ['images', 'axes'], ['mean'], { keepdims: { i: 0 } }],
      ['MatMul', ['condition', 'weights'], ['product']],
      ['Reshape', ['product', 'flat'], ['term']],
      ['Add', ['mean', 'term'], ['logits']],
    ],
    weights: {
      weights: tensor([weights.length, 1], [...weights]),
      axes: tensor([3], [1, 2, 3], int64),
      flat: tensor([1], [-1], int64),
    },
  });
  writeFileSync(join(folder, 'discriminator.onnx'), bytes);
  const path = join(folder, 'model.json');
  const model = JSON.parse(readFileSync(path, 'utf8')) as Model;
  const files = { ...model.files, discriminator: entryOf('discriminator.onnx', bytes) };
  writeFileSync(path, JSON.stringify({ ...model, files }));
  return folder;
}
