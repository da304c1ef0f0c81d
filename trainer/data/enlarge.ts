// Enlarges generated images for files. Each image is enlarged on its own, so that in a grid no colour of a neighbour gets in, and in
// premultiplied colours, so that none behind full transparency does.
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { toBytes, toFloats } from '../pictures/pixels.ts';
import { resampler } from './resample.ts';

/** The filters: squares of one colour, or smooth. */
export const enlargingNames = ['nearest', 'lanczos'] as const;

/** A whole factor from 1 on, and a filter. */
export interface Enlargement {
  readonly scale: number;
  readonly resample: (typeof enlargingNames)[number];
}

/** Images [n, h, w, c] in [-1, 1], `scale` times as wide and tall; they are rounded to bytes first. */
export function enlarged(images: HostTensor, { scale, resample }: Enlargement): HostTensor {
  if (scale === 1) return images;
  const [n = 0, height = 0, width = 0, channels = 0] = images.shape;
  const to = { width: width * scale, height: height * scale };
  const shape = { width, height, channels: channels as Channels };
  const resize = resampler(shape, { left: 0, top: 0, width, height }, to, resample);
  const length = width * height * channels;
  const data = new Float32Array(images.data.length * scale * scale);
  for (let i = 0; i < n; i++) {
    const bytes = resize(toBytes(images.data.subarray(i * length, (i + 1) * length)));
    toFloats(bytes, data.subarray(i * length * scale * scale));
  }
  return { shape: [n, to.height, to.width, channels], dtype: 'float32', data };
}
