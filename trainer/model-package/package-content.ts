// The content of any `model.json`: a trained model, networks to train, or both.
import type { Model, ModelFile } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { parseTrainable } from '../../runtime-web/format/training/parse-trainable.ts';
import type { TrainablePackage } from '../../runtime-web/format/training/trainable.ts';
import { untrained } from '../../runtime-web/format/untrained.ts';

/** A package's content; one of the two is not null. */
export interface PackageContent {
  readonly model: Model | null;
  readonly training: TrainablePackage | null;
  /** All files beside `model.json`. */
  readonly files: readonly ModelFile[];
}

/** Checks parsed JSON; messages name the file `where`. Throws ModelFormatError as `parseModel` and `parseTrainable` do. */
export function parseContent(json: unknown, where: string): PackageContent {
  const isTrainable =
    typeof json === 'object' && json !== null && 'trainable' in json && json.trainable != null;
  const training = isTrainable ? parseTrainable(json, where) : null;
  const model = untrained(json) === null ? parseModel(json, where) : null;
  const files = [...Object.values(model?.files ?? {}), ...Object.values(training?.trainable.files ?? {})];
  return { model, training, files };
}
