// The runtime's public names. Importing this has no side effect: element.ts defines the element.
export { loadGenerator } from './generator.ts';
export type {
  ArithmeticRequest,
  GenerateRequest,
  Generator,
  InterpolateRequest,
  LoadOptions,
  RequestOptions,
} from './generator-calls.ts';
export type { ImageKind, ImagesByKind } from './image-kinds.ts';
export type { CodeValue, Label } from './format/condition.ts';
export type { Condition } from './format/wanted-values.ts';
export type { LatentSource, Path } from './format/latents.ts';
/** Removes all models and runtime files that the page has stored for offline use; resolves to false if there was nothing. */
export const clearStoredFiles = async (): Promise<boolean> => (await import('./stored-files.ts')).clear();
export { latentOf, meanLatent, mix } from './format/latents.ts';
export type { DiscriminateRequest, Opinion } from './calls/discriminate.ts';
export type { MaskSource, PictureSource } from './pictures.ts';
export type { Restored, RestoreRequest, RestoreStep } from './calls/restore.ts';
export type { LayersRequest } from './calls/layers.ts';
export type { LayerActivation } from './worker/calls/layers.ts';
export type { MixedKind, MixStylesRequest, StylePart } from './calls/mix-styles.ts';
export type { Steered, SteerRequest, SteerStep } from './calls/steer.ts';
export type { RestoringTask } from './format/restoring/task.ts';
export { DeviceUnavailableError, ModelLoadError, WorkerError } from './errors.ts';
export { ModelFormatError } from './format/model-format-error.ts';
export type {
  Code,
  Conditioning,
  DescribingNumber,
  Direction,
  Model,
  SteeringAttribute,
  Styles,
} from './format/model.ts';
export type { DeviceName, DeviceReport, DeviceRequest, Dtype, LoadProgress, Masks } from './protocol.ts';
export { DcganViewer, defineViewer } from './viewer/viewer.ts';
export type { ViewerEvents } from './viewer/events.ts';
export type { DcganViewerAttributes } from './viewer/elements.ts';
