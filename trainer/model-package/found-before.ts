// Metrics and directions of a model stay when its package is written again.
import type { Model } from '../../runtime-web/format/model.ts';
import { provenanceOf } from './provenance.ts';

/** The metrics and directions of the replaced package if its generator is the same; otherwise none, with a warning if it had any. */
export function foundBefore(
  previous: Model | null,
  { generator }: Model['files'],
  onWarning: (message: string) => void,
): Pick<Model, 'metrics' | 'directions'> {
  const { metrics, directions } = previous ?? { metrics: [], directions: [] };
  if (previous?.files.generator.sha256 === generator.sha256) return { metrics, directions };
  const lost = [
    ...(directions.length > 0 ? ['directions (find them again with the command directions)'] : []),
    ...(metrics.length > 0 ? ['metrics (measure them again with evaluate --write)'] : []),
  ];
  if (lost.length > 0) {
    onWarning(
      `the model that was here (${provenanceOf(previous!)}) had ${lost.join(' and ')}; the new model has none`,
    );
  }
  return { metrics: [], directions: [] };
}
