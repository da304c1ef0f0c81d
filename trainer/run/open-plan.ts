// A training plan on an engine: writes the state, compiles the plan's functions, and runs its phases and its sampling. A growing
// network has one plan for each stage, and all use the same state. A stage is compiled when it begins; the previous one is disposed of.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { CompiledFunction, Engine, NamedHostTensors } from '../engine/engine.ts';
import type { ConditionMix } from '../metrics/condition-mix.ts';
import { phaseAt, stageOf, type Stage } from '../networks/growth.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Scheduled } from '../../runtime-web/format/training/schedule.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { partOf } from '../training/step-inputs.ts';
import { modelOf, planTraining, type Pass, type TrainingPlan } from '../training/plan.ts';
import type { BatchSource } from './batch-source.ts';

/** A plan ready to run. Dispose of it before its engine. */
export interface OpenPlan {
  /** The plan of the current stage. */
  readonly plan: TrainingPlan;
  readonly engine: Engine;
  /**
   * Runs step `stepNumber` (1 for the first): all phases that are due, with a new batch for each run. Resolves to the outputs of
   * the last phase, only those named in `fetch`.
   */
  train(request: StepRequest): Promise<NamedHostTensors>;
  /**
   * Images [n, h, w, c] of the n seeds from `firstSeed` (default 0) on, equal to the exported model's images for these seeds.
   * `mix` gives the classes or codes of the seeds; without it these take turns.
   */
  drawSamples(firstSeed?: number, mix?: ConditionMix | null): Promise<HostTensor>;
  /** Everything that a checkpoint keeps. */
  readState(): Promise<NamedHostTensors>;
  /** Re-estimates the statistics of the averaged generator (such as batch norm's) in the state; samples depend on them. */
  refreshStatistics(): Promise<void>;
  dispose(): Promise<void>;
}

/** One step of training. */
export interface StepRequest {
  readonly random: Random;
  readonly batches: Pick<BatchSource, 'next'>;
  readonly stepNumber: number;
  readonly fetch: readonly string[];
  /** The values of the step's schedule; default: those at the start of a run. */
  readonly scheduled?: Scheduled;
  /** Probability of augmentation, if ADA moves it; default 0. */
  readonly probability?: number;
}

/** Options of {@link openPlan}. */
export interface OpenPlanOptions {
  /** `sampleCount` is the number of images of {@link OpenPlan.drawSamples}. */
  readonly config: TrainConfig;
  readonly conditioning: Conditioning;
  readonly engine: Engine;
  readonly state: NamedHostTensors;
}

/** The plan of one stage; each function is compiled at its first use. */
class CompiledPlan {
  readonly stage: Stage;
  readonly plan: TrainingPlan;
  private readonly engine: Engine;
  private readonly compiled = new Map<string, Promise<CompiledFunction>>();

  constructor(stage: Stage, plan: TrainingPlan, engine: Engine) {
    this.stage = stage;
    this.plan = plan;
    this.engine = engine;
  }

  pass({ name, update, inputs }: Pass): Promise<CompiledFunction> {
    return this.function(name, update, inputs);
  }

  sampling(count: number): Promise<CompiledFunction> {
    return this.function('sampling', this.plan.sample, this.plan.sampleInputs(count));
  }

  async dispose(): Promise<void> {
    for (const compiled of await Promise.allSettled(this.compiled.values())) {
      if (compiled.status === 'fulfilled') await compiled.value.dispose();
    }
  }

  private function(name: string, ...request: Parameters<Engine['compile']>): Promise<CompiledFunction> {
    const compiled = this.compiled.get(name) ?? this.engine.compile(...request);
    this.compiled.set(name, compiled);
    return compiled;
  }
}

/** Opens a plan with `state`. Throws DeviceMemoryError if its compiled functions do not fit the device. */
export async function openPlan(options: OpenPlanOptions): Promise<OpenPlan> {
  const { config, conditioning, engine, state } = options;
  const { sampleCount } = config;
  await engine.writeState(state);
  const saved = Object.keys(state);
  const open = (stage: Stage): CompiledPlan =>
    new CompiledPlan(stage, planTraining(config, conditioning, stage), engine);
  let current = open(stageOf(state, config));
  // Compiling everything now fails early if the device's memory is too small, before the run has written anything.
  await engine.writeState(current.plan.transientState());
  for (const { passes } of current.plan.phases) for (const pass of passes) await current.pass(pass);
  await current.sampling(sampleCount);

  /** Opens a step's stage if it differs from the current one, and resets Adam at the first step of a resolution. */
  const enter = async (stepNumber: number): Promise<void> => {
    const { resolution, isFading, resetAt } = phaseAt(config, stepNumber);
    if (resolution !== current.stage.resolution || isFading !== current.stage.isFading) {
      await current.dispose();
      current = open({ resolution, isFading });
    }
    if (resetAt === stepNumber && stepNumber > 1) await engine.writeState(current.plan.zeroMoments());
  };

  return {
    get plan() {
      return current.plan;
    },
    engine,
    async train({ random, batches, stepNumber, fetch, scheduled, probability }) {
      await enter(stepNumber);
      let outputs: NamedHostTensors = {};
      const due = current.plan.phases.filter((phase) => phase.isDue(stepNumber));
      for (const phase of due) {
        const fetched = phase === due.at(-1) ? fetch : [];
        for (let i = 0; i < phase.times; i++) {
          const batch = await batches.next();
          const inputs = phase.makeInputs(random, batch, stepNumber, i, scheduled, probability);
          for (const pass of phase.passes) {
            const compiled = await current.pass(pass);
            const names = fetched.filter((name) => pass.outputs.includes(name));
            const ofParts: NamedHostTensors[] = [];
            for (let part = 0; part < pass.parts; part++) {
              const given = pass.parts === 1 ? inputs : partOf(inputs, pass.inputs, part);
              ofParts.push(await compiled.run(given, { fetch: names }));
            }
            outputs = { ...outputs, ...meanOf(ofParts, names) };
          }
        }
      }
      return outputs;
    },
    async drawSamples(firstSeed = 0, mix = null) {
      const seeds = Array.from({ length: sampleCount }, (_, i) => firstSeed + i);
      const sampling = await current.sampling(sampleCount);
      const { images } = await sampling.run(
        seedInputs(modelOf(config, conditioning), seeds, mix?.wantedOf(seeds)),
      );
      if (images === undefined) throw new RangeError('the plan returned no images');
      return images;
    },
    readState: () => engine.readState(saved),
    refreshStatistics: () => current.plan.refreshStatistics(engine),
    dispose: () => current.dispose(),
  };
}

/** The means of scalar outputs over the parts of a batch. */
function meanOf(parts: readonly NamedHostTensors[], names: readonly string[]): NamedHostTensors {
  if (parts.length === 1) return parts[0]!;
  const mean = (name: string): number =>
    parts.reduce((sum, part) => sum + part[name]!.data[0]!, 0) / parts.length;
  return Object.fromEntries(
    names.map((name) => [name, { shape: [], dtype: 'float32', data: Float32Array.of(mean(name)) }]),
  );
}
