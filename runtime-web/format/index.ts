// The entry `dcgan-viewer/format`: the format of model packages, seeds and latents. It runs in pages, workers and Node alike.
export { conditionFields, type ConditionField } from './condition-fields.ts';
export { conditionFor, type CodeValue, type Label, type Wanted } from './condition.ts';
export type { Channels, ImageShape, ImageSize } from './image-shape.ts';
export { between, latentOf, meanLatent, mix, type Latent, type LatentSource, type Path } from './latents.ts';
export { ModelFormatError } from './model-format-error.ts';
export type * from './model.ts';
export type { FileRole } from './package-files.ts';
export { parseModel } from './parse-model.ts';
export { truncate } from './truncate.ts';
export type { Condition } from './wanted-values.ts';
