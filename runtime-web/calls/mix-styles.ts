// Mixing styles in a page: each layer of a picture has the style of a latent of its own, coarse ones of one face, fine ones of
// another; and styles are brought nearer to their mean. A chunk of its own, loaded when a page mixes for the first time.
import type { CodeValue, Label } from '../format/condition.ts';
import type { ImagesByKind } from '../image-kinds.ts';
import type { LatentSource } from '../format/latents.ts';
import { toImageData } from '../pictures.ts';
import type { Surroundings } from './call-context.ts';

/** What an image comes back as: ImageData (default), or floats [size, size, channels] in [-1, 1]. */
export type MixedKind = 'image' | 'floats';

/** Whose style a picture's layers have. */
export interface StylePart {
  readonly source: LatentSource;
  /** The first layer that has it, up to the next part's: 0 is the coarsest. `model.styles.layers` tells the sizes of all. */
  readonly from: number;
}

/** Pictures, each with the parts that make it. */
export interface MixStylesRequest<K extends MixedKind = 'image'> {
  /** Parts by rising layer; the first begins at 0. */
  readonly pictures: readonly (readonly StylePart[])[];
  /** 0 is the mean style, 1 (default) leaves them; up to 2. */
  readonly truncation?: number;
  /** Of all pictures, where the model has classes; without it they take turns by the seed of their first part. */
  readonly label?: Label | undefined;
  /** The same, where it has codes. */
  readonly codes?: readonly CodeValue[] | undefined;
  readonly as?: K;
  readonly signal?: AbortSignal | undefined;
}

/** Pictures that are drawn at once: few enough that stopping is soon. */
const pieceSize = 8;

/** Draws them. Throws RangeError for a model without styles, and with TypeError for what makes no sense. */
export async function mixStyles<K extends MixedKind = 'image'>(
  request: MixStylesRequest<K>,
  { model, signal, latentOf, condition, ask }: Surroundings,
): Promise<ImagesByKind[K][]> {
  const { pictures, truncation = 1, label: labels, codes, as = 'image' } = request;
  const { styles, imageSize, channels, latent } = model;
  if (styles === null) {
    throw new RangeError(`${model.name}: it has no styles; only models of --network stylegan have`);
  }
  if (as !== 'image' && as !== 'floats')
    throw new TypeError(`as: got ${String(as)}, expected image or floats`);
  if (!(truncation >= 0 && truncation <= 2)) {
    throw new RangeError(`truncation: got ${truncation}, expected a number from 0 to 2`);
  }
  if (!Array.isArray(pictures)) throw new TypeError('pictures: expected a list of lists of parts');
  for (const [i, parts] of pictures.entries()) checkParts(parts, `pictures[${i}]`, styles.layers.length);

  const drawn: Float32Array<ArrayBuffer>[] = [];
  for (let first = 0; first < pictures.length; first += pieceSize) {
    signal.throwIfAborted();
    const piece: readonly (readonly StylePart[])[] = pictures.slice(first, first + pieceSize);
    const parts = piece.flatMap((own) => own);
    const z = new Float32Array(parts.length * latent.dim);
    parts.forEach(({ source }, i) => z.set(latentOf(source), i * latent.dim));
    const turns = piece.flatMap((own) => own.map(() => turnOf(own[0]!.source)));
    const given = { z, count: parts.length, condition: await condition({ labels, codes }, turns) };
    const w = await ask('mapping', 'mapStyles', given);
    for (let i = 0; i < w.length; i++) {
      const mean = styles.mean[i % styles.dim]!;
      w[i] = mean + truncation * (w[i]! - mean);
    }
    const each = new Float32Array(piece.length * styles.layers.length * styles.dim);
    let [place, part] = [0, 0];
    for (const own of piece) {
      for (let layer = 0; layer < styles.layers.length; layer++, place += styles.dim) {
        const index = part + own.findLastIndex((one) => one.from <= layer);
        each.set(w.subarray(index * styles.dim, (index + 1) * styles.dim), place);
      }
      part += own.length;
    }
    const images = await ask('synthesis', 'synthesise', { styles: each, count: piece.length });
    const length = imageSize * imageSize * channels;
    piece.forEach((_, i) => drawn.push(images.slice(i * length, (i + 1) * length)));
  }
  const asked = as === 'floats' ? drawn : drawn.map((floats) => toImageData(floats, model));
  return asked as ImagesByKind[K][];
}

/** A picture's turn (see `conditionFor`): the seed of its first part. */
const turnOf = (source: LatentSource): number => (typeof source === 'number' ? source : 0);

/** Throws TypeError and RangeError for parts that do not say whose style each layer has. */
function checkParts(parts: unknown, name: string, layers: number): void {
  if (!Array.isArray(parts) || parts.length === 0) throw new TypeError(`${name}: expected a list of parts`);
  let least = 0;
  for (const [i, part] of (parts as readonly StylePart[]).entries()) {
    const isInOrder = i === 0 ? part.from === 0 : part.from >= least;
    if (!Number.isInteger(part.from) || !isInOrder || part.from >= layers) {
      const expected = i === 0 ? '0' : `a whole number from ${least} to ${layers - 1}`;
      throw new RangeError(`${name}[${i}].from: got ${String(part.from)}, expected ${expected}`);
    }
    least = part.from + 1;
  }
}
