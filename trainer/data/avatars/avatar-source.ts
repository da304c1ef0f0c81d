// The built-in data set: avatars drawn at the requested size.
import type { ImageShape } from '../../../runtime-web/format/image-shape.ts';
import { UserError } from '../../errors.ts';
import type { ImageSource } from '../source.ts';
import { framer, type Framing } from '../framing.ts';
import { inChannels } from '../../../runtime-web/format/in-channels.ts';
import {
  avatarAttributes,
  avatarTable,
  avatarVector,
  type AvatarAttributes,
} from '../../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../../runtime-web/format/avatars/draw-avatar.ts';

/** Default number of avatars. */
export const defaultAvatarCount = 10_000;

/**
 * Version of the drawing code: increase it if an avatar of the same seed and index looks different, so that cached ones
 * are drawn again.
 */
export const avatarVersion = 1;

/** The first `count` avatars of seed 0. Throws UserError for a count out of range. */
export function openAvatars(count = defaultAvatarCount): ImageSource {
  if (!Number.isInteger(count) || count < 1 || count > 10_000_000) {
    throw new UserError(`avatars: got a count of ${count}, expected 1 to 10,000,000`);
  }
  const seed = 0;
  return {
    kind: 'avatars',
    name: 'avatars',
    count,
    channels: 3,
    naturalSize: null,
    classNames: null,
    attributes: avatarTable,
    fingerprint: `avatars ${avatarVersion}, seed ${seed}, ${count}`,
    async *images(signal) {
      for (let index = 0; index < count; index++) {
        signal?.throwIfAborted();
        const attributes = avatarAttributes(index, seed);
        yield {
          name: `avatar ${index}`,
          label: -1,
          attributes: avatarVector(attributes),
          render: ({ framing, ...shape }) => avatarOfShape(attributes, shape, framing),
        };
      }
    },
    close: async () => {},
  };
}

/** Draws an avatar, [height, width, channels] uint8; one that is no square is framed like any other image. */
export function avatarOfShape(
  attributes: AvatarAttributes,
  { width, height, channels }: ImageShape,
  framing: Framing,
): Uint8Array | Promise<Uint8Array> {
  const side = Math.max(width, height);
  const square = drawAvatar(attributes, side);
  if (width === height) return inChannels(square, 3, channels);
  const frame = framer({ width: side, height: side, channels: 3 }, { width, height }, framing);
  return Promise.resolve(frame(square)).then((pixels) => inChannels(pixels, 3, channels));
}
