// The size of images in a configuration: one number for squares, or a text such as 64x96 (width x height).
import {
  shortSize,
  type Channels,
  type ImageShape,
  type ImageSize,
} from '../../runtime-web/format/image-shape.ts';
import { findStages, nearestSize } from './stages.ts';
import type { Rule } from './rules.ts';

/** The shape of a configuration's images. */
export function imageShape({
  imageSize,
  channels,
}: {
  readonly imageSize: number | string;
  readonly channels: Channels;
}): ImageShape {
  return { ...sizeOfText(imageSize)!, channels };
}

/** The size that a configuration's value means; null for any other value. */
export function sizeOfText(value: unknown): ImageSize | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const [, width, height = width] = /^(\d{1,4})(?:[x×](\d{1,4}))?$/.exec(text) ?? [];
  return width === undefined ? null : { width: Number(width), height: Number(height) };
}

/** Sizes from 8 to 1024 pixels a side, whether networks make them or not. */
export const anySizeRule: Rule<number | string> = {
  expects: 'a size such as 64 or 64x96 (width x height), from 8 to 1024 a side',
  placeholder: '<n|WxH>',
  parse: parseSize,
  accepts: (value): value is number | string => {
    const size = sizeOfText(value);
    return size !== null && Object.values(size).every((side) => side >= 8 && side <= 1024);
  },
};

function parseSize(text: string): unknown {
  const size = sizeOfText(text);
  return size === null ? text : shortSize(size);
}

/** Sizes that the networks make. A text of a square becomes a number, so that both name the same run. */
export const imageSizeRule: Rule<number | string> = {
  expects:
    'a size such as 64 or 64x96 (width x height), from 16 to 512 a side, a base of 4 to 16 pixels doubled twice or more',
  placeholder: '<n|WxH>',
  parse: parseSize,
  accepts: (value): value is number | string => {
    const size = sizeOfText(value);
    return size !== null && findStages(size) !== null && shortSize(size) === value;
  },
  hint(value) {
    const size = sizeOfText(value);
    if (size === null) return null;
    return findStages(size) === null
      ? `the nearest is ${shortSize(nearestSize(size))}`
      : `write ${shortSize(size)}`;
  },
};
