// A source whose images are numbers, for tests that work with any source.
import type { ImageSource, Rendering } from '../../trainer/data/source.ts';
import { BadImageError } from '../../trainer/data/source.ts';

/** The source's peculiarities. */
export interface SyntheticOptions {
  readonly count: number;
  readonly channels?: 1 | 3;
  readonly classes?: number;
  readonly attributes?: number;
  /** True if image i is unreadable. */
  readonly isBad?: (index: number) => boolean;
  /** Called before image i is rendered. */
  readonly onRender?: (index: number) => void | Promise<void>;
  readonly fingerprint?: string;
}

/** Image i is filled with the bytes of i, little-endian, repeated; its class is i modulo the classes; attribute a is i + a / 10. */
export function syntheticSource(options: SyntheticOptions): ImageSource & { rendered: number } {
  const { count, channels = 1, classes = 0, attributes = 0 } = options;
  const source = {
    rendered: 0,
    kind: 'folder',
    name: 'numbers',
    count,
    channels,
    naturalSize: null,
    classNames: classes === 0 ? null : Array.from({ length: classes }, (_, i) => `class ${i}`),
    attributes:
      attributes === 0
        ? null
        : Array.from({ length: attributes }, (_, i) => ({
            name: `attribute ${i}`,
            kind: 'continuous' as const,
            values: null,
            range: [0, count + 1] as const,
          })),
    fingerprint: options.fingerprint ?? 'numbers',
    async *images(signal?: AbortSignal) {
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        yield {
          name: `${i}.png`,
          label: classes === 0 ? -1 : i % classes,
          attributes:
            attributes === 0 ? null : Float32Array.from({ length: attributes }, (_, a) => i + a / 10),
          render: async ({ width, height, channels: wanted }: Rendering) => {
            await options.onRender?.(i);
            source.rendered += 1;
            if (options.isBad?.(i) === true) throw new BadImageError('broken');
            return numbered(i, width * height * wanted);
          },
        };
      }
    },
    close: async () => {},
  } satisfies ImageSource & { rendered: number };
  return source;
}

/** The pixels of synthetic image i. */
export function numbered(index: number, length: number): Uint8Array {
  const pixels = new Uint8Array(length);
  const view = new DataView(pixels.buffer);
  for (let p = 0; p + 4 <= length; p += 4) view.setUint32(p, index, true);
  return pixels;
}
