// The plan of a run: configuration, data, networks, engine and, on request, its duration, estimated from a few real steps.
import { performance } from 'node:perf_hooks';
import { conditionFields } from '../../../runtime-web/format/condition-fields.ts';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { AppliedRecipe } from '../../config/apply-recipe.ts';
import { imagesPerStep } from '../../config/config.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { columnsText } from '../../data/labels/use-columns.ts';
import type { AttributeInfo } from '../../data/source.ts';
import type { Survey } from '../../data/survey.ts';
import { growthPhases } from '../../networks/growth.ts';
import type { LayerSummary } from '../../networks/network.ts';
import type { RunSetup } from '../../run/run-setup.ts';

/** The plan of a run; plain JSON. */
export interface RunPlan {
  readonly config: TrainConfig;
  readonly data: {
    readonly name: string;
    readonly kind: string;
    readonly images: number;
    /** Number of images by class name; null without classes. */
    readonly classes: Readonly<Record<string, number>> | null;
    readonly survey: Survey;
  };
  /** The labels that the networks get, and those that they do not; null without conditioning. */
  readonly condition: { readonly uses: string; readonly ignores: string } | null;
  readonly generator: readonly LayerSummary[];
  readonly discriminator: readonly LayerSummary[];
  /** The recipe's choices; null without a recipe, and for a resumed run. */
  readonly recipe: AppliedRecipe | null;
  /** The weights that the run starts from; null for random ones and for a resumed run. */
  readonly start: RunSetup['start'];
  readonly engine: { readonly name: string; readonly reason: string };
  /** Null unless requested. */
  readonly estimate: {
    readonly imagesPerSecond: number;
    /** Images left to train on. */
    readonly images: number;
    readonly seconds: number;
    /** Number of steps measured. */
    readonly measuredSteps: number;
  } | null;
}

/** Limits of the measurement. */
const measuredSteps = 8;
const measuredMs = 5000;

/** Options of {@link planRun}. */
interface PlanOptions {
  /** Measure a few steps. */
  readonly isTimed: boolean;
  /** Images that the run has shown already. */
  readonly done: number;
  /** Default: none. */
  readonly recipe?: AppliedRecipe | null;
  /** The clock, in milliseconds; default: that of the process. */
  readonly now?: () => number;
}

/** Describes the run. With `isTimed`, trains a few steps; do not use the setup for anything else afterwards. */
export async function planRun(
  setup: RunSetup,
  config: TrainConfig,
  { isTimed, done, recipe = null, now = () => performance.now() }: PlanOptions,
): Promise<RunPlan> {
  const { dataset, engine, engineReason, open, start } = setup;
  const { name, kind, count, classNames, classCounts, survey } = dataset;
  return {
    config,
    data: {
      name,
      kind,
      images: count,
      classes: classNames && Object.fromEntries(classNames.map((label, i) => [label, classCounts?.[i] ?? 0])),
      survey,
    },
    condition: conditionOf(open.plan.conditioning, config, dataset),
    ...open.plan.describe(),
    recipe,
    start,
    engine: { name: engine.name, reason: engineReason },
    estimate: isTimed ? await estimate(setup, config, done, now) : null,
  };
}

function conditionOf(
  conditioning: Conditioning,
  { labelColumn }: TrainConfig,
  { attributes }: Pick<RunSetup['dataset'], 'attributes'>,
): RunPlan['condition'] {
  if (conditioning === null) return null;
  const fields = conditionFields(conditioning);
  const uses = fields.map(({ name, ...field }) => {
    if (field.kind === 'number') return `${name} from ${field.least} to ${field.most}`;
    return field.kind === 'choice' ? `${name} (${field.choices.length} choices)` : name;
  });
  const isUsed = ({ name, kind }: AttributeInfo): boolean => {
    if (conditioning.kind !== 'classes') return fields.some((field) => field.name === name);
    // Without --label-column the classes are those of the only column of classes.
    return labelColumn === null ? kind === 'categorical' : labelColumn === name;
  };
  const ignored = conditioning.kind === 'codes' ? [] : (attributes ?? []).filter((each) => !isUsed(each));
  return { uses: `${conditioning.kind}: ${uses.join(', ')}`, ignores: columnsText(ignored) };
}

/** Measured duration of the steps of one phase of growth. */
interface PhaseTime {
  readonly steps: number;
  readonly stepSeconds: number;
  /** Seconds per step, with its share of the sample grids. */
  readonly secondsPerStep: number;
}

/**
 * The steps from `from` to before `end` (Infinity for an open end) by their cost: with R1 and R2, with path length, with both, and with
 * neither. Each kind has some of its steps to measure, and its share of all.
 */
function kindsOfSteps(
  { r1Every, network, pathLength, pathLengthEvery }: TrainConfig,
  from: number,
  end: number,
): readonly { readonly stepNumbers: readonly number[]; readonly share: number }[] {
  const hasPath = network === 'stylegan2' && pathLength > 0;
  const both = hasPath ? (r1Every * pathLengthEvery) / commonDivisor(r1Every, pathLengthEvery) : r1Every;
  const last = end - 1;
  const shareOf = (every: number): number =>
    end === Infinity ? 1 / every : (Math.floor(last / every) - Math.floor((from - 1) / every)) / (end - from);
  const near = Math.min(end - from, both + 2 * measuredSteps);
  const numbers = Array.from({ length: near }, (_, i) => from + i);
  const kind = (isR1: boolean, isPath: boolean, share: number) => ({
    stepNumbers: numbers.filter(
      (step) => (step % r1Every === 0) === isR1 && (hasPath && step % pathLengthEvery === 0) === isPath,
    ),
    share,
  });
  const [r1, path, together] = hasPath
    ? [shareOf(r1Every), shareOf(pathLengthEvery), shareOf(both)]
    : [shareOf(r1Every), 0, 0];
  return [
    kind(false, false, 1 - r1 - path + together),
    kind(true, false, r1 - together),
    kind(false, true, path - together),
    kind(true, true, together),
  ].filter(({ stepNumbers }) => stepNumbers.length > 0);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

async function estimate(
  { open, batches, noiseSeed }: RunSetup,
  config: TrainConfig,
  done: number,
  now: () => number,
): Promise<NonNullable<RunPlan['estimate']>> {
  const random = new Random(noiseSeed);
  const shown = imagesPerStep(config);
  const total = config.steps === null ? config.images : config.steps * shown;
  const firstStep = Math.floor(done / shown) + 1;
  let stepsLeft = total === null ? Infinity : Math.ceil(Math.max(0, total - done) / shown);
  let secondsLeft = total === null ? (config.minutes ?? 0) * 60 : Infinity;
  // A growing network is timed in each phase that the run reaches, because small images take a fraction of the time.
  const phases = growthPhases(config).filter(
    (phase, i) =>
      phase.firstStep + phase.steps > firstStep &&
      (i === 0 || phase.firstStep < firstStep + Math.max(1, stepsLeft)),
  );
  let measured = 0;
  const times: PhaseTime[] = [];
  for (const phase of phases) {
    const [from, end] = [Math.max(phase.firstStep, firstStep), phase.firstStep + phase.steps];
    const kinds = kindsOfSteps(config, from, Math.min(end, from + Math.max(1, stepsLeft)));
    const enough = measuredMs / phases.length / kinds.length;
    let stepSeconds = 0;
    for (const { stepNumbers, share } of kinds) {
      const step = async (i: number): Promise<void> => {
        const stepNumber = stepNumbers[Math.min(i, stepNumbers.length - 1)]!;
        await open.train({ random, batches, stepNumber, fetch: [] });
      };
      // The first step is not measured, because it also compiles and allocates memory.
      await step(0);
      let steps = 0;
      const stepsBegun = now();
      while (steps < measuredSteps && now() - stepsBegun < enough) await step(++steps);
      stepSeconds += (share * (now() - stepsBegun)) / 1000 / steps;
      measured += steps;
    }

    const drawingBegun = now();
    await open.refreshStatistics();
    await open.drawSamples();
    const drawSeconds = (now() - drawingBegun) / 1000;

    const secondsPerStep = stepSeconds + drawSeconds / config.sampleEvery;
    const inPhase = Math.min(end - from, stepsLeft, secondsLeft / secondsPerStep);
    times.push({ steps: inPhase, stepSeconds, secondsPerStep });
    stepsLeft -= inPhase;
    secondsLeft -= inPhase * secondsPerStep;
    if (inPhase < end - from) break;
  }
  const sum = (of: (time: PhaseTime) => number): number => times.reduce((all, time) => all + of(time), 0);
  const steps = sum((time) => time.steps);
  return {
    imagesPerSecond:
      steps > 0
        ? (shown * steps) / sum((time) => time.steps * time.stepSeconds)
        : shown / times[0]!.stepSeconds,
    images: total === null ? Math.round(steps * shown) : Math.max(0, total - done),
    seconds: total === null ? (config.minutes ?? 0) * 60 : sum((time) => time.steps * time.secondsPerStep),
    measuredSteps: measured,
  };
}
