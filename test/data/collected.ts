// Reads a whole source, and checks refusals as a user sees them.
import { square } from '../../runtime-web/format/image-shape.ts';
import * as assert from 'uvu/assert';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { UserError } from '../../trainer/errors.ts';
import type { ImageSource } from '../../trainer/data/source.ts';

/** Every image of a source at a size, in order. */
export async function collected(
  source: ImageSource,
  size: number,
  channels: 1 | 3 = source.channels,
): Promise<{ name: string; label: number; attributes: Float32Array | null; pixels: Uint8Array }[]> {
  const all = [];
  for await (const { name, label, attributes, render } of source.images()) {
    all.push({
      name,
      label,
      attributes,
      pixels: await render({ ...square(size), channels, framing: defaultFraming }),
    });
  }
  return all;
}

/** Asserts that a promise is refused with a UserError of one line that matches all patterns. */
export async function refuses(promise: Promise<unknown>, ...patterns: readonly RegExp[]): Promise<void> {
  let error: unknown = null;
  try {
    await promise;
  } catch (caught) {
    error = caught;
  }
  assert.instance(error, UserError, `expected a UserError, got ${String(error)}`);
  const { message } = error as UserError;
  assert.not.match(message, /\n/);
  for (const pattern of patterns) assert.match(message, pattern);
}
