// Faces for the tests of duplicates.
import { square } from '../../runtime-web/format/image-shape.ts';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { openSource } from '../../trainer/data/open-source.ts';

/** The first avatars, each [size, size, 3] uint8. */
export async function drawAvatarPixels(count: number, size: number): Promise<Uint8Array[]> {
  const source = await openSource('avatars', { avatarCount: count });
  const pictures: Uint8Array[] = [];
  for await (const image of source.images())
    pictures.push(await image.render({ ...square(size), channels: 3, framing: defaultFraming }));
  await source.close();
  return pictures;
}
