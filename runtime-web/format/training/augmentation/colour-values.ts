// The numbers of ADA's maps of colours, one map for each image: they change the lightness along the axis of greys, and turn and stretch the
// colours around it. `mapColours` of the trainer's step applies them.

/**
 * A map of colours in [-1, 1]. With m the mean of red, green and blue, m becomes `lightness` m + `offset`; the colour's difference from
 * m turns by `hue` radians around the axis of greys and is multiplied by `saturation`.
 */
export interface ColourMap {
  readonly lightness: number;
  readonly offset: number;
  readonly hue: number;
  readonly saturation: number;
}

/** The shapes of the tensors that the step takes for images of this number of channels; a fourth (alpha) keeps its values. */
export function colourInputs(
  batch: number,
  channels: number,
): Readonly<Record<'colourMatrix' | 'colourOffset', readonly number[]>> {
  const mapped = Math.min(channels, 3);
  return {
    colourMatrix: [batch, mapped, mapped],
    colourOffset: [batch, mapped, 1],
  };
}

/** Writes the matrix of image `index`, and its offset, into the data of {@link colourInputs}. */
export function writeColourMap(
  data: Readonly<Record<keyof ReturnType<typeof colourInputs>, Float32Array>>,
  index: number,
  map: ColourMap,
): void {
  const mapped = data.colourMatrix.length / data.colourOffset.length;
  data.colourMatrix.set(mapped === 1 ? [map.lightness] : matrixOf(map), index * mapped * mapped);
  data.colourOffset.fill(map.offset, index * mapped, (index + 1) * mapped);
}

/** The 3 x 3 matrix of a map, without its offset: exactly the identity for the map that changes nothing. */
function matrixOf({ lightness, hue, saturation }: ColourMap): readonly number[] {
  const along = saturation * Math.cos(hue);
  const across = (saturation * Math.sin(hue)) / Math.sqrt(3);
  const shared = (lightness - along) / 3;
  const [next, previous] = [shared - across, shared + across];
  return [
    ...[shared + along, next, previous],
    ...[previous, shared + along, next],
    ...[next, previous, shared + along],
  ];
}
