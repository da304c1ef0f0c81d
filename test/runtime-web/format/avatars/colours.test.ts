// The labels of colours are the colours of the drawing: where one label alone changes the picture, the pixels have the colour that its
// name says, in words that anybody understands: hue in degrees, lightness and saturation in percent.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  avatarAttributes,
  avatarTable,
  type AvatarAttributes,
} from '../../../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../../../runtime-web/format/avatars/draw-avatar.ts';

const test = suite('colours of avatars');
const size = 64;
/** Light from the middle, a head that looks ahead and no hat, so that every colour is seen. */
const faces: readonly AvatarAttributes[] = Array.from({ length: 4 }, (_, i) => ({
  ...avatarAttributes(500 + i, 0),
  ...{ hat: false, glasses: false, earrings: false, yaw: 0, light: 0 },
}));

type ColourName = 'hairColour' | 'skinTone' | 'eyeColour' | 'background' | 'clothes';
const valuesOf = (name: ColourName): readonly string[] =>
  avatarTable.find((each) => each.name === name)!.values!;

/** Hue in [0, 360), saturation and lightness in percent, of red, green and blue in [0, 255] (CSS Color 4, section 7). */
function hsl([r, g, b]: readonly number[]): { hue: number; saturation: number; lightness: number } {
  const [most, least] = [Math.max(r!, g!, b!), Math.min(r!, g!, b!)];
  const range = most - least;
  const sixth =
    range === 0
      ? 0
      : most === r
        ? (g! - b!) / range
        : most === g
          ? 2 + (b! - r!) / range
          : 4 + (r! - g!) / range;
  const lightness = (most + least) / 510;
  const saturation = range === 0 ? 0 : range / 255 / (1 - Math.abs(2 * lightness - 1));
  return { hue: (60 * sixth + 360) % 360, saturation: 100 * saturation, lightness: 100 * lightness };
}

/** One face with every value of a colour: the places that differ between the pictures, and the mean colour there by value. */
interface Shown {
  readonly places: ReadonlySet<number>;
  readonly colours: readonly (readonly number[])[];
}
const drawn = new Map<string, Shown>();

function shown(face: AvatarAttributes, name: ColourName): Shown {
  const key = `${faces.indexOf(face)} ${name}`;
  const known = drawn.get(key) ?? compared(face, name);
  drawn.set(key, known);
  return known;
}

function compared(face: AvatarAttributes, name: ColourName): Shown {
  const pictures = valuesOf(name).map((value) => drawAvatar({ ...face, [name]: value }, size));
  const places = Array.from({ length: size * size }, (_, p) => p).filter((p) =>
    [0, 1, 2].some((c) => {
      const levels = pictures.map((picture) => picture[3 * p + c]!);
      return Math.max(...levels) - Math.min(...levels) > 48;
    }),
  );
  const colours = pictures.map((picture) =>
    [0, 1, 2].map((c) => places.reduce((sum, p) => sum + picture[3 * p + c]!, 0) / places.length),
  );
  return { places: new Set(places), colours };
}
const at = (x: number, y: number): number => y * size + x;

/** Hues of the words, as wide as people use them. */
const hues: Readonly<Record<string, readonly [number, number]>> = {
  ...{ 'background/sky': [185, 225], 'background/mint': [125, 175], 'background/lemon': [40, 65] },
  ...{ 'background/peach': [15, 38], 'background/rose': [330, 360], 'background/lilac': [240, 285] },
  ...{ 'background/sand': [30, 55], 'background/slate': [195, 235] },
  ...{ 'clothes/red': [345, 375], 'clothes/blue': [200, 230], 'clothes/green': [130, 170] },
  ...{ 'clothes/yellow': [35, 60], 'clothes/purple': [255, 290] },
  ...{ 'hairColour/brown': [5, 30], 'hairColour/chestnut': [10, 30], 'hairColour/ginger': [15, 35] },
  ...{ 'hairColour/blond': [30, 50], 'hairColour/pink': [325, 360] },
};

for (const name of ['background', 'clothes', 'hairColour'] as const) {
  test(`the colours of ${name} have the hues of their names`, () => {
    for (const face of faces) {
      const { colours } = shown(face, name);
      for (const [k, value] of valuesOf(name).entries()) {
        const range = hues[`${name}/${value}`];
        if (range === undefined) continue;
        const { hue } = hsl(colours[k]!);
        const isThere = [hue, hue + 360].some((turned) => turned >= range[0] && turned <= range[1]);
        assert.ok(isThere, `${name} ${value}: hue ${hue.toFixed(0)}`);
      }
    }
  });
}

test('greys have little colour, and are as dark as their names say', () => {
  for (const face of faces) {
    const find = (name: ColourName, value: string) => {
      const { colours } = shown(face, name);
      return hsl(colours[valuesOf(name).indexOf(value)]!);
    };
    assert.ok(find('clothes', 'charcoal').lightness < 35);
    assert.ok(find('clothes', 'white').lightness > 75 && find('clothes', 'white').lightness < 100);
    assert.ok(find('hairColour', 'black').lightness < 25);
    assert.ok(find('hairColour', 'silver').saturation < 20);
    assert.ok(find('background', 'slate').lightness < find('background', 'sky').lightness - 10);
  }
});

test('skins are ordered from light to dark, and the colours of eyes differ as their names do', () => {
  const light = (colour: readonly number[]): number =>
    0.2126 * colour[0]! + 0.7152 * colour[1]! + 0.0722 * colour[2]!;
  for (const face of faces) {
    const skins = shown(face, 'skinTone').colours.map(light);
    skins
      .slice(1)
      .forEach((each, k) => assert.ok(each < skins[k]! - 5, `skin ${k + 1}: ${skins.join(', ')}`));
    const eyes = Object.fromEntries(
      shown(face, 'eyeColour').colours.map((colour, k) => [valuesOf('eyeColour')[k]!, colour]),
    );
    const strongest = (colour: readonly number[]): number => colour.indexOf(Math.max(...colour));
    assert.equal([eyes['brown']!, eyes['green']!, eyes['blue']!].map(strongest), [0, 1, 2]);
    assert.ok(hsl(eyes['grey']!).saturation < hsl(eyes['blue']!).saturation / 2);
  }
});

test('each colour is where it belongs: the corners, the lower edge, the cheek, two eyes', () => {
  for (const face of faces) {
    const background = shown(face, 'background').places;
    const clothes = shown(face, 'clothes').places;
    const skin = shown(face, 'skinTone').places;
    const eyes = shown(face, 'eyeColour').places;
    for (const corner of [at(1, 1), at(62, 1)]) assert.ok(background.has(corner) && !clothes.has(corner));
    // The shoulders at the lower edge, left and right of the middle.
    for (const x of [24, 40]) assert.ok(clothes.has(at(x, 63)) && !background.has(at(x, 63)));
    assert.ok(skin.has(at(28, 38)) && !background.has(at(28, 38)));
    // The irises: two small spots in the upper half of the face, none in the middle column.
    const rows = [...eyes].map((p) => Math.floor(p / size));
    assert.ok(eyes.size > 8 && eyes.size < 120, `${eyes.size} pixels of the eyes`);
    assert.ok(
      Math.min(...rows) > 18 && Math.max(...rows) < 40,
      `rows ${Math.min(...rows)} to ${Math.max(...rows)}`,
    );
    assert.ok(![...eyes].some((p) => p % size === 32));
  }
});

test.run();
