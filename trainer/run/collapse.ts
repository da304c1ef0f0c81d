// The collapse watch: from the record of a run so far, whether it looks lost, and why. Pure, so that a resumed
// run judges as the uninterrupted one would. It speaks up only when a sign has lasted: single bad reports are
// everyday in adversarial training. Numbers that are not finite end a run at once and are the loop's business.
import type { Objective } from '../objectives/objective.ts';
import type { StatsLine } from './stats.ts';

/** Samples this much less varied than real images… */
const leastDiversity = 0.2;
/** …in this many grids on end, after a start in which all samples look alike. */
const grids = 3;
const firstSteps = 300;
/** A loss beyond this has left the range in which anything is learnt… (scores have a unit of their own) */
const mostLoss = { probability: 100, score: 10_000 } as const;
const reportsBeyond = 3;
/** …and a discriminator this sure of both sides, so many reports and steps on end, teaches nothing more. */
const surelyFake = 0.01;
const surelyApart = 0.85;
const reportsSure = 12;
const stepsSure = 400;

/** A sign that a run is lost: its kind, since which step, in words, and what to try (empty, or starting with `; `). */
export interface Collapse {
  readonly kind: 'divergence' | 'sure discriminator' | 'sameness';
  readonly since: number;
  readonly reason: string;
  readonly advice: string;
}

const calmer = '; try a lower --learning-rate or a larger --batch';
const weaker = '; try --label-smoothing 0.1, --dropout 0.3 or another --seed';

/**
 * Whether the run whose lines these are (all of them, newest last) looks lost, and why; or null. `logit` says what its
 * objective's logits are: a critic without bounds on its scores is always sure.
 */
export function findCollapse(
  lines: readonly StatsLine[],
  logit: Objective['logit'] = 'probability',
): Collapse | null {
  const sure = logit === 'probability' ? findSureDiscriminator(lines) : null;
  return findDivergence(lines, mostLoss[logit]) ?? sure ?? findSameness(lines);
}

function findDivergence(lines: readonly StatsLine[], most: number): Collapse | null {
  const recent = lines.slice(-reportsBeyond);
  if (recent.length < reportsBeyond) return null;
  for (const key of ['dLoss', 'gLoss'] as const) {
    if (recent.every((line) => Math.abs(line[key] ?? 0) > most)) {
      return {
        kind: 'divergence',
        since: recent[0]!.step,
        reason: `${key} has diverged to ${format(recent.at(-1)?.[key])}`,
        advice: calmer,
      };
    }
  }
  return null;
}

function findSureDiscriminator(lines: readonly StatsLine[]): Collapse | null {
  const isSure = ({ dReal, dFake }: StatsLine): boolean =>
    dReal !== null && dFake !== null && dFake < surelyFake && dReal - dFake > surelyApart;
  const sure = lines.slice(lines.findLastIndex((line) => !isSure(line)) + 1);
  const steps = (sure.at(-1)?.step ?? 0) - (sure[0]?.step ?? 0);
  if (sure.length < reportsSure || steps < stepsSure) return null;
  const reason = `the discriminator has been sure of every image for ${steps} steps, so the generator learns nothing`;
  return { kind: 'sure discriminator', since: sure[0]!.step, reason, advice: weaker };
}

function findSameness(lines: readonly StatsLine[]): Collapse | null {
  const drawn = lines.filter((line) => line.diversity !== null && line.step >= firstSteps).slice(-grids);
  if (drawn.length < grids || drawn.some((line) => (line.diversity ?? 1) >= leastDiversity)) return null;
  const share = format(drawn.at(-1)?.diversity);
  return {
    kind: 'sameness',
    since: drawn[0]!.step,
    reason: `samples have lost their diversity: ${share} of the real images'`,
    advice: weaker,
  };
}

function format(value: number | null | undefined): string {
  return value == null ? 'unknown' : value.toPrecision(2);
}
