// The avatars' colours in sRGB. Neighbours in a list are distinguishable at 32 pixels.
import type { backgrounds, clothesColours, eyeColours, hairColours, skinTones } from './attributes.ts';

/** Red, green and blue in [0, 1], as displayed. */
export type Colour = readonly [number, number, number];

/** `#rrggbb` to a colour. */
export function hex(code: string): Colour {
  const value = Number.parseInt(code.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** Linear interpolation from `a` (share 0) to `b` (share 1). */
export function mixed(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Skin tones by name. */
export const skinPalette: Readonly<Record<(typeof skinTones)[number], Colour>> = {
  porcelain: hex('#ffe0cc'),
  fair: hex('#f6c6a3'),
  honey: hex('#e3a673'),
  tan: hex('#c4824f'),
  brown: hex('#9a5d34'),
  deep: hex('#6f4229'),
};

/** Hair colours by name. */
export const hairPalette: Readonly<Record<(typeof hairColours)[number], Colour>> = {
  black: hex('#2b2730'),
  brown: hex('#553524'),
  chestnut: hex('#8a4b2a'),
  ginger: hex('#d56d2e'),
  blond: hex('#ecc06a'),
  silver: hex('#c9cbd3'),
  pink: hex('#e8799f'),
};

/** Eye colours by name. */
export const eyePalette: Readonly<Record<(typeof eyeColours)[number], Colour>> = {
  brown: hex('#6b3f1f'),
  green: hex('#3f9a55'),
  blue: hex('#2f86dd'),
  grey: hex('#8793a0'),
};

/** Background colours by name. */
export const backgroundPalette: Readonly<Record<(typeof backgrounds)[number], Colour>> = {
  sky: hex('#8fcdf2'),
  mint: hex('#9fdfbd'),
  lemon: hex('#fbe38a'),
  peach: hex('#fbbd92'),
  rose: hex('#f5a3b7'),
  lilac: hex('#c3aef2'),
  sand: hex('#e9dcc3'),
  slate: hex('#6f87a3'),
};

/** Colours of clothes and hats by name. */
export const clothesPalette: Readonly<Record<(typeof clothesColours)[number], Colour>> = {
  red: hex('#dc4a48'),
  blue: hex('#2e6fc0'),
  green: hex('#35986a'),
  yellow: hex('#f3b62b'),
  purple: hex('#7a4fae'),
  charcoal: hex('#363c4a'),
  white: hex('#f4f1ea'),
};
