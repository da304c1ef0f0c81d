// The public names of training in a page. An entry of its own, so that pages that only generate images fetch none of it.
export { loadTrainer } from './load-trainer.ts';
export { loadPoints } from './load-points.ts';
export type { PlaneGrid, PointsOptions, PointsTrainer } from './points-trainer.ts';
export type { MixtureName, Mode, Modes } from '../format/plane/mixtures.ts';
export type { ModeCount } from '../format/plane/modes.ts';
export { forgetTraining, savedTraining } from './kept.ts';
export type { SavedTraining } from './saved-training.ts';
export {
  drawingPad,
  filesOf,
  loadClothes,
  packageFor,
  readPictures,
  shortageOf,
  startCamera,
} from './pictures.ts';
export type {
  BurstOptions,
  Camera,
  CameraOptions,
  ChosenPackage,
  ChosenStart,
  Clothes,
  ClothesOptions,
  DrawingPad,
  PadOptions,
  PictureOptions,
  Pictures,
  RefusedPicture,
} from './picture-types.ts';
export type { GivenPicture } from './pictures-protocol.ts';
export type { RunOptions, SampleOptions, StepOptions, Trainer, TrainerOptions } from './trainer.ts';
export type { GivenBatch, TrainingReport } from './protocol.ts';
export type { GivenImages, TrainingData } from '../training/images.ts';
export type { TrainerSettings } from '../training/settings.ts';
export { TrainingDivergedError } from './errors.ts';
export { DeviceUnavailableError, ModelLoadError, WorkerError } from '../errors.ts';
export { ModelFormatError } from '../format/model-format-error.ts';
