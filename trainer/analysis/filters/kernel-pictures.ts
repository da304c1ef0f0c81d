// Filters as pictures: those that see the image itself, and those that draw it.
import type { TrainConfig } from '../../config/fields.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { stretched, type Picture } from '../../pictures/sheet.ts';

/** What each filter of D's first layer looks for: its kernel [k, k, channels, filters] as one small picture a filter. */
export function seeingKernels(kernel: HostTensor): readonly Picture[] {
  const [, , channels, filters] = kernel.shape as [number, number, number, number];
  return Array.from({ length: filters }, (_, filter) =>
    kernelPicture(kernel, channels, (place, channel) => (place * channels + channel) * filters + filter),
  );
}

/**
 * What one unit of G's last hidden layer adds to the image, before the tanh: the last kernel as one small picture a filter.
 * A transposed convolution's is [k, k, channels, filters]; a convolution's is [k, k, filters, channels] and draws turned
 * by 180 degrees (behind the upsampling, that doubles it).
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
  if (channels !== 1 && channels !== 3)
    throw new RangeError(`a kernel of ${channels} channels is no picture`);
  const [height, width] = shape as [number, number];
  const picture = Float32Array.from(
    { length: height * width * channels },
    (_, i) => data[indexOf(Math.floor(i / channels), i % channels)]!,
  );
  return stretched({ height, width, channels, data: picture });
}
