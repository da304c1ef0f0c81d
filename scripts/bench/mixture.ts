// `npm run bench -- mixture`: the unrolled GAN paper's first experiment (Metz 2017, section 3.1 and appendix A): eight narrow
// Gaussians on a circle and small dense networks. Counts the modes that G covers after training, for several numbers of unrolled
// updates and several seeds. The step function is that of `train`, with other networks.
import * as tf from '@tensorflow/tfjs-core';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listOf, oneOf, option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { NamedHostTensors, NamedTensors, StateFunction } from '../../trainer/engine/engine.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { parameter } from '../../trainer/networks/network.ts';
import { objectiveNames, objectives } from '../../trainer/objectives/table.ts';
import { trainingStep } from '../../trainer/training/step.ts';
import { slotNames } from '../../trainer/training/state.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { held } from '../../trainer/held.ts';

const flags = readFlags({
  unroll: option(listOf(wholeNumber(0)), '0,1,5,10'),
  seeds: option(wholeNumber(), '3'),
  steps: option(wholeNumber(), '12000'),
  objective: option(oneOf(objectiveNames.filter((name) => name !== 'wgan-gp')), 'minimax'),
  out: option(text),
  json: toggle,
});
const { unroll: unrollCounts, seeds, steps, objective: objectiveName } = flags;

/** The paper's eight modes, of deviation 0.02 on a circle of radius 2, and two hidden layers of 128. Its batch is 512, ours 256. */
const modes = Array.from({ length: 8 }, (_, k) => [
  2 * Math.cos((k * Math.PI) / 4),
  2 * Math.sin((k * Math.PI) / 4),
]);
const deviation = 0.02;
const [batch, latent, hidden] = [256, 256, 128];
const rates = { generator: 1e-3, discriminator: 1e-4 };
const pointCount = 2048;
/** A mode counts as covered if at least this share of G's points lies within three deviations of it. */
const minShare = 0.01;

/** Dense layers of these widths. */
function dense(name: string, widths: readonly number[], random: Random): Record<string, HostTensor> {
  const layers = widths.slice(1).map((to, i) => ({
    [`${name}/layer${i + 1}/kernel`]: tensor(orthogonal(widths[i]!, to, 0.8, random), widths[i]!, to),
    [`${name}/layer${i + 1}/bias`]: tensor(new Float32Array(to), to),
  }));
  return Object.assign({}, ...layers) as Record<string, HostTensor>;
}

/** A matrix [rows, columns] with orthogonal rows (columns, if they are fewer) of length `gain` (Saxe 2013). */
function orthogonal(rows: number, columns: number, gain: number, random: Random): Float32Array<ArrayBuffer> {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors: number[][] = [];
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  while (vectors.length < count) {
    let vector = Array.from({ length }, () => random.normal());
    for (const other of vectors) {
      const along = dot(vector, other);
      vector = vector.map((x, i) => x - along * other[i]!);
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((x) => x / norm));
  }
  const matrix = new Float32Array(rows * columns);
  vectors.forEach((vector, k) =>
    vector.forEach((x, i) => (matrix[rows < columns ? k * columns + i : i * columns + k] = gain * x)),
  );
  return matrix;
}

function run(name: string, parameters: NamedTensors, x: tf.Tensor): tf.Tensor {
  for (let i = 1; i <= 3; i++) {
    const kernel = parameter(parameters, `${name}/layer${i}/kernel`) as tf.Tensor2D;
    x = tf.add(tf.matMul(x as tf.Tensor2D, kernel), parameter(parameters, `${name}/layer${i}/bias`));
    if (i < 3) x = tf.relu(x);
  }
  return x;
}

const generate = (parameters: NamedTensors, z: tf.Tensor): tf.Tensor => run('generator', parameters, z);

function stepOf(unroll: number): StateFunction {
  return trainingStep({
    generate: (parameters, { z }) => generate(parameters, z!),
    discriminate: (parameters, points) => ({
      logits: tf.reshape(run('discriminator', parameters, points), [-1]),
      codes: null,
    }),
    objective: objectives[objectiveName](defaultConfig),
    isJoined: false,
    unroll,
    beta1: 0.5,
    beta2: 0.999,
    hasAverage: false,
  }).step;
}

const tensor = (data: Float32Array, ...shape: number[]): HostTensor => ({ shape, dtype: 'float32', data });
const scalar = (value: number): HostTensor => tensor(Float32Array.of(value));

function realPoints(random: Random): Float32Array {
  const points = new Float32Array(batch * 2);
  for (let i = 0; i < batch; i++) {
    const mode = modes[Math.floor(random.uniform() * modes.length)]!;
    for (const axis of [0, 1]) points[2 * i + axis] = mode[axis]! + deviation * random.normal();
  }
  return points;
}

/** Number of points within three deviations of each mode. */
function countModes(points: Float32Array): readonly number[] {
  return modes.map(([x, y]) => {
    let count = 0;
    for (let i = 0; i < points.length; i += 2) {
      if (Math.hypot(points[i]! - x!, points[i + 1]! - y!) <= 3 * deviation) count += 1;
    }
    return count;
  });
}

interface Outcome {
  readonly unroll: number;
  readonly seed: number;
  /** Number of covered modes. */
  readonly held: number;
  /** Share of the points within three deviations of some mode. */
  readonly onModes: number;
  readonly stepMs: number;
  readonly points: Float32Array;
}

async function train(unroll: number, seed: number): Promise<Outcome> {
  const random = new Random(seed);
  const parameters = {
    ...dense('generator', [latent, hidden, hidden, 2], random),
    ...dense('discriminator', [2, hidden, hidden, 1], random),
  };
  const state: Record<string, HostTensor> = { ...parameters };
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    state[slotNames.first(name)] = tensor(new Float32Array(data.length), ...shape);
    state[slotNames.second(name)] = tensor(new Float32Array(data.length), ...shape);
  }
  await using engine = held((await selectEngine({ engine: 'onnx-cpu', threads: 1 })).engine);
  await engine.writeState(state);
  const spec = (...shape: number[]) => ({ shape, dtype: 'float32' }) as const;
  const inputs = {
    real: spec(batch, 2),
    z: spec(batch, latent),
    learningRate: spec(),
    criticRate: spec(),
    update: spec(),
    criticUpdate: spec(),
  };
  const compiled = await engine.compile(stepOf(unroll), inputs);
  const begun = performance.now();
  for (let step = 1; step <= steps; step++) {
    const given: NamedHostTensors = {
      real: tensor(realPoints(random), batch, 2),
      z: tensor(random.fillLatent(new Float32Array(batch * latent), 'normal'), batch, latent),
      learningRate: scalar(rates.generator),
      criticRate: scalar(rates.discriminator),
      update: scalar(step),
      criticUpdate: scalar(step),
    };
    await compiled.run(given, { fetch: [] });
  }
  const stepMs = (performance.now() - begun) / steps;
  const draw = await engine.compile((weights, { z }) => ({ outputs: { points: generate(weights, z!) } }), {
    z: spec(pointCount, latent),
  });
  const z = random.fillLatent(new Float32Array(pointCount * latent), 'normal');
  const outputs = await draw.run({ z: tensor(z, pointCount, latent) });
  const points = outputs['points']!.data as Float32Array;
  const counts = countModes(points);
  return {
    unroll,
    seed,
    held: counts.filter((count) => count >= minShare * pointCount).length,
    onModes: counts.reduce((sum, count) => sum + count, 0) / pointCount,
    stepMs,
    points,
  };
}

/** SVG of all runs as small scatter plots: a row for each number of unrolled updates, a column for each seed. */
function picture(outcomes: readonly Outcome[]): string {
  const side = 160;
  const at = (value: number): string => ((value / 6 + 0.5) * side).toFixed(1);
  const plots = outcomes.map(({ unroll, seed, held, points }) => {
    const [left, top] = [(seed - 1) * side, unrollCounts.indexOf(unroll) * (side + 20)];
    const dots: string[] = [];
    for (let i = 0; i < 2 * 512; i += 2) {
      dots.push(`<circle cx="${at(points[i]!)}" cy="${at(points[i + 1]!)}" r="1.2"/>`);
    }
    const rings = modes.map(
      ([x, y]) => `<circle cx="${at(x!)}" cy="${at(y!)}" r="6" fill="none" stroke="#c33"/>`,
    );
    return (
      `<g transform="translate(${left} ${top})"><text x="6" y="14">k = ${unroll}: ${held} of 8</text>` +
      `<g transform="translate(0 16)">${rings.join('')}<g fill="#2457a6" fill-opacity="0.5">${dots.join('')}</g></g></g>`
    );
  });
  const [width, height] = [seeds * side, unrollCounts.length * (side + 20)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${plots.join('')}</svg>\n`
  );
}

const outcomes: Outcome[] = [];
for (const unroll of unrollCounts) {
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await train(unroll, seed);
    outcomes.push(outcome);
    if (flags.json) continue;
    const share = `${(100 * outcome.onModes).toFixed(0)}% of the points on modes`;
    console.log(
      `unroll ${unroll}, seed ${seed}: ${outcome.held} of 8 modes, ${share}, ${outcome.stepMs.toFixed(1)} ms a step`,
    );
  }
}
if (flags.out !== undefined) {
  await mkdir(flags.out, { recursive: true });
  await writeFile(join(flags.out, 'mixture.svg'), picture(outcomes));
}
if (flags.json) {
  console.log(
    JSON.stringify({
      objective: objectiveName,
      steps,
      runs: outcomes.map(({ unroll, seed, held, onModes, stepMs }) => ({
        unroll,
        seed,
        held,
        onModes,
        stepMs,
      })),
    }),
  );
}
