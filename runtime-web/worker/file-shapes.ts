// The main inputs and the outputs of the files that few pages load; loaded with them.
import { conditionColumns, labelsName } from '../format/condition.ts';
import type { Model } from '../format/model.ts';
import type { LoadedRole } from '../protocol.ts';
import { generatorShapes, type FileShapes } from './tensor-shapes.ts';

/** The shapes of a file. */
export function shapesOf(model: Model, role: LoadedRole): FileShapes {
  const { steering, styles } = model;
  const generator = generatorShapes(model);
  const { inputs, outputs } = generator;
  const z = inputs['z']!;
  const style = styles?.dim ?? 0;
  if (role === 'discriminator') {
    const { conditioning } = model;
    const labels = labelsName(conditioning);
    const beside = labels === null ? {} : { [labels]: [conditionColumns(conditioning)] };
    return { inputs: { ...outputs, ...beside }, outputs: { logits: [] } };
  }
  if (role === 'mapping') return { inputs, outputs: { w: [style] } };
  if (role === 'synthesis') return { inputs: { styles: [styles?.layers.length ?? 0, style] }, outputs };
  const next = { ...outputs, nextZ: z, nextFirst: z, nextSecond: z };
  if (role === 'restoring') return { inputs, outputs: { ...next, loss: [] } };
  if (role === 'steering') return { inputs, outputs: { ...next, verdicts: [steering?.length ?? 0] } };
  return generator;
}
