// Filters as images: those of the first layer of D and of the last layer of G.
import type { TrainConfig } from '../../config/fields.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { stretched, type Picture } from '../../pictures/sheet.ts';

/** The filters of D's first layer [k, k, channels, filters] as small images, one per filter. */
export function seeingKernels(kernel: HostTensor): readonly Picture[] {
  const [, , channels, filters] = kernel.shape as [number, number, number, number];
  return Array.from({ length: filters }, (_, filter) =>
    kernelPicture(kernel, channels, (place, channel) => (place * channels + channel) * filters + filter),
  );
}

/**
 * The last kernel of G as small images, one per filter: the contribution of one unit of the last hidden layer to the image, before
 * the tanh. The kernel of a transposed convolution is [k, k, channels, filters]; that of a convolution is [k, k,
 * filters, channels] and draws rotated by 180 degrees (after the upsampling, which doubles it).
 */
export function drawingKernels(
  { upsampling }: Pick<TrainConfig, 'upsampling'>,
  kernel: HostTensor,
): readonly Picture[] {
  if (upsampling === 'transposed') return seeingKernels(kernel);
  const [height, width, filters, channels] = kernel.shape as [number, number, number, number];
  const last = height * width - 1;
  return Array.from({ length: filters }, (_, filter) =>
    kernelPicture(
      kernel,
      channels,
      (place, channel) => ((last - place) * filters + filter) * channels + channel,
    ),
  );
}

function kernelPicture(
  { shape, data }: HostTensor,
  channels: number,
  indexOf: (place: number, channel: number) => number,
): Picture {
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new RangeError(`kernel: got ${channels} channels, expected 1, 3 or 4`);
  const [height, width] = shape as [number, number];
  const picture = Float32Array.from(
    { length: height * width * channels },
    (_, i) => data[indexOf(Math.floor(i / channels), i % channels)]!,
  );
  return stretched({ height, width, channels, data: picture });
}
