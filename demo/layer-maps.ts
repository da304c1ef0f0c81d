// The outputs of layers, as pictures.
import type { LayerActivation } from '../runtime-web/index.ts';

/** The output of one filter, as a grey picture scaled from its minimum to its maximum. */
export interface FilterMap {
  readonly image: ImageData;
  readonly min: number;
  readonly max: number;
}

/** The map of one channel. */
export function mapOf({ size, channels, data }: LayerActivation, channel: number): FilterMap {
  const map = Float32Array.from({ length: size * size }, (_, i) => data[i * channels + channel]!);
  const [min, max] = [Math.min(...map), Math.max(...map)];
  const image = new ImageData(size, size);
  map.forEach((value, i) => {
    const grey = (255 * (value - min)) / (max - min || 1);
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  return { image, min, max };
}

/** The last layer's image, [size, size, 1 or 3] in [-1, 1]. */
export function imageOfLayer({ size, channels, data }: LayerActivation): ImageData {
  const image = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const pixel = Array.from(
      { length: 3 },
      (_, c) => (data[i * channels + (channels === 1 ? 0 : c)]! + 1) * 127.5,
    );
    image.data.set([...pixel, 255], 4 * i);
  }
  return image;
}
