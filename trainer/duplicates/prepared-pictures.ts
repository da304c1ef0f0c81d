// Cache of a few thousand prepared images: each takes many times the memory of its pixels and is needed for several comparisons
// in a short time.
import { pictureBytes, type PictureSet } from './collect-pictures.ts';
import { localContrastOf, preparedLength, preparePicture, type Picture } from './picture.ts';

/** Default maximum number in memory; each takes 12 kB, 24 kB in colour. */
const maxPrepared = 2048;

interface Prepared {
  readonly picture: Picture;
  readonly memory: Float32Array;
}

/** Prepares images on demand and keeps the most recent. */
export class PreparedPictures {
  private readonly set: Pick<PictureSet, 'pixels' | 'channels'>;
  private readonly limit: number;
  /** By index, the least recently used first. */
  private readonly prepared = new Map<number, Prepared>();
  /** Local contrasts by index, NaN until known: 8 bytes save a third of the work. */
  private readonly contrasts: Float64Array;

  constructor(set: Pick<PictureSet, 'pixels' | 'channels'>, limit: number = maxPrepared) {
    this.set = set;
    this.limit = limit;
    this.contrasts = new Float64Array(set.pixels.length / pictureBytes(set.channels)).fill(NaN);
  }

  /** The prepared image; its planes are valid until `limit` others have been requested. */
  get(number: number): Picture {
    const { prepared } = this;
    const known = prepared.get(number);
    if (known !== undefined) prepared.delete(number);
    const found = known ?? this.prepare(number, this.spareMemory());
    prepared.set(number, found);
    return found.picture;
  }

  /** New memory, or, if the cache is full, that of the least recently used image. */
  private spareMemory(): Float32Array {
    const { prepared, limit } = this;
    if (prepared.size < limit) return new Float32Array(preparedLength(this.set.channels));
    const [oldest, { memory }] = prepared.entries().next().value!;
    prepared.delete(oldest);
    return memory;
  }

  private prepare(number: number, memory: Float32Array): Prepared {
    const { pixels, channels } = this.set;
    const { contrasts } = this;
    const length = pictureBytes(channels);
    const bytes = pixels.subarray(number * length, (number + 1) * length);
    if (Number.isNaN(contrasts[number])) contrasts[number] = localContrastOf(bytes, channels);
    return { picture: preparePicture(bytes, channels, memory, contrasts[number]), memory };
  }
}
