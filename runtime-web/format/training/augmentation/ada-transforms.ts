// The transforms of ADA's setting `bgc`, and their random parameters (Karras 2020, appendix B; stylegan2-ada-pytorch,
// training/augment.py): three of pixel blitting, four geometric ones, of which the rotation is in two parts, and five of colour. The first
// seven join in one affine map, those of colour in one map of colours.
import type { ImageSize } from '../../image-shape.ts';
import type { Random } from '../../random.ts';
import { composed, identity, quarterTurn, rotation, scaling, translation, type Affine } from './affine.ts';
import type { ColourMap } from './colour-values.ts';
import type { Movement } from './movement-values.ts';

/** The parameters of one image's transforms, in their order. Lengths are in pixels, x to the right and y down; angles in radians. */
export interface TransformParameters {
  readonly isMirrored: boolean;
  /** Number of right angles, 0 to 3. */
  readonly quarterTurns: number;
  /** Whole numbers. */
  readonly shift: readonly [x: number, y: number];
  readonly scale: number;
  readonly firstAngle: number;
  /** The width is multiplied by it, the height divided. */
  readonly aspect: number;
  readonly secondAngle: number;
  readonly fractionalShift: readonly [x: number, y: number];
  /** Added to colours in [-1, 1]. */
  readonly brightness: number;
  readonly contrast: number;
  /** Dark becomes light, with the same hues. */
  readonly isInverted: boolean;
  readonly hue: number;
  readonly saturation: number;
}

/** The transforms that change nothing. */
export const noTransforms: TransformParameters = {
  isMirrored: false,
  quarterTurns: 0,
  shift: [0, 0],
  scale: 1,
  firstAngle: 0,
  aspect: 1,
  secondAngle: 0,
  fractionalShift: [0, 0],
  brightness: 0,
  contrast: 1,
  isInverted: false,
  hue: 0,
  saturation: 1,
};

/** Largest whole shift, and deviation of a fractional one, as fractions of the sides. */
const ofSide = 0.125;
/** Deviations of the factors' logarithms to base 2. */
const spread = { scale: 0.2, aspect: 0.2, contrast: 0.5, saturation: 1 } as const;
const brightnessDeviation = 0.2;

/** Draws the transforms of one image; each happens with `probability`. The count of numbers drawn is always the same. */
export function drawTransforms(random: Random, probability: number, size: ImageSize): TransformParameters {
  const { width, height } = size;
  /** `drawn` with a probability, else `otherwise`. */
  const maybe = <T>(drawn: T, otherwise: T, chance = probability): T =>
    random.uniform() < chance ? drawn : otherwise;
  // Each of the two rotations has the probability with which either happens with `probability`.
  const ofRotation = 1 - Math.sqrt(1 - probability);
  const factor = (deviation: number): number => 2 ** (deviation * random.normal());
  const around = (limit: number): number => (2 * random.uniform() - 1) * limit;
  const whole = (side: number): number => Math.round(around(ofSide) * side);
  const part = (side: number): number => random.normal() * ofSide * side;
  return {
    isMirrored: maybe(random.integer(2) === 1, false),
    quarterTurns: maybe(random.integer(4), 0),
    shift: maybe([whole(width), whole(height)], [0, 0]),
    scale: maybe(factor(spread.scale), 1),
    firstAngle: maybe(around(Math.PI), 0, ofRotation),
    aspect: maybe(factor(spread.aspect), 1),
    secondAngle: maybe(around(Math.PI), 0, ofRotation),
    fractionalShift: maybe([part(width), part(height)], [0, 0]),
    brightness: maybe(random.normal() * brightnessDeviation, 0),
    contrast: maybe(factor(spread.contrast), 1),
    isInverted: maybe(random.integer(2) === 1, false),
    hue: maybe(around(Math.PI), 0),
    saturation: maybe(factor(spread.saturation), 1),
  };
}

/** The movement of an image by its transforms; null if it stays where it is. */
export function movementOf(transforms: TransformParameters): Movement | null {
  const { isMirrored, quarterTurns, shift, scale, aspect, firstAngle, secondAngle, fractionalShift } =
    transforms;
  // The map goes from the pixels made to those of the image, so each factor is the inverse of its transform.
  const factors: readonly Affine[] = [
    scaling(isMirrored ? -1 : 1, 1),
    quarterTurn(quarterTurns),
    translation(-shift[0], -shift[1]),
    scaling(1 / scale, 1 / scale),
    rotation(firstAngle),
    scaling(1 / aspect, aspect),
    rotation(secondAngle),
    translation(-fractionalShift[0], -fractionalShift[1]),
  ];
  const map = factors.reduce(composed);
  const isExact =
    scale === 1 && aspect === 1 && !firstAngle && !secondAngle && !fractionalShift.some(Boolean);
  const isStill = (Object.keys(identity) as (keyof Affine)[]).every((key) => map[key] === identity[key]);
  return isStill ? null : { map, isExact };
}

/** The colours of an image by its transforms. */
export function colourMapOf(transforms: TransformParameters): ColourMap {
  const { brightness, contrast, isInverted, hue, saturation } = transforms;
  const lightness = isInverted ? -contrast : contrast;
  return { lightness, offset: lightness * brightness, hue, saturation: contrast * saturation };
}
