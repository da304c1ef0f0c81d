// What a model has beyond pictures by number, which some rooms need. models/index.json says it of the site's own models, so that a
// page need not fetch them to know.
import type { Model } from '../runtime-web/format/model.ts';

/** The kind of its conditioning, roles of its files, and `directions` and `styles` where there are some. */
export function bringsOf({ conditioning, files, directions, styles }: Model): readonly string[] {
  return [
    ...(conditioning === null ? [] : [conditioning.kind]),
    ...(['masked', 'discriminator', 'restoring', 'steering'] as const).filter(
      (role) => files[role] !== undefined,
    ),
    ...(directions.length > 0 ? ['directions'] : []),
    ...(styles === null ? [] : ['styles']),
  ];
}
