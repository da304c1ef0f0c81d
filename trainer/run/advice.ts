// Settings to try after each verdict on a run: only those that its configuration accepts and that change it.
import { resolveConfig } from '../config/config.ts';
import { fieldOf, flagOf, type ConfigKey, type TrainConfig } from '../config/fields.ts';
import type { Collapse } from '../../runtime-web/format/training/collapse.ts';

/** The kinds of verdict, worst first. */
export type VerdictKind =
  | 'diverged'
  | 'collapsed'
  | 'collapsing'
  | 'unstable'
  | 'discriminator too strong'
  | 'too early'
  | 'discriminator too weak'
  | 'past its best'
  | 'healthy';

/** The verdict on a run with a sign of collapse. */
export const verdictOfSign = {
  divergence: 'diverged',
  'sure discriminator': 'discriminator too strong',
  sameness: 'collapsed',
} as const satisfies Readonly<Record<Collapse['kind'], VerdictKind>>;

/** A setting to try. */
export interface Advice {
  /** The flags: `--learning-rate 0.0001`; empty for advice without a setting. */
  readonly flags: string;
  readonly about: string;
  /** True if a resumed run may change to it; false if only a new run can. */
  readonly isForResume: boolean;
}

/** Candidates of each verdict, as values of the configuration and what they do. */
type Candidate = readonly [Partial<TrainConfig>, string];

function candidatesOf(kind: VerdictKind, config: TrainConfig): readonly Candidate[] {
  const { learningRate, discriminatorLearningRate, r1, r2, batch, seed } = config;
  const rate = (value: number): number => Number(value.toPrecision(2));
  const rateOfD = discriminatorLearningRate ?? learningRate;
  const anotherSeed: Candidate = [{ seed: seed + 1 }, 'other random numbers'];
  const weaker: readonly Candidate[] = [
    [{ discriminatorLearningRate: rate(rateOfD / 4) }, 'a slower discriminator'],
    [{ labelSmoothing: 0.1 }, 'a less certain discriminator'],
    [{ r1: rate(4 * r1), r2: rate(4 * r2) }, 'stronger penalties on the gradient of the discriminator'],
    [{ dropout: 0.3 }, 'a discriminator that sees less'],
    [
      { augment: config.augment ?? 'color,translation' },
      'for fewer than a few thousand images: the discriminator cannot learn them by heart',
    ],
  ];
  const varied: readonly Candidate[] = [
    [{ learningRate: rate(learningRate / 2), discriminatorLearningRate: null }, 'smaller steps'],
    ...weaker.slice(1),
    anotherSeed,
  ];
  const calmer: readonly Candidate[] = [
    [
      { learningRate: rate(Math.min(learningRate / 10, 1e-3)), discriminatorLearningRate: null },
      'smaller steps',
    ],
    [{ batch: Math.min(batch * 2, 4096) }, 'less noise in each step'],
    [{ warmup: 500 }, 'rates that rise slowly at the start'],
  ];
  const byKind: Readonly<Record<VerdictKind, readonly Candidate[]>> = {
    diverged: calmer,
    unstable: calmer,
    collapsed: varied,
    collapsing: varied,
    'discriminator too strong': weaker,
    'too early': [],
    'discriminator too weak': [
      [{ discriminatorLearningRate: rate(rateOfD * 2) }, 'a faster discriminator'],
      [{ labelSmoothing: 0 }, 'a discriminator with whole labels'],
      [{ dropout: 0 }, 'a discriminator that sees everything'],
      [{ criticSteps: config.criticSteps + 1 }, 'more updates of the discriminator'],
    ],
    'past its best': [
      [{ learningRate: rate(learningRate / 2), discriminatorLearningRate: null }, 'smaller steps'],
      [{ schedule: 'linear' }, 'rates that fall to zero by the end'],
      [{ patience: 8 }, 'ends the run when it no longer improves'],
      [{ export: 'best' }, 'makes the best step the model'],
    ],
    healthy: [],
  };
  return byKind[kind];
}

/** Only advice that the configuration accepts and that changes it. */
export function adviceFor(kind: VerdictKind, config: TrainConfig): readonly Advice[] {
  return candidatesOf(kind, config).flatMap(([values, about]): Advice[] => {
    const changed = (Object.entries(values) as [ConfigKey, unknown][]).filter(
      ([key, value]) => config[key] !== value,
    );
    if (changed.length === 0 || !isAccepted(config, values)) return [];
    const flags = changed.map(([key, value]) => `${flagOf(key)} ${String(value ?? 'none')}`).join(' ');
    return [{ flags, about, isForResume: changed.every(([key]) => fieldOf(key).mayChange) }];
  });
}

function isAccepted(config: TrainConfig, values: Partial<TrainConfig>): boolean {
  try {
    resolveConfig([
      { source: 'run', values: { ...config } },
      { source: 'flags', values, hasImplied: false },
    ]);
    return true;
  } catch {
    return false;
  }
}
