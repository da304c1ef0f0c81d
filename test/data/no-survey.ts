// The survey of no images, for datasets that tests make by hand.
import { square } from '../../runtime-web/format/image-shape.ts';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { Surveyor, type Survey } from '../../trainer/data/survey.ts';

/** A survey whose counts are 0. */
export const noSurvey: Survey = new Surveyor(
  { kind: 'folder', channels: 3, naturalSize: null },
  { ...square(1), channels: 3, framing: defaultFraming },
).result;
