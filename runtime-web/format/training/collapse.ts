// Detects a collapsed run from its statistics. The function is pure, so a resumed run gives the same answer as an uninterrupted one.
// A sign must last for several reports, because single bad reports are normal in adversarial training. NaN and infinity are
// handled by the loop. Trainer and page share this rule.

/** Lost diversity: a diversity below `minDiversity` in `lowGrids` grids in a row; the first steps, with similar samples, are skipped. */
export const minDiversity = 0.2;
const lowGrids = 3;
export const skippedSteps = 300;
/** Divergence: a loss with a magnitude above `maxLoss`, by the kind of logit, in `divergedReports` reports in a row. */
const maxLoss = { probability: 100, score: 10_000 } as const;
const divergedReports = 3;
/** Certain discriminator: dFake below `certainFake` and dReal - dFake above `certainGap`, for both `certainReports` and `certainSteps`. */
const certainFake = 0.01;
const certainGap = 0.85;
const certainReports = 12;
const certainSteps = 400;

/** The part of a report that shows a collapse; null for what was not measured. */
export interface WatchedLine {
  /** Updates done. */
  readonly step: number;
  readonly dLoss: number | null;
  readonly gLoss: number | null;
  /** D's mean output for real images. */
  readonly dReal: number | null;
  /** The same for generated images. */
  readonly dFake: number | null;
  /** Diversity of the newest samples divided by the real images' (`diversity.ts`). */
  readonly diversity: number | null;
}

/** A sign of collapse: its kind, first step and description. */
export interface Collapse {
  readonly kind: 'divergence' | 'sure discriminator' | 'sameness';
  readonly since: number;
  readonly reason: string;
}

/**
 * The sign of collapse in a run's statistics (all lines, newest last), or null. `logit` is the kind of its objective's logits: a
 * certain discriminator is a sign for probabilities only.
 */
export function findCollapse(
  lines: readonly WatchedLine[],
  logit: 'probability' | 'score' = 'probability',
): Collapse | null {
  const certain = logit === 'probability' ? findCertainDiscriminator(lines) : null;
  return findDivergence(lines, maxLoss[logit]) ?? certain ?? findLostDiversity(lines);
}

function findDivergence(lines: readonly WatchedLine[], limit: number): Collapse | null {
  const recent = lines.slice(-divergedReports);
  if (recent.length < divergedReports) return null;
  for (const key of ['dLoss', 'gLoss'] as const) {
    if (recent.every((line) => Math.abs(line[key] ?? 0) > limit)) {
      return {
        kind: 'divergence',
        since: recent[0]!.step,
        reason: `${key} has diverged to ${format(recent.at(-1)?.[key])}`,
      };
    }
  }
  return null;
}

function findCertainDiscriminator(lines: readonly WatchedLine[]): Collapse | null {
  const isCertain = ({ dReal, dFake }: WatchedLine): boolean =>
    dReal !== null && dFake !== null && dFake < certainFake && dReal - dFake > certainGap;
  const certain = lines.slice(lines.findLastIndex((line) => !isCertain(line)) + 1);
  const steps = (certain.at(-1)?.step ?? 0) - (certain[0]?.step ?? 0);
  if (certain.length < certainReports || steps < certainSteps) return null;
  const reason = `the discriminator has been sure of every image for ${steps} steps, so the generator learns nothing`;
  return { kind: 'sure discriminator', since: certain[0]!.step, reason };
}

function findLostDiversity(lines: readonly WatchedLine[]): Collapse | null {
  const recent = lines
    .filter((line) => line.diversity !== null && line.step >= skippedSteps)
    .slice(-lowGrids);
  if (recent.length < lowGrids || recent.some((line) => (line.diversity ?? 1) >= minDiversity)) return null;
  const fraction = format(recent.at(-1)?.diversity);
  return {
    kind: 'sameness',
    since: recent[0]!.step,
    reason: `samples have lost their diversity: ${fraction} of the real images'`,
  };
}

function format(value: number | null | undefined): string {
  return value == null ? 'unknown' : value.toPrecision(2);
}
