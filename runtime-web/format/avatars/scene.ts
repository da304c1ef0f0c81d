// The common inputs of the functions that draw an avatar's parts.
import type { AvatarAttributes } from './attributes.ts';
import { Canvas } from './canvas.ts';
import { Head } from './head.ts';
import { Light } from './light.ts';
import type { Colour } from './palette.ts';
import { clothesPalette, hairPalette, skinPalette } from './palette.ts';

/** An image in progress, and the avatar's attributes. */
export interface Scene {
  readonly canvas: Canvas;
  readonly attributes: AvatarAttributes;
  readonly head: Head;
  readonly light: Light;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly clothes: Colour;
}

/** A scene with an empty image of `size` pixels. */
export function newScene(attributes: AvatarAttributes, size: number): Scene {
  return {
    canvas: new Canvas(size),
    attributes,
    head: new Head(attributes),
    light: new Light(attributes.light),
    skin: skinPalette[attributes.skinTone],
    hair: hairPalette[attributes.hairColour],
    clothes: clothesPalette[attributes.clothes],
  };
}
