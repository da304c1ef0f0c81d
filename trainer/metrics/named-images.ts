// The images of some data by name, for pairs: two files are a pair if their paths inside the data are equal, the endings aside.
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import { defaultFraming, type Framing } from '../data/framing.ts';
import { withoutImageEnding } from '../data/image-format.ts';
import { openSource } from '../data/open-source.ts';
import { BadImageError, type SourceImage } from '../data/source.ts';
import { UserError } from '../errors.ts';

/** Images that are decoded when they are read; close them after use. */
export interface NamedImages {
  /** Sorted, each once. */
  readonly names: readonly string[];
  /** Bytes [height, width, channels]. Throws UserError for an image that cannot be read. */
  read(name: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens the data at a path. Throws UserError if two images differ in their endings only. */
export async function openNamedImages(
  path: string,
  {
    width,
    height,
    channels,
    framing = defaultFraming,
    signal,
  }: ImageShape & { readonly framing?: Framing; readonly signal: AbortSignal },
): Promise<NamedImages> {
  const source = await openSource(path, { labels: false, signal });
  const images = new Map<string, SourceImage>();
  try {
    for await (const image of source.images(signal)) {
      const name = stem(image.name);
      const other = images.get(name);
      if (other !== undefined) {
        throw new UserError(
          `--pairs: ${source.name} has ${other.name} and ${image.name}; pairs go by name without its ending, so rename or remove one`,
        );
      }
      images.set(name, image);
    }
  } catch (error) {
    await source.close();
    throw error;
  }
  return {
    names: [...images.keys()].toSorted(),
    async read(name) {
      const image = images.get(name)!;
      try {
        return await image.render({ width, height, channels, framing });
      } catch (error) {
        if (!(error instanceof BadImageError)) throw error;
        throw new UserError(
          `--pairs: ${image.name} of ${source.name} cannot be read (${error.message}); replace it, or remove it and its partner`,
        );
      }
    },
    close: () => source.close(),
  };
}

/** `cats/01.png` → `cats/01`, composed (NFC), as names differ between systems. */
const stem = (name: string): string => withoutImageEnding(name).normalize('NFC');
