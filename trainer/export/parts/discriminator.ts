// The frozen discriminator as an ONNX file, for pages that show what it looks at.
import type { FrozenDiscriminator } from '../../frozen/frozen-networks.ts';
import { encodeNetwork } from '../onnx-network.ts';

/** What a discriminator's file is made with. */
export interface DiscriminatorFileOptions {
  /** The graph's name in the file. */
  readonly name: string;
  readonly imageSize: number;
  readonly channels: number;
  /** Whether weights are stored in half precision and cast to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of `discriminator.onnx`: `images` [n, size, size, channels] in [-1, 1] → `logits` [n], positive for real, and
 * what each block gives, `discriminator/block1` [n, h, w, c] and so on, float32 all.
 * Throws Error where it cannot be recorded or lowered.
 */
export function encodeDiscriminator(
  discriminator: FrozenDiscriminator,
  { imageSize, channels, ...rest }: DiscriminatorFileOptions,
): Uint8Array {
  return encodeNetwork({
    ...rest,
    parameters: discriminator.parameters,
    inputsAt: (batch) => ({
      images: { shape: [batch, imageSize, imageSize, channels], dtype: 'float32' },
    }),
    compute: (parameters, { images }) => discriminator.layers(parameters, images!),
  });
}
