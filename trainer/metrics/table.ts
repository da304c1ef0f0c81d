// Every metric, in the order of the JSON line and of the printed table.
import { classScoreMetric } from './class-score.ts';
import { frechetMetric } from './frechet.ts';
import { kernelMetric } from './kernel-distance.ts';
import type { Metric } from './metric.ts';
import { neighboursMetric } from './nearest.ts';
import { pathLengthMetric } from './path-length.ts';
import { perClassMetric } from './per-class.ts';
import { precisionRecallMetric } from './precision-recall.ts';
import { diversityMetric, pairsMetric } from './sample-perception.ts';

/** All metrics; their interface is in metric.ts. */
export const metrics: readonly Metric[] = [
  frechetMetric,
  perClassMetric,
  kernelMetric,
  precisionRecallMetric,
  classScoreMetric,
  diversityMetric,
  pairsMetric,
  pathLengthMetric,
  neighboursMetric,
];
