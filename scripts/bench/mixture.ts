// `npm run bench -- mixture`: GANs on a mixture of points, after the unrolled paper's first experiment (Metz 2017, section 3.1 and
// appendix A). Counts the modes that G covers, for packages of points, several seeds and several lengths of training. The networks are those
// of the packages, the step function is that of `train`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listOf, oneOf, option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { mixtureNames, mixtures } from '../../runtime-web/format/plane/mixtures.ts';
import { countModes } from '../../runtime-web/format/plane/modes.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { planeConfig, planPlane } from '../../trainer/training/plane-plan.ts';
import { held } from '../../trainer/held.ts';
import { planeNetworks } from '../plane-networks.ts';

const flags = readFlags({
  networks: option(listOf(oneOf(Object.keys(planeNetworks))), 'minimax,unrolled-1,unrolled-5,unrolled-10'),
  seeds: option(wholeNumber(), '3'),
  steps: option(listOf(wholeNumber()), '12000'),
  data: option(oneOf(mixtureNames), 'eight'),
  latent: option(wholeNumber(1), '256'),
  out: option(text),
  json: toggle,
});
const { networks, seeds, data, latent } = flags;
/** The modes are counted after each of these numbers of steps. */
const lengths = [...flags.steps].sort((a, b) => a - b);
const mixture = mixtures[data];
const pointCount = 2048;

/** A batch of points, [count, 2]. */
function realPoints(count: number, random: Random): Float32Array {
  const points = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) points.set(mixture.point(random), 2 * i);
  return points;
}

/** G's points after a number of steps. */
interface Count {
  readonly steps: number;
  /** Number of covered modes. */
  readonly covered: number;
  /** Share of the points within reach of some mode. */
  readonly onModes: number;
  readonly points: Float32Array;
}

interface Outcome {
  readonly network: string;
  readonly seed: number;
  readonly counts: readonly Count[];
  readonly stepMs: number;
}

/** Trains, and calls `onCount` with each count as it is made. */
async function train(network: string, seed: number, onCount: (count: Count) => void): Promise<Outcome> {
  const random = new Random(seed);
  const config = planeConfig({ latent, ...planeNetworks[network]!.values });
  const plan = planPlane(config);
  await using engine = held((await selectEngine({ engine: 'onnx-cpu', threads: 1 })).engine);
  await engine.writeState(plan.initialState(random));
  const phases = await Promise.all(
    plan.phases.map(async (phase) => ({
      phase,
      run: (await engine.compile(phase.update, phase.inputs)).run,
    })),
  );
  const draw = await engine.compile(plan.sample, plan.sampleInputs(pointCount));
  // The same latents at each count, which leave the numbers of the training as they are.
  const z = new Random(seed).fillLatent(new Float32Array(pointCount * latent), config.latentDistribution);
  const counts: Count[] = [];
  let trainingMs = 0;
  for (let step = 1; step <= lengths.at(-1)!; step++) {
    const begun = performance.now();
    for (const { phase, run } of phases)
      for (let i = 0; i < phase.times; i++) {
        const real = { images: realPoints(config.batch, random), labels: null };
        await run(phase.makeInputs(random, real, step, i), { fetch: [] });
      }
    trainingMs += performance.now() - begun;
    if (!lengths.includes(step)) continue;
    const outputs = await draw.run({ z: { shape: [pointCount, latent], dtype: 'float32', data: z } });
    const points = outputs['points']!.data as Float32Array;
    const { covered, onModes } = countModes(points, mixture);
    const count = { steps: step, covered, onModes, points };
    counts.push(count);
    onCount(count);
  }
  return { network, seed, counts, stepMs: trainingMs / lengths.at(-1)! };
}

/** SVG of the ends of all runs as small scatter plots: a row for each network, a column for each seed. */
function picture(outcomes: readonly Outcome[]): string {
  const side = 160;
  const at = (value: number): string => ((value / 6 + 0.5) * side).toFixed(1);
  const plots = outcomes.map(({ network, seed, counts }) => {
    const { covered, points } = counts.at(-1)!;
    const [left, top] = [(seed - 1) * side, networks.indexOf(network) * (side + 20)];
    const dots: string[] = [];
    for (let i = 0; i < 2 * 512; i += 2) {
      dots.push(`<circle cx="${at(points[i]!)}" cy="${at(points[i + 1]!)}" r="1.2"/>`);
    }
    const rings = mixture.centres.map(
      ([x, y]) => `<circle cx="${at(x)}" cy="${at(y)}" r="6" fill="none" stroke="#c33"/>`,
    );
    return (
      `<g transform="translate(${left} ${top})"><text x="6" y="14">${network}: ${covered} of ${mixture.centres.length}</text>` +
      `<g transform="translate(0 16)">${rings.join('')}<g fill="#2457a6" fill-opacity="0.5">${dots.join('')}</g></g></g>`
    );
  });
  const [width, height] = [seeds * side, networks.length * (side + 20)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${plots.join('')}</svg>\n`
  );
}

const outcomes: Outcome[] = [];
for (const network of networks) {
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await train(network, seed, ({ steps, covered, onModes }) => {
      if (flags.json) return;
      const [share, total] = [(100 * onModes).toFixed(0), mixture.centres.length];
      console.log(
        `${network}, seed ${seed}, ${steps} steps: ${covered} of ${total} modes, ${share}% of the points on modes`,
      );
    });
    outcomes.push(outcome);
    if (!flags.json) console.log(`${network}, seed ${seed}: ${outcome.stepMs.toFixed(1)} ms a step`);
  }
}
if (flags.out !== undefined) {
  await mkdir(flags.out, { recursive: true });
  await writeFile(join(flags.out, 'mixture.svg'), picture(outcomes));
}
if (flags.json) {
  const runs = outcomes.flatMap(({ network, seed, counts, stepMs }) =>
    counts.map(({ steps, covered, onModes }) => ({ network, seed, steps, covered, onModes, stepMs })),
  );
  console.log(JSON.stringify({ data, latent, runs }));
}
