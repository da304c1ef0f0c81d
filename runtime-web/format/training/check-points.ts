// The checks of networks to train on points, beside those of all networks. Pages that train on images do not load them.
import { below, refuse, type Place } from '../fields.ts';
import type { DrawKind } from './draws.ts';
import type { TrainablePackage } from './trainable.ts';

/** The draws of networks for points. */
const drawsOfPoints: readonly DrawKind['kind'][] = ['images', 'normal', 'uniform', 'scheduled'];

/**
 * Checks what `parseTrainable` returns of networks for points; messages name the file `where`. Throws ModelFormatError for a package of
 * another kind of data, without the files that points have, with batches that are not [batch, 2], and with anything that only images have.
 */
export function checkPoints({ data, trainable }: TrainablePackage, where: string): void {
  const root: Place = { file: where, path: '', isLenient: false };
  if (data !== 'points')
    throw refuse(data, 'points; load this package with loadTrainer()', below(root, 'data'));
  const place = below(root, 'trainable');
  const { batch, phases, files, flip, ada } = trainable;
  for (const role of ['judge', 'field'] as const)
    if (files[role] === undefined) throw refuse(files[role], 'a file', below(below(place, 'files'), role));
  if (flip) throw refuse(flip, 'false for points', below(place, 'flip'));
  if (ada !== null) throw refuse(ada, 'null for points', below(place, 'ada'));
  phases.forEach(({ draws }, i) =>
    draws.forEach(({ kind, inputs }, k) => {
      const at = below(below(below(below(place, 'phases'), i), 'draws'), k);
      if (!drawsOfPoints.includes(kind))
        throw refuse(kind, `${drawsOfPoints.join(', ')} for points`, below(at, 'kind'));
      if (kind !== 'images') return;
      for (const shape of Object.values(inputs))
        if (shape.join() !== `${batch},2`) throw refuse(shape, `[${batch}, 2]`, below(at, 'inputs'));
    }),
  );
}
