// The entry `dcgan-viewer/trainer`: registers <dcgan-trainer>. What trains is the entry `dcgan-viewer/train`, which it imports when a person
// presses Play; the bundle holds no copy of it.
import { defineTrainer } from './trainer-element/trainer-element.ts';

defineTrainer();
export { DcganTrainer, defineTrainer } from './trainer-element/trainer-element.ts';
export type { DcganTrainerAttributes } from './trainer-element/elements.ts';
export type { TrainerEvents } from './trainer-element/events.ts';
export type { TrainerStrings } from './trainer-element/strings.ts';
