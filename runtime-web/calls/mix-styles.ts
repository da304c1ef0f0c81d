// The mixStyles() call, page side: each layer of an image takes the style of a latent of its own, for example coarse layers from one
// face and fine layers from another (Karras 2018, figure 3); styles can be truncated towards their mean.
import type { CodeValue, Label } from '../format/condition.ts';
import type { Condition } from '../format/wanted-values.ts';
import type { ImagesByKind } from '../image-kinds.ts';
import type { LatentSource } from '../format/latents.ts';
import { checkTruncation, truncate } from '../format/truncate.ts';
import { toImageData } from '../pictures.ts';
import type { CallContext } from './call-context.ts';

/** The form of the images: ImageData (default), or floats [height, width, channels] in [-1, 1]. */
export type MixedKind = 'image' | 'floats';

/** A run of an image's layers that share one latent's style. */
export interface StylePart {
  readonly source: LatentSource;
  /** The first layer of the part, which ends where the next one starts; 0 is the coarsest. `model.styles.layers` lists all sizes. */
  readonly from: number;
}

/** The images to generate, each described by its parts. */
export interface MixStylesRequest<K extends MixedKind = 'image'> {
  /** For each image its parts, in order of layers; the first part starts at layer 0. */
  readonly pictures: readonly (readonly StylePart[])[];
  /** 0 gives the mean style, 1 (default) leaves styles unchanged; at most 4. */
  readonly truncation?: number;
  /** The class of all images, for a model with classes. Default: follows from the seed of each image's first part. */
  readonly label?: Label | undefined;
  /** The codes of all images, for a model with codes. Default: as for `label`. */
  readonly codes?: readonly CodeValue[] | undefined;
  /** Values by name for all images, for a model of any kind. Default: as for `label`. */
  readonly condition?: string | Condition | undefined;
  readonly as?: K;
  readonly signal?: AbortSignal | undefined;
}

/** Images a batch; small, so that an abort takes effect soon. */
const batchSize = 8;

/** Generates the images. Throws RangeError for a model without styles, TypeError and RangeError for an invalid request. */
export const mixStyles =
  ({ model, signal, latentOf, condition, ask }: CallContext) =>
  async <K extends MixedKind = 'image'>(request: MixStylesRequest<K>): Promise<ImagesByKind[K][]> => {
    const { pictures, truncation = 1, label: labels, codes, as = 'image' } = request;
    const asked = { labels, codes, condition: request.condition };
    const { styles, width, height, channels, latent } = model;
    if (styles === null) {
      throw new RangeError(
        `${model.name}: it has no styles; only models of --network stylegan and stylegan2 have`,
      );
    }
    if (as !== 'image' && as !== 'floats')
      throw new TypeError(`as: got ${String(as)}, expected image or floats`);
    checkTruncation(truncation);
    if (!Array.isArray(pictures)) throw new TypeError('pictures: expected a list of lists of parts');
    for (const [i, parts] of pictures.entries()) checkParts(parts, `pictures[${i}]`, styles.layers.length);

    const mixed: Float32Array<ArrayBuffer>[] = [];
    for (let first = 0; first < pictures.length; first += batchSize) {
      signal.throwIfAborted();
      const batch: readonly (readonly StylePart[])[] = pictures.slice(first, first + batchSize);
      const parts = batch.flatMap((own) => own);
      const z = new Float32Array(parts.length * latent.dim);
      parts.forEach(({ source }, i) => z.set(latentOf(source), i * latent.dim));
      const firstSources = batch.flatMap((own) => own.map(() => own[0]!.source));
      const given = { z, count: parts.length, condition: await condition(asked, firstSources) };
      const w = await ask('mapping', 'mapStyles', given);
      truncate(w, truncation, styles.mean);
      const byLayer = new Float32Array(batch.length * styles.layers.length * styles.dim);
      let [offset, firstPart] = [0, 0];
      for (const own of batch) {
        for (let layer = 0; layer < styles.layers.length; layer++, offset += styles.dim) {
          const index = firstPart + own.findLastIndex((part) => part.from <= layer);
          byLayer.set(w.subarray(index * styles.dim, (index + 1) * styles.dim), offset);
        }
        firstPart += own.length;
      }
      const images = await ask('synthesis', 'synthesise', { styles: byLayer, count: batch.length });
      const length = width * height * channels;
      batch.forEach((_, i) => mixed.push(images.slice(i * length, (i + 1) * length)));
    }
    const wanted = as === 'floats' ? mixed : mixed.map((floats) => toImageData(floats, model));
    return wanted as ImagesByKind[K][];
  };

/** Throws TypeError or RangeError unless the parts cover all layers, in order. */
function checkParts(parts: unknown, name: string, layers: number): void {
  if (!Array.isArray(parts) || parts.length === 0) throw new TypeError(`${name}: expected a list of parts`);
  let min = 0;
  for (const [i, part] of (parts as readonly StylePart[]).entries()) {
    const isInOrder = i === 0 ? part.from === 0 : part.from >= min;
    if (!Number.isInteger(part.from) || !isInOrder || part.from >= layers) {
      const expected = i === 0 ? '0' : `a whole number from ${min} to ${layers - 1}`;
      throw new RangeError(`${name}[${i}].from: got ${String(part.from)}, expected ${expected}`);
    }
    min = part.from + 1;
  }
}
