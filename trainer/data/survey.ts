// A survey of images, made while they are decoded: formats, sizes, shapes, colours and exact copies.
import { createHash } from 'node:crypto';
import type { ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { ImageFacts } from './image-format.ts';
import type { DataKind, ImageSource, Rendering } from './source.ts';

/** Smallest, median and largest length in pixels. */
export type Spread = readonly [min: number, median: number, max: number];

/** Counts of images; plain JSON. Only images that could be read are counted. */
export interface Survey {
  /** By format, the most frequent one first: `{ JPEG: 180, PNG: 12 }`; the kind of data for images that are no files. */
  readonly formats: Readonly<Record<string, number>>;
  /** Sizes before resizing; null for images that can be drawn at any size. */
  readonly sizes: { readonly width: Spread; readonly height: Spread } | null;
  /** Shapes beside that of the training images: as it is, wider, or taller. */
  readonly shapes: { readonly same: number; readonly wide: number; readonly tall: number };
  readonly colours: { readonly grey: number; readonly colour: number };
  /** Images with an alpha channel, whatever is in it. */
  readonly alpha: number;
  /** Images with a pixel that is not opaque; 0 if they are read without alpha. */
  readonly transparent: number;
  /** Files with several frames or pages, of which the first is used. */
  readonly severalFrames: number;
  /** Images smaller than the training size, which are enlarged. */
  readonly enlarged: number;
  /** Images with the same pixels as an earlier one, at the training size. */
  readonly copies: number;
  /** Sum of each attribute over the images; absent without attributes, and in caches of earlier versions. */
  readonly sums?: readonly number[];
}

/** Names of the kinds of data whose images are no files. */
const kindNames: Partial<Readonly<Record<DataKind, string>>> = {
  avatars: 'drawn',
  idx: 'IDX',
  'cifar-10': 'CIFAR-10',
  'cifar-100': 'CIFAR-100',
  'stl-10': 'STL-10',
};

/** Collects a survey image by image. Memory: a number for each image, and one for each size that occurs. */
export class Surveyor {
  private readonly formats = new Map<string, number>();
  /** Counts by `WIDTHxHEIGHT`. */
  private readonly sizes = new Map<string, number>();
  private readonly seen = new Set<number>();
  private readonly sums: Float64Array;
  private readonly source: Pick<ImageSource, 'kind' | 'channels' | 'naturalSize'>;
  private readonly how: Rendering;
  private grey = 0;
  private alpha = 0;
  private transparent = 0;
  private severalFrames = 0;
  private copies = 0;
  private count = 0;

  constructor(
    source: Pick<ImageSource, 'kind' | 'channels' | 'naturalSize'> & Partial<Pick<ImageSource, 'attributes'>>,
    how: Rendering,
  ) {
    this.source = source;
    this.sums = new Float64Array(source.attributes?.length ?? 0);
    this.how = how;
  }

  /** Adds an image: the facts of its file (null for none), its decoded pixels and its attributes. */
  add(facts: ImageFacts | null, pixels: Uint8Array, attributes: Float32Array | null = null): void {
    attributes?.forEach((value, i) => (this.sums[i]! += value));
    const { kind, naturalSize } = this.source;
    const { format, channels, hasAlpha, frames, ...size } = facts ?? {
      format: kindNames[kind] ?? kind,
      channels: this.source.channels,
      hasAlpha: false,
      frames: 1,
      ...naturalSize,
    };
    this.count += 1;
    this.formats.set(format, (this.formats.get(format) ?? 0) + 1);
    if (size.width !== undefined) {
      const key = `${size.width}x${size.height}`;
      this.sizes.set(key, (this.sizes.get(key) ?? 0) + 1);
    }
    this.grey += Number(channels === 1);
    this.alpha += Number(hasAlpha);
    this.transparent += Number(this.how.channels === 4 && hasTransparency(pixels));
    this.severalFrames += Number(frames > 1);
    // 48 bits: among ten million images, the chance that any two differ and agree in them is a sixth.
    const code = createHash('sha256').update(pixels).digest().readUIntBE(0, 6);
    if (this.seen.has(code)) this.copies += 1;
    else this.seen.add(code);
  }

  /** The survey of the images so far. */
  get result(): Survey {
    const sizes = [...this.sizes].map(([key, count]) => {
      const [width = 0, height = 0] = key.split('x').map(Number);
      return { width, height, count };
    });
    const countIf = (test: (size: (typeof sizes)[number]) => boolean): number =>
      sizes.reduce((sum, size) => sum + (test(size) ? size.count : 0), 0);
    return {
      formats: Object.fromEntries([...this.formats].toSorted((a, b) => b[1] - a[1])),
      sizes:
        sizes.length === 0
          ? null
          : {
              width: spreadOf(sizes.map(({ width, count }) => [width, count])),
              height: spreadOf(sizes.map(({ height, count }) => [height, count])),
            },
      shapes: {
        same: countIf((size) => wideness(size, this.how) === 0),
        wide: countIf((size) => wideness(size, this.how) > 0),
        tall: countIf((size) => wideness(size, this.how) < 0),
      },
      colours: { grey: this.grey, colour: this.count - this.grey },
      alpha: this.alpha,
      transparent: this.transparent,
      severalFrames: this.severalFrames,
      enlarged: countIf((size) => isEnlarged(size, this.how)),
      copies: this.copies,
      ...(this.sums.length > 0 && { sums: [...this.sums] }),
    };
  }
}

/** True if a pixel of [n, 4] is not opaque. */
function hasTransparency(pixels: Uint8Array): boolean {
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i]! < 255) return true;
  return false;
}

/** Positive if an image is wider than the training images' shape, negative if it is taller. */
function wideness(from: ImageSize, to: ImageSize): number {
  return from.width * to.height - from.height * to.width;
}

/** True if an image has fewer pixels than its part of the training image. */
function isEnlarged(from: ImageSize, { width, height, framing: { fit } }: Rendering): boolean {
  const scales = [width / from.width, height / from.height];
  return (fit === 'pad' ? Math.min(...scales) : Math.max(...scales)) > 1;
}

/** The spread of lengths, each with its count. */
function spreadOf(lengths: readonly (readonly [length: number, count: number])[]): Spread {
  const sorted = lengths.toSorted((a, b) => a[0] - b[0]);
  let left = sorted.reduce((sum, [, count]) => sum + count, 0) / 2;
  const median = sorted.find(([, count]) => (left -= count) <= 0) ?? sorted[0]!;
  return [sorted[0]![0], median[0], sorted.at(-1)![0]];
}
