// Trains the embedded feature network; writes it with its sidecar and the record of its training:
// `npm run train:feature-network -- --fashion-mnist FOLDER [--steps N] [--out trainer/metrics/networks]`.
import { square } from '../../runtime-web/format/image-shape.ts';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../runtime-web/format/random.ts';
import { adam } from '../../trainer/training/adam.ts';
import { openDataset, type Dataset } from '../../trainer/data/dataset.ts';
import { wholeResampler } from '../../trainer/data/resample.ts';
import type { NamedTensors, StateFunction } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { lower } from '../../trainer/graph/lower/lower.ts';
import { initialise } from '../../trainer/networks/network.ts';
import { slotNames } from '../../trainer/training/state.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { record } from '../../trainer/graph/trace/record.ts';
import { valueAndGradients } from '../../trainer/graph/trace/value-and-gradients.ts';
import { option, readFlags, required, text, wholeNumber } from '../flags.ts';
import { featureCount, inputSize, networkParameters, runNetwork } from './network.ts';
import { makeTasks, taskLoss, addLabel } from './tasks.ts';
import { toFloat } from '../../trainer/pictures/pixels.ts';

const flags = readFlags({
  'fashion-mnist': required(text, 'the folder with train-images-idx3-ubyte.gz'),
  steps: option(wholeNumber(), '6000'),
  seed: option(wholeNumber(0), '1'),
  out: option(text, join('trainer', 'metrics', 'networks')),
});
const { 'fashion-mnist': folder, steps, seed } = flags;
const batch = 64;
const avatarCount = 30_000;
const pixels = inputSize * inputSize * 3;
const learningRate = 1e-3;

const avatars = await openDataset({ data: 'avatars', avatarCount, ...square(inputSize), channels: 3 });
const clothes = await openDataset({ data: folder, ...square(28), channels: 1 });
const enlarge = wholeResampler({ ...square(28), channels: 1 }, square(inputSize));
const tasks = makeTasks(avatars.attributes!, clothes.classNames!);
const width = tasks.reduce((sum, task) => sum + task.width, 0);
const random = new Random(seed);

/** The avatars and clothes of these indices as one batch, with their labels; `isVaried` augments them. */
async function read(ofAvatars: readonly number[], ofClothes: readonly number[], isVaried: boolean) {
  const count = ofAvatars.length + ofClothes.length;
  const images = new Float32Array(count * pixels);
  const truth = new Float32Array(count * width);
  const known = new Float32Array(count * width);
  const put = (row: number, at: (y: number, x: number, c: number) => number): void => {
    // Augmentation: mirroring, brightness and contrast, to which the features should be invariant.
    const isMirrored = isVaried && random.uniform() < 0.5;
    const gain = isVaried ? 0.8 + 0.4 * random.uniform() : 1;
    const shift = isVaried ? 0.2 * (random.uniform() - 0.5) : 0;
    for (let y = 0, to = row * pixels; y < inputSize; y++) {
      for (let x = 0; x < inputSize; x++) {
        for (let c = 0; c < 3; c++, to++) {
          const value = toFloat(at(y, isMirrored ? inputSize - 1 - x : x, c));
          images[to] = Math.max(-1, Math.min(1, gain * value + shift));
        }
      }
    }
    mirrored[row] = Number(isMirrored);
  };
  const mirrored = new Uint8Array(count);
  const faces = new Uint8Array(ofAvatars.length * pixels);
  await avatars.readInto(ofAvatars, faces);
  const attributes = new Float32Array(ofAvatars.length * avatars.attributes!.length);
  await avatars.readAttributes(ofAvatars, attributes);
  for (let i = 0; i < ofAvatars.length; i++) {
    put(i, (y, x, c) => faces[i * pixels + (y * inputSize + x) * 3 + c]!);
    avatars.attributes!.forEach(({ name }, a) => {
      const value = attributes[i * avatars.attributes!.length + a]!;
      // Attributes with a side are negated in a mirrored image.
      const isSided = name === 'yaw' || name === 'light';
      addLabel(tasks[a]!, isSided && mirrored[i] === 1 ? -value : value, truth, known, i * width);
    });
  }
  const garments = new Uint8Array(ofClothes.length * 28 * 28);
  const labels = new Int32Array(ofClothes.length);
  await clothes.readInto(ofClothes, garments, labels);
  for (let i = 0; i < ofClothes.length; i++) {
    const large = enlarge(garments.subarray(i * 784, (i + 1) * 784));
    const row = ofAvatars.length + i;
    put(row, (y, x) => large[y * inputSize + x]!);
    addLabel(tasks.at(-1)!, labels[i]!, truth, known, row * width);
  }
  return { images, truth, known };
}

const { engine } = await selectEngine({ engine: 'auto', threads: null });
const specs = networkParameters(width);
const names = Object.keys(specs);
const state: Record<string, HostTensor> = initialise(specs, random);
for (const name of names) {
  for (const slot of [slotNames.first(name), slotNames.second(name)]) {
    state[slot] = { ...state[name]!, data: new Float32Array(state[name]!.data.length) };
  }
}
await engine.writeState(state);
const step: StateFunction = (held, { images, truth, known, rate, update }) => {
  const parameters = Object.fromEntries(names.map((name) => [name, held[name]!]));
  const { value, gradients } = valueAndGradients(
    () => taskLoss(tasks, runNetwork(parameters, images!)['logits']!, truth!, known!),
    Object.values(parameters),
  );
  const next: Record<string, NamedTensors[string]> = {};
  names.forEach((name, i) => {
    const slot = {
      parameter: held[name]!,
      first: held[slotNames.first(name)]!,
      second: held[slotNames.second(name)]!,
    };
    const moved = adam(slot, gradients[i]!, {
      learningRate: rate!,
      update: update!,
      beta1: 0.9,
      beta2: 0.999,
    });
    next[name] = moved.parameter;
    next[slotNames.first(name)] = moved.first;
    next[slotNames.second(name)] = moved.second;
  });
  return { state: next, outputs: { loss: value } };
};
const float = (shape: readonly number[]) => ({ shape, dtype: 'float32' }) as const;
const inputs = {
  images: float([batch, inputSize, inputSize, 3]),
  truth: float([batch, width]),
  known: float([batch, width]),
  rate: float([]),
  update: float([]),
};
const train = await engine.compile(step, inputs);
const started = Date.now();
let sum = 0;
for (let number = 1; number <= steps; number++) {
  const some = (set: Dataset): number[] =>
    Array.from({ length: batch / 2 }, () => random.integer(Math.floor(set.count * 0.9)));
  const { images, truth, known } = await read(some(avatars), some(clothes), true);
  const rate = learningRate * Math.min(1, number / 100, 2 * (1 - number / (steps + 1)));
  const { loss } = await train.run({
    images: { ...inputs.images, data: images },
    truth: { ...inputs.truth, data: truth },
    known: { ...inputs.known, data: known },
    rate: { ...inputs.rate, data: Float32Array.of(rate) },
    update: { ...inputs.update, data: Float32Array.of(number) },
  });
  sum += loss!.data[0]!;
  if (number % 200 === 0) {
    console.log(
      `${number} of ${steps}: loss ${(sum / 200).toFixed(3)}, ${((Date.now() - started) / 1000).toFixed(0)} s`,
    );
    sum = 0;
  }
}
await train.dispose();

// Accuracy of each task on the held-out tenth of each set.
const classifier = await engine.compile(
  (held, { images }) => ({ outputs: { logits: runNetwork(held, images!)['logits']! } }),
  {
    images: inputs.images,
  },
);
const right = tasks.map(() => [0, 0] as [number, number]);
const pairs = tasks.map(() => [[], []] as [number[], number[]]);
for (let b = 0; b < 40; b++) {
  const held = (set: Dataset): number[] =>
    Array.from({ length: batch / 2 }, (_, i) => Math.floor(set.count * 0.9) + b * (batch / 2) + i);
  const { images, truth, known } = await read(held(avatars), held(clothes), false);
  const { logits } = await classifier.run({ images: { ...inputs.images, data: images } });
  for (let i = 0; i < batch; i++) {
    tasks.forEach(({ kind, first, width: many }, t) => {
      const at = i * width + first;
      if (known[at] === 0) return;
      const [predicted, expected] = [logits!.data.slice(at, at + many), truth.slice(at, at + many)];
      if (kind === 'continuous') {
        pairs[t]![0].push(predicted[0]!);
        pairs[t]![1].push(expected[0]!);
        return;
      }
      const argMax = (list: ArrayLike<number>): number =>
        Array.from(list).reduce((best, value, k, all) => (value > all[best]! ? k : best), 0);
      const isRight =
        kind === 'binary' ? predicted[0]! > 0 === expected[0]! > 0.5 : argMax(predicted) === argMax(expected);
      right[t]![0] += Number(isRight);
      right[t]![1] += 1;
    });
  }
}
const rootMeanSquareError = ([predicted, expected]: [number[], number[]]): number =>
  Math.sqrt(predicted.reduce((total, value, i) => total + (value - expected[i]!) ** 2, 0) / predicted.length);
const accuracy = Object.fromEntries(
  tasks.map(({ name, kind }, t) => [
    name,
    kind === 'continuous'
      ? `root mean square error ${rootMeanSquareError(pairs[t]!).toFixed(3)} of a range of 2`
      : `${((100 * right[t]![0]) / right[t]![1]).toFixed(1)}%`,
  ]),
);
console.log(accuracy);

// The heads are not exported.
const parameters = await engine.readState(names.filter((name) => !name.startsWith('head/')));
const graphAt = (n: number) =>
  record(({ images, ...given }) => runNetwork(given, images!), {
    images: { shape: [n, inputSize, inputSize, 3], dtype: 'float32' },
    ...parameters,
  });
const bytes = lower(graphAt(7), {
  name: 'dcgan-features',
  weights: parameters,
  halfWeights: true,
  batch: { batch: 7, otherBatch: 11, otherGraph: graphAt(11) },
});
const sidecar = {
  name: 'dcgan-features 1',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  licence: 'MIT',
  source: 'trained by this project: scripts/train-feature-network/; its record is in docs/notes/evaluate.md',
  input: { name: 'images', layout: 'nhwc', size: inputSize, resize: 'cubic', grey: 'repeat', range: [-1, 1] },
  outputs: { features: 'features', logits: null, layers: ['block1', 'block2', 'block3', 'block4'] },
};
mkdirSync(flags.out, { recursive: true });
writeFileSync(join(flags.out, 'embedded.onnx'), bytes);
writeFileSync(join(flags.out, 'embedded.json'), `${JSON.stringify(sidecar, null, 2)}\n`);
const trained = {
  data: { avatars: avatarCount, fashionMnist: clothes.count, heldOut: '10% of each' },
  steps,
  batch,
  seed,
  seconds: Math.round((Date.now() - started) / 1000),
  engine: engine.device,
  features: featureCount,
  parameters: Object.values(parameters).reduce((total, { data }) => total + data.length, 0),
  accuracy,
};
writeFileSync(join(flags.out, 'embedded.record.json'), `${JSON.stringify(trained, null, 2)}\n`);
console.log(`${bytes.length} bytes`);
await engine.dispose();
await avatars.close();
await clothes.close();
