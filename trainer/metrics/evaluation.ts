// The figures of one evaluation of a run: as saved, and in words.
import { isNumber, isObject, isText, isWhole, type Check } from '../../runtime-web/format/fields.ts';

/** The figures of one evaluation; lower distances and higher precision and recall are better. */
export interface Evaluation {
  readonly frechet: number;
  readonly kid: number;
  /** In [0, 1]. */
  readonly precision: number;
  /** In [0, 1]. */
  readonly recall: number;
  /** The feature network; the embedded one's label says that its Fréchet distance is no FID. */
  readonly network: string;
  /** Number of real and of generated images. */
  readonly images: number;
}

/** An {@link Evaluation} of a file. */
export const isEvaluation: Check<Evaluation> = isObject(({ get }) => ({
  frechet: get('frechet', isNumber(0)),
  kid: get('kid', isNumber()),
  precision: get('precision', isNumber(0)),
  recall: get('recall', isNumber(0)),
  network: get('network', isText),
  images: get('images', isWhole(1)),
}));

/** An evaluation in words, with its network: `Fréchet distance 12.34 (…, no FID; 2,000 images), KID …`. */
export function evaluationText({ frechet, kid, precision, recall, network, images }: Evaluation): string {
  return (
    `Fréchet distance ${shownFrechet(frechet)} (${network}; ${images.toLocaleString('en')} images), ` +
    `KID ${kid.toExponential(2)}, precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}`
  );
}

/** A Fréchet distance with four significant digits. */
export function shownFrechet(frechet: number): string {
  return frechet.toPrecision(4);
}
