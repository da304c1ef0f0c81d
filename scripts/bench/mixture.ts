// `npm run bench -- mixture`: the unrolled GAN paper's first experiment (Metz 2017, section 3.1 and appendix A): eight narrow
// Gaussians on a circle and small dense networks. Counts the modes that G covers after training, for several numbers of unrolled
// updates and several seeds. The networks are those of the packages for points, the step function is that of `train`.
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
  unroll: option(listOf(wholeNumber(0)), '0,1,5,10'),
  seeds: option(wholeNumber(), '3'),
  steps: option(wholeNumber(), '12000'),
  network: option(oneOf(Object.keys(planeNetworks)), 'minimax'),
  data: option(oneOf(mixtureNames), 'eight'),
  latent: option(wholeNumber(1), '256'),
  out: option(text),
  json: toggle,
});
const { unroll: unrollCounts, seeds, steps, network, data, latent } = flags;
const mixture = mixtures[data];
const pointCount = 2048;

/** A batch of points, [count, 2]. */
function realPoints(count: number, random: Random): Float32Array {
  const points = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) points.set(mixture.point(random), 2 * i);
  return points;
}

interface Outcome {
  readonly unroll: number;
  readonly seed: number;
  /** Number of covered modes. */
  readonly covered: number;
  /** Share of the points within three deviations of some mode. */
  readonly onModes: number;
  readonly stepMs: number;
  readonly points: Float32Array;
}

async function train(unroll: number, seed: number): Promise<Outcome> {
  const random = new Random(seed);
  const config = planeConfig({ ...planeNetworks[network]!.values, unroll, latent });
  const plan = planPlane(config);
  await using engine = held((await selectEngine({ engine: 'onnx-cpu', threads: 1 })).engine);
  await engine.writeState(plan.initialState(random));
  const phases = await Promise.all(
    plan.phases.map(async (phase) => ({
      phase,
      run: (await engine.compile(phase.update, phase.inputs)).run,
    })),
  );
  const begun = performance.now();
  for (let step = 1; step <= steps; step++) {
    for (const { phase, run } of phases)
      for (let i = 0; i < phase.times; i++) {
        const real = { images: realPoints(config.batch, random), labels: null };
        await run(phase.makeInputs(random, real, step, i), { fetch: [] });
      }
  }
  const stepMs = (performance.now() - begun) / steps;
  const draw = await engine.compile(plan.sample, plan.sampleInputs(pointCount));
  const z = random.fillLatent(new Float32Array(pointCount * config.latent), config.latentDistribution);
  const outputs = await draw.run({ z: { shape: [pointCount, config.latent], dtype: 'float32', data: z } });
  const points = outputs['points']!.data as Float32Array;
  const { covered, onModes } = countModes(points, mixture);
  return { unroll, seed, covered, onModes, stepMs, points };
}

/** SVG of all runs as small scatter plots: a row for each number of unrolled updates, a column for each seed. */
function picture(outcomes: readonly Outcome[]): string {
  const side = 160;
  const at = (value: number): string => ((value / 6 + 0.5) * side).toFixed(1);
  const plots = outcomes.map(({ unroll, seed, covered, points }) => {
    const [left, top] = [(seed - 1) * side, unrollCounts.indexOf(unroll) * (side + 20)];
    const dots: string[] = [];
    for (let i = 0; i < 2 * 512; i += 2) {
      dots.push(`<circle cx="${at(points[i]!)}" cy="${at(points[i + 1]!)}" r="1.2"/>`);
    }
    const rings = mixture.centres.map(
      ([x, y]) => `<circle cx="${at(x)}" cy="${at(y)}" r="6" fill="none" stroke="#c33"/>`,
    );
    return (
      `<g transform="translate(${left} ${top})"><text x="6" y="14">k = ${unroll}: ${covered} of ${mixture.centres.length}</text>` +
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
      `unroll ${unroll}, seed ${seed}: ${outcome.covered} of ${mixture.centres.length} modes, ${share}, ${outcome.stepMs.toFixed(1)} ms a step`,
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
      network,
      data,
      latent,
      steps,
      runs: outcomes.map(({ unroll, seed, covered, onModes, stepMs }) => ({
        unroll,
        seed,
        covered,
        onModes,
        stepMs,
      })),
    }),
  );
}
