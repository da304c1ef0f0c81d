// Pictures prepared for a close comparison, the last few thousand of them: each takes many times what it was made of, and
// is needed for several comparisons, if not for long.
import { pictureBytes, type PictureSet } from './collect-pictures.ts';
import { localContrastOf, preparedLength, preparePicture, type Picture } from './picture.ts';

/** Prepared pictures in memory at once; each takes 12 kB, in colour 24. */
const mostPrepared = 2048;

interface Prepared {
  readonly picture: Picture;
  readonly memory: Float32Array;
}

/** Prepares pictures when they are asked for, unless they were lately. */
export class PreparedPictures {
  private readonly set: Pick<PictureSet, 'pixels' | 'channels'>;
  private readonly most: number;
  /** By number; that which was asked for longest ago comes first. */
  private readonly prepared = new Map<number, Prepared>();
  /** Local contrasts by number, NaN until they are known: a third of the work for eight bytes. */
  private readonly contrasts: Float64Array;

  constructor(set: Pick<PictureSet, 'pixels' | 'channels'>, most: number = mostPrepared) {
    this.set = set;
    this.most = most;
    this.contrasts = new Float64Array(set.pixels.length / pictureBytes(set.channels)).fill(NaN);
  }

  /** The picture of that number, until `most` others have been asked for: its planes are then another's. */
  get(number: number): Picture {
    const { prepared } = this;
    const known = prepared.get(number);
    if (known !== undefined) prepared.delete(number);
    const found = known ?? this.prepare(number, this.spareMemory());
    prepared.set(number, found);
    return found.picture;
  }

  /** New memory, or, where there are as many pictures as there may be, that of the one asked for longest ago. */
  private spareMemory(): Float32Array {
    const { prepared, most } = this;
    if (prepared.size < most) return new Float32Array(preparedLength(this.set.channels));
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
